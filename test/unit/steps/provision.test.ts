import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeKeyPairsCommand, DescribeSubnetsCommand, EC2, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { AwsWriter } from '../../../src/aws/aws.ts';
import { awsError } from '../../../src/aws/aws-errors.ts';
import { recoverTargetLogin } from '../../../src/aws/target-login.ts';
import { generateKeyPair } from '../../../src/ssh/keys.ts';
import { openState } from '../../../src/state.ts';
import { type Change, isKnown, type WriteContext } from '../../../src/step.ts';
import { provision } from '../../../steps/provision.ts';
import { awsFailure } from '../aws/fake-client.ts';
import { connectToMoto } from '../aws/moto-server.ts';
import { design, parsed, sourceFacts } from '../aws/wishes.ts';

vi.setConfig({ testTimeout: 60_000 });

const hostKey = generateKeyPair('root@target').publicKey;
let end: () => Promise<void>;
let aws: AwsWriter;
let folder: string;
let name: string;
let tests = 0;

beforeAll(async () => {
  const connected = await connectToMoto();
  ({ end } = connected);
  // moto's console is always the same sample; the rest is what connectAws gives.
  aws = {
    ...connected.aws,
    consoleOutput: async () => `-----BEGIN SSH HOST KEY KEYS-----\n${hostKey}\n-----END SSH HOST KEY KEYS-----\n`,
  };
}, 60_000);

afterAll(() => end());

beforeEach(async () => {
  // A migration of its own for each test: moto takes seconds to come back from a reset.
  name = `blog${++tests}`;
  folder = await mkdtemp(join(tmpdir(), 'provision-'));
  return () => rm(folder, { recursive: true, force: true });
});

async function context(): Promise<WriteContext> {
  return {
    config: parsed(`source: ${name}`),
    identity: await aws.identity(),
    design,
    sourceFacts,
    aws,
    state: openState(folder, name),
    signal: new AbortController().signal,
    progress: () => {},
  } as unknown as WriteContext;
}

async function applyAll(): Promise<void> {
  const all = await context();
  for (const change of (await provision.plan(all)).changes) await provision.apply(change, all);
}

const kindsLeft = async () => (await provision.plan(await context())).changes.map(({ id }) => id.split(':')[0]);

test('a first plan wants everything, knows nothing of the instance, and writes nothing', async () => {
  const plan = await provision.plan(await context());
  expect(plan.changes).toHaveLength(18);
  expect(plan.outputs.instance && isKnown(plan.outputs.instance)).toBe(false);
  expect(plan.outputs.subnet).toMatchObject({ zone: 'eu-central-1a' });
  expect(plan.findings.map(({ level, code }) => `${level} ${code}`)).toEqual([
    'info instance-type',
    'info address-lent',
  ]);
  await expect(stat(join(folder, name))).rejects.toThrow('ENOENT');
  expect(await kindsLeft()).toHaveLength(18);
});

