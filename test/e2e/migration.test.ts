import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask } from '../../src/answers.ts';
import type { JournalEntry } from '../../src/journal.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import type { Change } from '../../src/step.ts';
import { run } from '../lab/command.ts';
import { compareSights, type Sight, see } from '../lab/compare.ts';
import { down } from '../lab/down.ts';
import { inHost, inShell, labHost } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { up } from '../lab/up.ts';
import { runLine } from '../unit/cli/run-event-schema.ts';
import { recorded, touchable } from './recorded.ts';
import { resources } from './resources.ts';

const name = 'migration';
const home = 'http://blog.example.test/';
const waits = 'settleSeconds: 4\nhealthTimeoutSeconds: 120\n';
let lab: Lab;
let operator: Operator;
let before: Sight;

beforeAll(async () => {
  lab = await up(name);
  operator = await makeOperator(lab, { extra: waits });
});

afterAll(() => down(name));

const droplet = () => labHost(name, 'droplet');
const instance = () => labHost(name, 'instance');

const journal = async (): Promise<JournalEntry[]> =>
  (await readFile(join(operator.directory, '.ecsodus/blog/journal.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalEntry);

/** A change in words, wherever it stands: in a plan, or in the journal. */
const told = (step: string, { id, verb, target }: { id: string; verb: string; target: string }) =>
  `${step}: ${id}: ${verb} ${target}`;

const planned = (plan: string, steps = /./): string[] =>
  (JSON.parse(plan).changes as (Change & { step: string })[])
    .filter(({ step }) => steps.test(step))
    .map((change) => told(change.step, change))
    .sort();

/** All that a run made, or tried to, of which there are `before` older entries; what was tried again counts once. */
const begun = async (before: number): Promise<string[]> => {
  const entries = (await journal()).slice(before);
  const changes = entries.flatMap((entry) => (entry.kind === 'begin' ? [told(entry.step, entry.change)] : []));
  return [...new Set(changes)].sort();
};

/** Plans, and shows that nothing was changed by it: on the hosts, in AWS, in the registry. */
async function planUntouched(...words: readonly string[]) {
  const before = { hosts: await touchable(lab), aws: await resources(lab) };
  const { outcome, asked, writes } = await recorded(lab, operator, (recording) => ecsodus(recording, 'plan', ...words));
  expect(writes).toEqual([]);
  expect(asked.filter((call) => call.startsWith('registry')).length, 'of the registry').toBeGreaterThan(4);
  expect(asked.length, 'of AWS').toBeGreaterThan(20);
  expect(await resources(lab)).toEqual(before.aws);
  // Sessions end, and health checks come and go, a moment later.
  await vi.waitFor(async () => expect(await touchable(lab)).toEqual(before.hosts), { timeout: 10_000, interval: 500 });
  return outcome;
}

const failsAt = (sight: Sight) => compareSights(before, sight, 'now').filter(({ status }) => status === 'fail');

/** Runs until a change begins, and kills the command there and then. */
async function killAt(changeId: RegExp, ...words: [string, ...string[]]): Promise<void> {
  const [file = '', ...args] = operator.argv(...words);
  const child = spawn(file, args, { cwd: operator.directory, env: operator.env, stdio: ['ignore', 'pipe', 'inherit'] });
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen += text;
    if (seen.split('\n').some((line) => line.includes('"change-begin"') && changeId.test(line))) child.kill('SIGKILL');
  });
  const signal = await new Promise((resolve) => child.on('close', (_, by) => resolve(by)));
  expect(signal, 'killed before it ended by itself').toBe('SIGKILL');
}

/** A container that lives by a file in its writable layer: from its image alone, as on ECS, it dies at once. */
const startFragile = `docker create --name fragile --restart unless-stopped example/static:1 \
  sh -c 'test -e /opt/state || { echo my state is gone; exit 3; }; exec sleep 100000'
echo state > /tmp/state && docker cp /tmp/state fragile:/opt/state && docker start fragile`;

describe('a migration', () => {
  it('plans the same twice, and changes nothing by it', async () => {
    const first = await planUntouched('--json');
    const second = await ecsodus(operator, 'plan', '--json', '--detailed-exitcode');
    expect([first.code, second.code]).toEqual([0, 2]);
    expect(JSON.parse(first.stdout).hash).toBe(JSON.parse(second.stdout).hash);
    const saved = await ecsodus(operator, 'plan', '--out', 'plan.json', '--report', 'seen');
    expect(saved.code, saved.stderr).toBe(0);
    const read = (file: string) => readFile(join(operator.directory, file), 'utf8');
    expect(await read('seen/plan.json')).toBe(await read('plan.json'));
    expect(await read('seen/plan.html')).toContain(JSON.parse(first.stdout).hash);
  });

  it('goes on where it was killed, and makes nothing twice', async () => {
    await killAt(/push:blog\/mariadb/, 'run', '--yes', '--json', '--until', 'register-tasks');
    const status = JSON.parse((await ecsodus(operator, 'status', '--json')).stdout);
    expect(status.steps.find(({ id }: { id: string }) => id === 'push-images').inDoubt[0]).toMatch(
      /^push:blog\/mariadb/,
    );
    await killAt(/dataset:volumes\/db-data/, 'run', '--yes', '--json', '--until', 'register-tasks');
    // As it was planned before all of this.
    const { code, stdout, stderr } = await ecsodus(operator, 'run', '--plan', 'plan.json', '--until', 'register-tasks');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^ {2}copy \/data\/volumes\/db-data$[\s\S]*^ {2}done: copy \/data\/volumes\/db-data, /m);
    expect(stdout, 'not on a terminal').not.toContain('\x1b');
    const saved = await readFile(join(operator.directory, 'plan.json'), 'utf8');
    expect(await begun(0)).toEqual(planned(saved, /^(?!cut-over|verify)/));
    const done = (await journal()).filter(({ kind }) => kind === 'done').map(({ step, id }) => `${step} ${id}`);
    expect(new Set(done).size).toBe(done.length);
    expect(await resources(lab)).toEqual(
      expect.arrayContaining([
        'ec2 Instance 1',
        'ecr Repository 5',
        'ecs Cluster 1',
        'ecs TaskDefinition 1',
        'iam Role 2',
      ]),
    );
  });

  it('plans what is left, and changes nothing on the instance either', async () => {
    const { code, stdout } = await planUntouched('--json');
    expect(code).toBe(0);
    expect(planned(stdout, /^(?!cut-over)/)).toEqual([]);
  });

  it('never takes a crashing container for a healthy one, and gives the site back to the source', async () => {
    await inShell(await droplet(), startFragile);
    // What it wrote is seen; an operator who says that it may stay behind is wrong here.
    operator = await makeOperator(lab, { extra: `${waits}outsideVolumes: { fragile: ignore }\n` });
    before = await see(lab, 'droplet', lab.droplet.address);
    const { code, stdout, stderr } = await ecsodus(operator, 'run', '--yes', '--json');
    expect(code, stderr).toBe(1);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const error = lines.at(-1);
    expect(error).toMatchObject({
      code: 'not-healthy',
      message: expect.stringMatching(/fragile.*source has taken over again/),
    });
    expect(error.evidence.join('\n')).toMatch(/exit code 3[\s\S]*my state is gone/);
    expect(
      lines.some(({ type, change }) => type === 'change-begin' && /^forward:/.test(change.id)),
      'visitors sent to it',
    ).toBe(false);
    expect(failsAt(await see(lab, 'droplet', lab.droplet.address))).toEqual([]);
    expect(
      await inShell(await droplet(), "docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' db proxy fragile"),
    ).toBe('unless-stopped\n'.repeat(3));
  });

  it('moves what was written to the last moment, and visitors arrive at the old address', async () => {
    await inShell(await droplet(), 'docker rm -f fragile');
    operator = await makeOperator(lab, { extra: waits });
    await run([
      'curl',
      '-sf',
      '-H',
      'Host: blog.example.test',
      '-d',
      '{"title":"late"}',
      `http://${lab.droplet.address}/posts`,
    ]);
    await inShell(await droplet(), "docker exec -u 0 blog sh -c 'echo late > /var/lib/blog/uploads/late.txt'");
    before = await see(lab, 'droplet', lab.droplet.address);
    const shown = (await ecsodus(operator, 'plan', '--json')).stdout;
    const { length } = await journal();
    const { code, stdout, stderr } = await ecsodus(operator, 'run', '--yes', '--json');
    expect(code, stderr).toBe(0);
    expect(await begun(length)).toEqual(planned(shown));
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => runLine.parse(JSON.parse(line)));
    const silence = lines.flatMap((line) =>
      line.type === 'progress' && line.id === 'cut-over' ? [line.progress] : [],
    );
    expect(silence.at(0)).toEqual({ message: 'visitors wait', since: expect.any(String) });
    expect(silence.at(-1)?.message).toMatch(/^visitors waited \d/);
    const host = await instance();
    expect(before.rows).toBe(52_001);
    expect(failsAt(await see(lab, host.name, host.address))).toEqual([]);
    const late = `${home}uploads/late.txt`;
    expect(await ask(late, lab.droplet.address)).toEqual(await ask(late, host.address));
    expect(await ask(late, host.address)).toMatchObject({ status: 200, bytes: 5 });
  });

  it('leaves a report of it: every change as it was made last, the proof of each dataset, the downtime', async () => {
    const folder = join(operator.directory, '.ecsodus/blog');
    const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as RunReport;
    const done = (await journal()).filter(({ step, kind }) => step !== 'rollback' && kind === 'done');
    const made = report.steps.flatMap(({ changes }) => changes.map(({ step, id }) => `${step} ${id}`));
    expect(made.sort()).toEqual([...new Set(done.map(({ step, id }) => `${step} ${id}`))].sort());
    const { datasets } = JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8'));
    expect(report.proof.map(({ dataset }) => dataset)).toEqual(datasets.map((each: { name: string }) => each.name));
    expect(report.freeze.map(({ part }) => part)).toEqual(['stop', 'last delta', 'proof', 'hand-over', 'start']);
    expect(report.downtimeSeconds).toBeGreaterThan(0);
    expect(report.move).toMatchObject({ from: lab.droplet.address, to: (await instance()).address, isForwarded: true });
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    for (const { dataset, digest } of report.proof) {
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      expect(page).toContain(dataset);
      expect(page).toContain(digest);
    }
  });

  it('carries access lists and extended attributes', async () => {
    const listing = (path: string) =>
      `cd ${path} && { getfacl -Rn . | sort; getfattr -Rd -m user . | sort; } 2>/dev/null`;
    const there = await inShell(await droplet(), listing('/var/lib/docker/volumes/blog-uploads/_data'));
    expect(there).toMatch(/user:33:rw[\s\S]*user\.origin/);
    expect(await inShell(await instance(), listing('/data/volumes/blog-uploads'))).toBe(there);
  });

  it('lets the temporary key do nothing but receive, and not even that once the target owns the data', async () => {
    const [source, target] = [await droplet(), await instance()];
    const login = `ssh -i /run/ecsodus/blog/key -o UserKnownHostsFile=/run/ecsodus/blog/known_hosts -o HostKeyAlias=${target.name} -o BatchMode=yes ec2-user@${target.address}`;
    const tried = (command: string) => inHost(source, ['sh', '-c', `${login} ${command}`]);
    for (const command of [
      'id',
      'rsync --server --sender -logDtpre.iLsfxC . /etc',
      'rsync --server -logDtpre.iLsfxC . volumes',
    ])
      expect(await tried(command)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('the target owns the data'),
      });
    await inShell(target, 'echo source > /data/.ecsodus/owner');
    for (const command of [
      'id',
      'rsync --server --sender -logDtpre.iLsfxC . etc',
      'rsync --server -logDtpre.iLsfxC . ../etc',
    ]) {
      const { code, stdout } = await tried(command);
      expect([code === 0, stdout.includes('uid=')], command).toEqual([false, false]);
    }
    await inShell(target, 'echo target > /data/.ecsodus/owner');
  });

  it('keeps secrets out of the definition, the state folder and the plan', async () => {
    const { stdout } = await ecsodus(operator, 'plan', '--json');
    const kept = await run(['grep', '-rlE', 'lab-(blog|root)-password', join(operator.directory, '.ecsodus')]).catch(
      () => '',
    );
    expect(kept).toBe('');
    expect(stdout).not.toMatch(/lab-(blog|root)-password/);
    const [workload] = JSON.parse(stdout).workloads;
    const blog = workload.taskDefinition.containerDefinitions.find(
      (container: { name: string }) => container.name === 'blog',
    );
    expect(blog.secrets).toEqual([
      { name: 'DB_PASSWORD', valueFrom: expect.stringContaining(':parameter/ecsodus/blog/web/DB_PASSWORD') },
    ]);
  });

  it('does not finish while the target does not serve', async () => {
    const host = await instance();
    await inShell(host, 'docker pause $(docker ps -q --filter name=-proxy-)');
    const { code, stdout } = await ecsodus(operator, 'finish', '--yes', '--json');
    await inShell(host, 'docker unpause $(docker ps -q --filter name=-proxy-)');
    expect([code, JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '').code]).toEqual([1, 'check-failed']);
    expect(await inShell(await droplet(), 'iptables-save | grep -c ecsodus')).toBe('5\n');
  });

  it('finishes: nothing ties the hosts together, and run refuses', async () => {
    const { code, stderr } = await ecsodus(operator, 'finish', '--yes');
    expect(code, stderr).toBe(0);
    const host = await instance();
    expect(await inShell(await droplet(), 'iptables-save | grep -c ecsodus; ls -d /run/ecsodus/* 2>/dev/null; :')).toBe(
      '0\n',
    );
    expect(
      await inShell(
        host,
        'grep -c ecsodus: /home/ec2-user/.ssh/authorized_keys; ls /usr/local/libexec/ecsodus; ls -d /run/ecsodus/* 2>/dev/null; :',
      ),
    ).toBe('0\n');
    expect((await ask(home, lab.droplet.address, 1000)).status).toBe(0);
    expect((await ask(home, host.address)).status).toBe(200);
    const refused = await ecsodus(operator, 'run', '--yes', '--json');
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ code: 'finished' });
    expect(JSON.parse((await ecsodus(operator, 'status', '--json')).stdout)).toMatchObject({ finished: true });
    const again = await ecsodus(operator, 'finish', '--yes');
    expect(again.code, again.stderr).toBe(0);
  });
});
