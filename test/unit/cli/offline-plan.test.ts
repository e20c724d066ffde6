import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Workload } from '../../../src/design.ts';
import { checkLimits } from '../../../src/ecs/limits.ts';
import { type PlanJson, planSchema } from '../../../src/report/plan-schema.ts';
import { ecsodus, temporaryFolder } from './command.ts';

const fixtures = new URL('../../fixtures/inspect/', import.meta.url).pathname;
const recorded = (file: string) => readFileSync(join(fixtures, file), 'utf8');
// Each starts a process or more, on whatever machine this is.
vi.setConfig({ testTimeout: 60_000 });
const folder = temporaryFolder();
let made = 0;

/** A folder with the recorded files in it, and those given. */
function workplace(files: Readonly<Record<string, string | Buffer>> = {}): string {
  const path = join(folder, String(made++));
  mkdirSync(path);
  const all = { 'c.json': recorded('containers.json'), 'i.json': recorded('images.json'), ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(path, name), text);
  return path;
}

async function planned(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<PlanJson> {
  const { code, stdout, stderr } = await ecsodus(cwd, ['plan', ...args, '--json'], env);
  expect([code, stderr]).toEqual([0, '']);
  return planSchema.parse(JSON.parse(stdout));
}

const both = ['--containers', 'c.json', '--images', 'i.json'];
const codes = ({ findings }: PlanJson) => findings.map(({ code }) => code);

describe('plan --containers', () => {
  it('plans every container in the file, whatever its state, with no network and no trace', async () => {
    const cwd = workplace();
    // Whoever looked at the operator's SSH or AWS settings would stumble over these.
    for (const name of ['.ssh/config', '.aws/config', '.aws/credentials'])
      mkdirSync(join(cwd, name), { recursive: true });
    const before = readdirSync(cwd);
    const plan = await planned(cwd, both);
    const names = JSON.parse(recorded('containers.json')).map(({ Name }: { Name: string }) => Name.slice(1));
    expect(plan.workloads.flatMap(({ containers }) => containers).sort()).toEqual(names.sort());
    expect(readdirSync(cwd)).toEqual(before);
    expect(plan.migration).toBe('offline');
    expect(plan.totals).toMatchObject({
      changes: 0,
      workloads: plan.workloads.length,
      containers: names.length,
      imageBytes: plan.images.reduce((sum, { bytes }) => sum + bytes, 0),
      dataBytes: 0,
    });
    for (const outcome of ['mapped', 'approximated', 'lost'] as const)
      expect(plan.totals.settings[outcome]).toBe(plan.accounting.filter((row) => row.outcome === outcome).length);
    for (const level of ['info', 'warning', 'blocker'] as const)
      expect(plan.totals.findings[level]).toBe(plan.findings.filter((finding) => finding.level === level).length);
    expect(codes(plan).filter((code) => code === 'not-measured')).toHaveLength(1);
    expect(codes(plan)).not.toContain('image-missing');
    expect(plan.findings.find(({ code }) => code === 'offline')?.message).toMatch(/000000000000.*us-east-1/);
  });

  it('gives definitions that AWS would take, but for what a blocker says', async () => {
    const plan = await planned(workplace(), both);
    const problems = checkLimits(plan.workloads as unknown as Workload[]);
    expect(plan.findings).toEqual(expect.arrayContaining(problems));
  });

  it('is the same for the same files', async () => {
    const cwd = workplace();
    expect(await planned(cwd, both)).toEqual(await planned(cwd, both));
  });

  it('shows no secret, in the document or as text', async () => {
    const cwd = workplace();
    const json = await ecsodus(cwd, ['plan', ...both, '--json', '--out', 'plan.json']);
    const text = await ecsodus(cwd, ['plan', ...both]);
    expect(json.stdout + text.stdout + readFileSync(join(cwd, 'plan.json'), 'utf8')).not.toMatch(/hunter2/);
    expect(JSON.parse(readFileSync(join(cwd, 'plan.json'), 'utf8'))).toEqual(JSON.parse(json.stdout));
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^back {2}redis, db/m);
    expect(text.stdout).toMatch(/lost sink HostConfig\.PidsLimit = 300/);
    expect(text.stdout).toMatch(/ of 9 containers; \d+ MiB of memory reserved/);
  });

  it('goes by ecsodus.yaml where it is there, and needs no source in it', async () => {
    const yaml = 'name: shop\nregion: eu-central-1\nsecrets: plain\nworkloads: {caches: [redis, db]}\n';
    const plan = await planned(workplace({ 'ecsodus.yaml': yaml }), both);
    expect(plan.migration).toBe('shop');
    expect(plan.workloads.map(({ name }) => name)).toContain('caches');
    expect(plan.images[0]?.reference).toMatch(/^000000000000\.dkr\.ecr\.eu-central-1\.amazonaws\.com\/shop\//);
    expect(plan.findings.find(({ code }) => code === 'offline')?.message).not.toMatch(/us-east-1/);
  });

  it('takes the region from the flag, then the environment', async () => {
    const env = { AWS_REGION: 'cn-north-1' };
    const [byFlag, byEnvironment] = [
      await planned(workplace(), [...both, '--region', 'eu-west-1'], env),
      await planned(workplace(), both, env),
    ];
    expect(byFlag.images[0]?.reference).toMatch(/\.eu-west-1\.amazonaws\.com\//);
    expect(byEnvironment.images[0]?.reference).toMatch(/\.cn-north-1\.amazonaws\.com\.cn\//);
  });

  it('plans containers without their images, each with a blocker', async () => {
    for (const args of [
      ['--containers', 'c.json'],
      ['--containers', 'c.json', '--images', 'none.json'],
    ]) {
      const plan = await planned(workplace({ 'none.json': '[]' }), args);
      const missing = plan.findings.filter(({ code }) => code === 'image-missing');
      expect(missing.map(({ level }) => level)).toEqual(Array(9).fill('blocker'));
      expect(missing[0]?.remedy).toMatch(/--images/);
    }
  });

  it('sizes by saved stats', async () => {
    const stats = '{"Name":"dyn","ID":"x","MemUsage":"400MiB / 1GiB"}\n{"Name":"gone","MemUsage":"1MiB / 1GiB"}\n';
    const plan = await planned(workplace({ 's.json': stats }), [...both, '--stats', 's.json']);
    const dyn = plan.workloads.find(({ containers }) => containers.includes('dyn'));
    expect(dyn?.taskDefinition.containerDefinitions[0]?.memoryReservation).toBeGreaterThan(400);
    expect(plan.findings.find(({ code }) => code === 'stats-unknown')?.subject).toBe('gone');
  });
});

describe('--report', () => {
  it('writes the document and its page into a folder that it makes, and says where', async () => {
    const cwd = workplace();
    const { code, stdout, stderr } = await ecsodus(cwd, ['plan', ...both, '--report', 'a/b', '--out', 'plan.json']);
    expect([code, stderr]).toEqual([0, 'Written: a/b/plan.json, a/b/plan.html\n']);
    expect(readFileSync(join(cwd, 'a/b/plan.json'), 'utf8')).toBe(readFileSync(join(cwd, 'plan.json'), 'utf8'));
    const page = readFileSync(join(cwd, 'a/b/plan.html'), 'utf8');
    expect(page).toContain('legacy-db');
    expect(page).not.toMatch(/hunter2/);
    expect(stdout).toMatch(/ of 9 containers/);
  });

  it('says nothing beside one JSON document', async () => {
    const { code, stdout, stderr } = await ecsodus(workplace(), ['plan', ...both, '--report', 'r', '--json']);
    expect([code, stderr]).toEqual([0, '']);
    planSchema.parse(JSON.parse(stdout));
  });
});

describe('exits with 1 and one hint', () => {
  it.each<[string, Readonly<Record<string, string>>, readonly string[], string, RegExp]>([
    ['for a file that is cut off', { 'c.json': '[{"Id":"7f' }, both, 'input-truncated', /^hint {2}Save it/],
    ['for a file that is not there', {}, ['--containers', 'nope.json'], 'input-missing', /^hint {2}Save it/],
    ['for a config that is not there', {}, [...both, '--config', 'x.yaml'], 'config-missing', /--config/],
    ['for a report where a file is', {}, [...both, '--report', 'c.json'], 'report-unwritable', /--report DIR/],
    ['for --images alone', {}, ['--images', 'i.json'], 'flags', /docker inspect/],
    ['for a config that is wrong', { 'ecsodus.yaml': '[]' }, both, 'config-invalid', /ecsodus\.yaml/],
  ])('%s', async (_, files, args, expected, hint) => {
    const { code, stdout, stderr } = await ecsodus(workplace(files), ['plan', ...args, '--json']);
    const { type, code: name, message } = JSON.parse(stdout);
    expect([code, type, name]).toEqual([1, 'error', expected]);
    expect(stderr.trimEnd().split('\n')).toEqual([`error ${message}`, expect.stringMatching(hint)]);
  });
});
