import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PlanDocument } from '../../src/report/plan-document.ts';
import { compareSights, readProofs, type Sight, see } from '../lab/compare.ts';
import { disturbed } from '../lab/disturbed.ts';
import { down } from '../lab/down.ts';
import { inShell, labHost } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { shutIn } from '../lab/network.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { until } from '../lab/processes.ts';
import { restartSshd } from '../lab/sshd.ts';
import { up } from '../lab/up.ts';

const name = 'tunnel';
const uploads = '/var/lib/docker/volumes/blog-uploads/_data';
let lab: Lab;
let operator: Operator;
let original: Sight;

beforeAll(async () => {
  lab = await up(name);
  await shutIn(await droplet());
  await inShell(await droplet(), `head -c 60000000 /dev/urandom > ${uploads}/film.mp4`);
  const extra = 'settleSeconds: 0\nhealthTimeoutSeconds: 60\nsnapshot: none\nsampleSeconds: 1\n';
  operator = await makeOperator(lab, { extra });
  original = await see(lab, 'droplet', lab.droplet.address);
});

afterAll(() => down(name));

const droplet = () => labHost(name, 'droplet');
const instance = () => labHost(name, 'instance');

/** The copy is under way, and takes some seconds more. */
const copying = /"type":"progress".*"id":"dataset:volumes\/blog-uploads".*"doneBytes":[1-9]/;
const slowly = ['run', '--yes', '--bwlimit', '25000'] as const;
const job = '/run/ecsodus/blog/copy-live-volumes_blog-uploads';

const listOf = (at: string) =>
  `cd ${at} && { find . -printf '%P %y %m %U:%G %T@\\n'; find . -type f -exec sha256sum {} +; } | LC_ALL=C sort | sha256sum`;

const sameUploads = async () =>
  expect(await inShell(await instance(), listOf('/data/volumes/blog-uploads'))).toBe(
    await inShell(await droplet(), listOf(uploads)),
  );

const planned = async (): Promise<PlanDocument> =>
  JSON.parse(await readFile(join(operator.directory, '.ecsodus/blog/plan.json'), 'utf8'));

it('sshd of the source is restarted in the middle of a copy, and it goes on; then the operator is killed', async () => {
  const { signal } = await disturbed(operator, slowly, copying, async (child) => {
    await restartSshd(await droplet());
    await until('the copy to go on', 30_000, async () =>
      (await inShell(await droplet(), `sed '1,/exit code .* try 1 of/d' ${job}.log`)).includes('%') ? true : undefined,
    );
    child.kill('SIGKILL');
  });
  expect(signal).toBe('SIGKILL');
  expect((await planned()).findings).toContainEqual(
    expect.objectContaining({
      code: 'data-way',
      message: expect.stringContaining('if that can be reached from there'),
    }),
  );
});

it('the next run gives that copy a tunnel again, and goes to its end', async () => {
  await inShell(await droplet(), `kill -0 $(cat ${job}.pid)`);
  const { code, stderr, stdout } = await ecsodus(operator, 'run', '--yes', '--json');
  expect(code, stderr + stdout.slice(-2000)).toBe(0);
  expect(stdout).not.toMatch(/"type":"change-begin".*"id":"forward:/);
});

it('its plan said which way the data goes and why, and that nobody can be sent on', async () => {
  const { findings, changes } = await planned();
  const { address } = await instance();
  expect(findings).toContainEqual({
    level: 'info',
    code: 'data-way',
    subject: 'droplet',
    message: `The data goes through this machine: droplet does not reach port 22 of ${address} (timed out).`,
    remedy: expect.stringContaining('Keep it awake'),
  });
  expect(findings).toContainEqual(expect.objectContaining({ code: 'not-forwarded', level: 'warning' }));
  const ids = changes.map(({ id }) => id);
  expect(ids.filter((id) => id.startsWith('forward:'))).toEqual([]);
  expect(ids).toContain('dataset:volumes/blog-uploads');
});

it('the target has the same data, proved, and serves the same; nobody is sent where he cannot come', async () => {
  const host = await instance();
  const sight = await see(lab, host.name, host.address);
  expect(compareSights(original, sight, 'now').filter(({ status }) => status === 'fail')).toEqual([]);
  expect((await readProofs(host)).map(({ name: dataset }) => dataset)).toContain('volumes/blog-uploads');
  await sameUploads();
  expect(await inShell(await droplet(), 'iptables-save | grep -c ecsodus; docker ps -q')).toBe('0\n');
});

it('the way back brings along what was written on the target', async () => {
  await inShell(await instance(), 'cd /data/volumes/blog-uploads && echo new > new-file && rm photo-001.jpg');
  const { code, stderr } = await ecsodus(operator, 'rollback', '--yes', '--bring-data-back');
  expect(code, stderr).toBe(0);
  await sameUploads();
  expect(await inShell(await droplet(), `cat ${uploads}/new-file; ls ${uploads} | grep -c photo-001; :`)).toBe(
    'new\n0\n',
  );
  expect(await inShell(await droplet(), 'docker ps -q | wc -l')).not.toBe('0\n');
});