test('after apply nothing is left, every check is ok, and instance and disk are known', async () => {
  await applyAll();
  const after = await context();
  const plan = await provision.plan(after);
  expect(plan.changes).toEqual([]);
  expect(plan.outputs).toMatchObject({ instance: { state: 'running' }, volume: { sizeGib: 8, state: 'available' } });
  const checks = await provision.verify(after);
  expect(checks.filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(checks).toHaveLength(20);
  expect((await stat(join(folder, name, 'target-key'))).mode & 0o777).toBe(0o600);
});

test('the instance is of the smallest type that fits, and remembers what its first boot was asked for', async () => {
  const codes = async (instance: string) => {
    const all = { ...(await context()), config: parsed(`source: ${name}\ninstance: ${instance}`) };
    const { changes, findings } = await provision.plan(all);
    for (const change of changes) await provision.apply(change, all);
    return findings.map(({ code }) => code);
  };
  expect(await codes('{setup: "echo hi"}')).toEqual(['instance-type', 'address-lent']);
  const made = await aws.findInstance(`ecsodus-${name}`);
  expect(made).toMatchObject({
    type: 't3.small',
    tags: { 'ecsodus:first-boot': expect.stringMatching(/^[0-9a-f]{12}$/) },
  });
  expect(await codes('{setup: "echo hi"}')).toEqual(['instance-type']);
  expect(await codes('{setup: "echo no", type: m6i.large}')).toEqual([
    'instance-type',
    'instance-type-kept',
    'first-boot-past',
  ]);
  expect(await aws.findInstance(`ecsodus-${name}`)).toEqual(made);
});

test('every change is safe to repeat', async () => {
  const all = await context();
  const { changes } = await provision.plan(all);
  for (const change of changes) {
    await provision.apply(change, all);
    await provision.apply(change, all);
  }
  expect(await kindsLeft()).toEqual([]);
  expect((await provision.verify(all)).every(({ status }) => status === 'ok')).toBe(true);
});

test('a run that was cut off after any change goes on with the next one', async () => {
  const all = await context();
  const { changes } = await provision.plan(all);
  for (const [index, change] of changes.entries()) {
    await provision.apply(change, all);
    expect((await provision.plan(all)).changes.map(({ id }) => id)).toEqual(
      changes.slice(index + 1).map(({ id }) => id),
    );
  }
});

test('a state folder that is lost is given its login again, and nothing is made anew', async () => {
  await applyAll();
  const files = async () => {
    const { state } = await context();
    return [await state.read('target-key'), await state.read('known_hosts')];
  };
  const before = await files();
  await rm(join(folder, name), { recursive: true });
  await recoverTargetLogin(name, await context());
  expect(await files()).toEqual(before);
  expect(await kindsLeft()).toEqual([]);
});

test('where there is no instance, there is no login to recover, and the folder stays empty', async () => {
  await recoverTargetLogin(name, await context());
  await expect(stat(join(folder, name))).rejects.toThrow('ENOENT');
});

test('what somebody else has made under a name of ours stops the plan, and is left as it is', async () => {
  const { publicKey } = generateKeyPair('them');
  await aws.importKeyPair({ name: `ecsodus-${name}`, publicKey, tags: { 'ecsodus:migration': 'shop' } });
  await expect(provision.plan(await context())).rejects.toMatchObject({ code: 'not-ours' });
  const key = { id: `key:ecsodus-${name}`, kind: 'key', name: `ecsodus-${name}` } as unknown as Change;
  await expect(provision.apply(key, await context())).rejects.toMatchObject({ code: 'not-ours' });
  const filter = { KeyNames: [`ecsodus-${name}`], IncludePublicKey: true };
  const { KeyPairs: [pair] = [] } = await new EC2Client({}).send(new DescribeKeyPairsCommand(filter));
  expect(pair?.PublicKey?.trim()).toBe(publicKey);
});

test('verify looks for itself: what was taken away is named', async () => {
  await applyAll();
  const all = await context();
  await aws.deleteKeyPair(`ecsodus-${name}`);
  const failed = (await provision.verify(all)).filter(({ status }) => status === 'fail');
  expect(failed.map(({ name }) => name)).toEqual([`key pair ecsodus-${name}`]);
});

test('a new address of the operator is let in', async () => {
  await applyAll();
  const moved = { ...(await context()), sourceFacts: { ...sourceFacts, operatorAddress: '192.0.2.77' } };
  expect((await provision.plan(moved)).changes.map(({ id }) => id)).toEqual([`rule:ecsodus-${name}:22:192.0.2.77/32`]);
});

test('once there is an instance its zone decides, not the subnet a new one would get', async () => {
  const all = await context();
  const { changes } = await provision.plan(all);
  for (const change of changes.filter(({ id }) => !id.startsWith('volume:'))) await provision.apply(change, all);
  const filter = { Filters: [{ Name: 'availability-zone', Values: ['eu-central-1b'] }] };
  const { Subnets: [other] = [] } = await new EC2Client({}).send(new DescribeSubnetsCommand(filter));
  const moved = { ...all, config: parsed(`source: ${name}\ninstance: {subnet: ${other?.SubnetId}}`) };
  expect((await provision.plan(moved)).changes).toMatchObject([{ kind: 'volume', zone: 'eu-central-1a' }]);
});

test('a quota that is too small is said before anything is made', async () => {
  const quota = { code: 'L-1216C47A', limit: 5, used: 4 };
  const all = { ...(await context()), aws: { ...aws, findVcpuQuota: async () => quota } };
  expect((await provision.plan(all)).findings).toContainEqual(
    expect.objectContaining({ level: 'blocker', code: 'vcpu-quota', subject: 't3.small' }),
  );
});

test('an instance that AWS refuses is one error, and what is left is made once that is mended', async () => {
  const refusal = awsError(
    awsFailure('VcpuLimitExceeded', 'You have requested more vCPU capacity'),
    'ec2:RunInstances',
  );
  const all = { ...(await context()), aws: { ...aws, runInstance: async () => Promise.reject(refusal) } };
  const { changes } = await provision.plan(all);
  const at = changes.findIndex(({ id }) => id.startsWith('instance:'));
  for (const change of changes.slice(0, at)) await provision.apply(change, all);
  await expect(provision.apply(changes[at] as Change, all)).rejects.toMatchObject({
    code: 'aws-failed',
    hint: expect.stringContaining('request-service-quota-increase'),
  });
  expect(await kindsLeft()).toEqual(['instance', 'volume', 'host-key']);
  await applyAll();
  expect(await kindsLeft()).toEqual([]);
});

test('a subnet that nobody would reach is a blocker, until its route table leads out', async () => {
  const ec2 = new EC2({});
  const { Vpc } = await ec2.createVpc({ CidrBlock: '10.7.0.0/16' });
  const { Subnet } = await ec2.createSubnet({ VpcId: Vpc?.VpcId, CidrBlock: '10.7.1.0/24' });
  const all = {
    ...(await context()),
    config: parsed(`source: ${name}\ninstance: {subnet: ${Subnet?.SubnetId}, type: t3.small}`),
  };
  const blockers = async () =>
    (await provision.plan(all)).findings.filter(({ level }) => level === 'blocker').map(({ code }) => code);
  expect(await blockers()).toEqual(['subnet-not-public']);
  const { InternetGateway } = await ec2.createInternetGateway({});
  const GatewayId = InternetGateway?.InternetGatewayId;
  await ec2.attachInternetGateway({ VpcId: Vpc?.VpcId, InternetGatewayId: GatewayId });
  const ofVpc = { Filters: [{ Name: 'vpc-id', Values: [Vpc?.VpcId ?? ''] }] };
  const { RouteTables: [table] = [] } = await ec2.describeRouteTables(ofVpc);
  await ec2.createRoute({ RouteTableId: table?.RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId });
  expect(await blockers()).toEqual([]);
});

test('a lost state folder is a blocker once an instance has the key', async () => {
  await applyAll();
  await rm(join(folder, name), { recursive: true });
  const plan = await provision.plan(await context());
  expect(plan.findings.filter(({ level }) => level === 'blocker').map(({ code }) => code)).toEqual(['target-key-lost']);
  expect(plan.changes.map(({ id }) => id)).toEqual([`host-key:ecsodus-${name}`]);
});

test('before there is an instance, a lost key pair is simply made again', async () => {
  const all = await context();
  const { changes } = await provision.plan(all);
  const key = changes.find(({ id }) => id.startsWith('key:'));
  if (!key) throw new Error('no key change');
  await provision.apply(key, all);
  const before = await aws.findKeyPair(`ecsodus-${name}`);
  await rm(join(folder, name), { recursive: true });
  expect(await kindsLeft()).toContain('key');
  await provision.apply(key, all);
  expect((await aws.findKeyPair(`ecsodus-${name}`))?.publicKey).not.toBe(before?.publicKey);
  expect(await kindsLeft()).not.toContain('key');
});

test('a crash between writing the key and importing it keeps the key', async () => {
  const all = await context();
  const pair = generateKeyPair(`ecsodus-${name}`);
  await all.state.write('target-key', pair.privateKey.reveal());
  const key = (await provision.plan(all)).changes.find(({ id }) => id.startsWith('key:'));
  if (!key) throw new Error('no key change');
  await provision.apply(key, all);
  expect(await all.state.read('target-key')).toBe(pair.privateKey.reveal());
});
