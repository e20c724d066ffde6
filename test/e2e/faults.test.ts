import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seeAws } from '../lab/aws-sight.ts';
import { clientView } from '../lab/client-view.ts';
import { compareSights, type Sight, see } from '../lab/compare.ts';
import { type Disturbed, disturbed } from '../lab/disturbed.ts';
import { down } from '../lab/down.ts';
import { inShell, labHost, waitForDocker } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { cutLink, mendLink } from '../lab/network.ts';
import { type CliResult, ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { cutPower, rebootDroplet } from '../lab/power.ts';
import { until } from '../lab/processes.ts';
import { restartSshd } from '../lab/sshd.ts';
import { waitForSites } from '../lab/stack.ts';
import { up } from '../lab/up.ts';

const name = 'faults';
const uploads = '/var/lib/docker/volumes/blog-uploads/_data';
let lab: Lab;
let operator: Operator;
let original: Sight;

beforeAll(async () => {
  lab = await up(name);
  operator = await makeOperator(lab, { extra: 'settleSeconds: 2\nhealthTimeoutSeconds: 60\nsnapshot: none\n' });
  original = await see(lab, 'droplet', lab.droplet.address);
  succeeded(await ecsodus(operator, 'run', '--yes', '--until', 'register-tasks'));
});

afterAll(() => down(name));

const droplet = () => labHost(name, 'droplet');
const instance = () => labHost(name, 'instance');
const succeeded = ({ code, stderr }: CliResult) => expect(code, stderr).toBe(0);
const kill = (child: ChildProcess) => child.kill('SIGKILL');
const interrupt = (child: ChildProcess) => child.kill('SIGINT');
const unlike = (sight: Sight) => compareSights(original, sight, 'now').filter(({ status }) => status === 'fail');
const policies = async () =>
  inShell(
    await droplet(),
    "docker ps -aq | xargs docker inspect -f '{{.Name}} {{.State.Running}} {{.HostConfig.RestartPolicy.Name}}' | sort",
  );

/** The end of a run that could not go on: one error, with something to type. */
const oneError = ({ code, lines }: Disturbed, exitCode = 1) => {
  const error = JSON.parse(lines.at(-1) ?? '{}');
  expect([code, error.type, typeof error.hint], lines.at(-1)).toEqual([exitCode, 'error', 'string']);
  return error;
};

describe('in the middle of a copy', () => {
  const slowly = ['run', '--yes', '--until', 'sync-data', '--bwlimit', '8000'] as const;
  const copying = /"type":"progress".*"id":"dataset:volumes\/blog-uploads".*"doneBytes":[1-9]/;

  /** Something new to send, for some seconds, and no pass on record. */
  beforeEach(async () => {
    await inShell(await droplet(), `head -c 60000000 /dev/urandom > ${uploads}/new-$(date +%s%N)`);
    await inShell(await instance(), 'rm -f /data/.ecsodus/marks/pass-volumes%2Fblog-uploads.json');
  });

  const arrived = async () => {
    const list = (at: string) => `cd ${at} && find . -type f -exec sha256sum {} + | sort | sha256sum`;
    expect(await inShell(await instance(), list('/data/volumes/blog-uploads'))).toBe(
      await inShell(await droplet(), list(uploads)),
    );
  };

  it('the operator is killed: the copy goes on, and the next run follows it', async () => {
    const slower = ['run', '--yes', '--until', 'sync-data', '--bwlimit', '2500'] as const;
    expect(await disturbed(operator, slower, copying, kill)).toMatchObject({ signal: 'SIGKILL' });
    const job = '/run/ecsodus/blog/copy-live-volumes_blog-uploads';
    const began = await inShell(await droplet(), `kill -0 $(cat ${job}.pid); stat -c %Y ${job}.pid`);
    succeeded(await ecsodus(operator, ...slowly));
    expect(await inShell(await droplet(), `stat -c %Y ${job}.pid; grep -c ^pass.1$ ${job}.log`)).toBe(`${began}1\n`);
    await arrived();
  });

  it('the operator is killed, and the state folder is lost: the next run finds everything again', async () => {
    expect(await disturbed(operator, slowly, copying, kill)).toMatchObject({ signal: 'SIGKILL' });
    const made = await seeAws(lab);
    await rm(join(operator.directory, '.ecsodus'), { recursive: true });
    succeeded(await ecsodus(operator, ...slowly));
    expect(await seeAws(lab)).toEqual(made);
    await arrived();
  });

  it('Ctrl-C: it stops there, and the copy with it; the next run goes on', async () => {
    const ended = await disturbed(operator, slowly, copying, interrupt);
    expect(oneError(ended, 130).hint).toContain('Go on: ecsodus run');
    expect(ended.stderr).toContain('Stopping at the next safe point');
    expect(await inShell(await droplet(), 'pgrep -x rsync || :')).toBe('');
    succeeded(await ecsodus(operator, ...slowly));
    await arrived();
  });

  it('sshd of the source is restarted: the same run goes on', async () => {
    const ended = await disturbed(operator, slowly, copying, async () => restartSshd(await droplet()));
    expect(ended.code, ended.stderr + ended.lines.at(-1)).toBe(0);
    await arrived();
  });

  it('the link between the hosts is cut for a minute', async () => {
    const ended = await disturbed(operator, slowly, copying, async () => {
      const host = await instance();
      await cutLink(host);
      await delay(60_000);
      await mendLink(host);
    });
    if (ended.code !== 0) oneError(ended);
    succeeded(await ecsodus(operator, ...slowly));
    await arrived();
  });

  it("the target's disk is full: one error that says so", async () => {
    await inShell(await instance(), "fallocate -l $(($(stat -f -c '%f * %S' /data) - 20000000)) /data/ballast");
    const { code, stdout } = await ecsodus(operator, ...slowly, '--json');
    await inShell(await instance(), 'rm /data/ballast');
    const error = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    expect(code).toBe(1);
    expect(error).toMatchObject({ code: 'copy-failed', message: expect.stringContaining('Error in file I/O') });
    expect(error.evidence[0]).toMatch(/^No space left on the target: \/data has/);
    succeeded(await ecsodus(operator, ...slowly));
    await arrived();
  });

  it('the source is rebooted', async () => {
    const ended = await disturbed(operator, slowly, copying, () => rebootDroplet(name));
    if (ended.code !== 0) oneError(ended);
    await waitForDocker(await droplet());
    await waitForSites(lab.droplet.address, 60_000);
    succeeded(await ecsodus(operator, ...slowly));
    await arrived();
  });
});

describe('in the middle of the freeze', () => {
  let policiesBefore: string;

  beforeAll(async () => {
    await inShell(await droplet(), `rm -f ${uploads}/new-*`);
    policiesBefore = await policies();
  });

  const frozen = /"type":"change-begin".*"id":"(delta|prove):/;
  const servesAgain = async () => {
    await until('the guard to bring the site back', 120_000, async () =>
      (await policies()) === policiesBefore ? true : undefined,
    );
    await waitForSites(lab.droplet.address, 60_000);
    expect(unlike(await see(lab, 'droplet', lab.droplet.address))).toEqual([]);
  };

  it('the operator is killed: the guard brings the site back', async () => {
    expect(await disturbed(operator, ['run', '--yes'], frozen, kill)).toMatchObject({ signal: 'SIGKILL' });
    expect(await policies()).not.toBe(policiesBefore);
    await servesAgain();
  });

  it('Ctrl-C: the source takes over again, and then it stops', async () => {
    const ended = await disturbed(operator, ['run', '--yes'], frozen, interrupt);
    expect(oneError(ended, 130)).toMatchObject({
      message: expect.stringContaining('The source has taken over again.'),
      hint: 'Go on: ecsodus run',
    });
    expect(await policies()).toBe(policiesBefore);
    await servesAgain();
  });

  it('the source is rebooted while the operator is gone: the guard brings the site back', async () => {
    expect(await disturbed(operator, ['run', '--yes'], frozen, kill)).toMatchObject({ signal: 'SIGKILL' });
    await waitForDocker(await rebootDroplet(name));
    expect(await policies()).not.toBe(policiesBefore);
    await inShell(await droplet(), 'echo 0 > /var/lib/ecsodus/blog/guard/lease');
    await servesAgain();
  });

  it('the source is rebooted while the run goes on: it takes over again', async () => {
    const ended = await disturbed(operator, ['run', '--yes'], frozen, () => rebootDroplet(name));
    oneError(ended);
    await servesAgain();
  });

  it('the target dies: the source takes over again, and says why', async () => {
    const { name: id } = await instance();
    const ended = await disturbed(operator, ['run', '--yes'], frozen, () => cutPower(name, 'instance'));
    expect(oneError(ended).message).toContain('The source has taken over again.');
    await servesAgain();
    const { aws } = clientView(lab);
    const credentials = { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey };
    const ec2 = new EC2({ region: aws.region, endpoint: String(aws.endpoint), credentials });
    await ec2.rebootInstances({ InstanceIds: [id] });
    await until('the instance to come back', 60_000, () => instance().catch(() => undefined));
  });

  it('after all of that it moves, with nothing lost and nothing twice', async () => {
    succeeded(await ecsodus(operator, 'run', '--yes'));
    const host = await instance();
    expect(unlike(await see(lab, host.name, host.address))).toEqual([]);
    expect(await inShell(await droplet(), 'pgrep -fc "guard[.]sh" || :; docker ps -q')).toBe('0\n');
  });
});
