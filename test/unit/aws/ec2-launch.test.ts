import { EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { instanceReader } from '../../../src/aws/ec2-instances.ts';
import { instanceWriter, runInstances } from '../../../src/aws/ec2-launch.ts';
import { awsFailure, clientOptions, fakeClient, outcome } from './fake-client.ts';

const ec2 = (answers: Parameters<typeof fakeClient>[2]) => fakeClient(new EC2Client(clientOptions), 'ec2', answers);

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z') }));
afterEach(() => void vi.useRealTimers());

const wanted = {
  name: 'ecsodus-blog',
  clientToken: 'token',
  type: 't3.medium',
  ami: 'ami-1',
  subnetId: 'subnet-1',
  groupId: 'sg-1',
  keyName: 'ecsodus-blog',
  profileName: 'ecsodus-blog-instance',
  userData: '#!/bin/bash\n',
  tags: { 'ecsodus:migration': 'blog' },
};

const image = {
  Images: [
    { RootDeviceName: '/dev/xvda', BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 30 } }] },
  ],
};
const reservation = (...Instances: object[]) => ({ Reservations: [{ Instances }] });
const instance = (state: string, launched = '2026-11-22T12:00:00Z') => ({
  InstanceId: 'i-1',
  State: { Name: state },
  Tags: [{ Key: 'ecsodus:migration', Value: 'blog' }],
  LaunchTime: new Date(launched),
  StateReason: { Code: 'Client.VolumeLimitExceeded', Message: 'Client.VolumeLimitExceeded: too much' },
});
const isByName = (input: Readonly<Record<string, unknown>>) => 'Filters' in input;

test('a launch asks for IMDSv2 with two hops, a public address, an encrypted root and tags on both', () => {
  expect(runInstances(wanted, { device: '/dev/xvda', sizeGib: 30 })).toMatchObject({
    ClientToken: 'token',
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
    NetworkInterfaces: [{ SubnetId: 'subnet-1', Groups: ['sg-1'], AssociatePublicIpAddress: true }],
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeType: 'gp3', Encrypted: true, VolumeSize: 30 } }],
    InstanceInitiatedShutdownBehavior: 'stop',
    UserData: 'IyEvYmluL2Jhc2gK',
    TagSpecifications: [
      { ResourceType: 'instance', Tags: expect.arrayContaining([{ Key: 'Name', Value: 'ecsodus-blog' }]) },
      { ResourceType: 'volume', Tags: expect.arrayContaining([{ Key: 'Name', Value: 'ecsodus-blog-root' }]) },
    ],
  });
});

test('the root volume is never smaller than the AMI needs', () => {
  const sizes = [20, 50].map((rootSizeGib) =>
    runInstances({ ...wanted, rootSizeGib }, { device: '/dev/xvda', sizeGib: 30 }),
  );
  expect(sizes.map(({ BlockDeviceMappings }) => BlockDeviceMappings[0]?.Ebs.VolumeSize)).toEqual([30, 50]);
});

test('a profile that EC2 does not see yet is waited for', async () => {
  const refusal = awsFailure(
    'InvalidParameterValue',
    'Value (ecsodus-blog-instance) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
  );
  const { client, calls } = ec2({
    DescribeImages: () => image,
    DescribeInstances: (input) => (isByName(input) ? {} : reservation(instance('running'))),
    RunInstances: (_, nth) => {
      if (nth < 3) throw refusal;
      return reservation(instance('pending')).Reservations[0] ?? {};
    },
  });
  await outcome(instanceWriter(client).runInstance(wanted));
  const launches = calls.filter(({ name }) => name === 'RunInstances');
  expect(launches.map(({ input }) => input.ClientToken)).toEqual(['token', 'token', 'token', 'token']);
});

test('that wait is bounded, and any other refusal is not waited for', async () => {
  const refuse = (message: string) =>
    ec2({
      DescribeImages: () => image,
      DescribeInstances: () => ({}),
      RunInstances: () => {
        throw awsFailure('InvalidParameterValue', message);
      },
    });
  const late = refuse('Invalid IAM Instance Profile name');
  await expect(outcome(instanceWriter(late.client).runInstance(wanted))).rejects.toMatchObject({ code: 'aws-failed' });
  expect(late.calls.filter(({ name }) => name === 'RunInstances').length).toBeGreaterThan(10);
  const other = refuse('Invalid subnet');
  await expect(outcome(instanceWriter(other.client).runInstance(wanted))).rejects.toMatchObject({ code: 'aws-failed' });
  expect(other.calls.filter(({ name }) => name === 'RunInstances')).toHaveLength(1);
});

test('a token that stands for an instance terminated long ago gives way to the next one', async () => {
  const { client, calls } = ec2({
    DescribeImages: () => image,
    DescribeInstances: (input, nth) => {
      if (isByName(input)) return {};
      return reservation(nth < 2 ? instance('terminated', '2026-11-22T08:00:00Z') : instance('running'));
    },
    RunInstances: () => ({ Instances: [{ InstanceId: 'i-1' }] }),
  });
  await outcome(instanceWriter(client).runInstance(wanted));
  expect(calls.filter(({ name }) => name === 'RunInstances').map(({ input }) => input.ClientToken)).toEqual([
    'token',
    'token-2',
  ]);
});

test('a token known with other parameters gives way too, unless its instance is there after all', async () => {
  const mismatch = (found: boolean) =>
    ec2({
      DescribeImages: () => image,
      DescribeInstances: (input, nth) =>
        isByName(input) && (nth === 0 || !found) ? {} : reservation(instance('running')),
      RunInstances: (input) => {
        if (input.ClientToken === 'token') throw awsFailure('IdempotentParameterMismatch');
        return { Instances: [{ InstanceId: 'i-1' }] };
      },
    });
  const gone = mismatch(false);
  await outcome(instanceWriter(gone.client).runInstance(wanted));
  expect(gone.calls.filter(({ name }) => name === 'RunInstances')).toHaveLength(2);
  const there = mismatch(true);
  await outcome(instanceWriter(there.client).runInstance(wanted));
  expect(there.calls.filter(({ name }) => name === 'RunInstances')).toHaveLength(1);
});

test('an instance that fails to start says why, and no second one is tried', async () => {
  const { client, calls } = ec2({
    DescribeImages: () => image,
    DescribeInstances: (input) => (isByName(input) ? {} : reservation(instance('terminated'))),
    RunInstances: () => ({ Instances: [{ InstanceId: 'i-1' }] }),
  });
  const failure = outcome(instanceWriter(client).runInstance(wanted));
  await expect(failure).rejects.toMatchObject({
    code: 'instance-not-running',
    message: expect.stringContaining('VolumeLimitExceeded'),
    hint: expect.stringContaining('--service-code ebs'),
  });
  expect(calls.filter(({ name }) => name === 'RunInstances')).toHaveLength(1);
});

test('an instance that is there is adopted, and waited for while it is pending', async () => {
  const { client, calls } = ec2({
    DescribeInstances: (_, nth) => reservation(instance(nth < 3 ? 'pending' : 'running')),
  });
  await outcome(instanceWriter(client).runInstance(wanted));
  expect(calls.map(({ name }) => name)).not.toContain('RunInstances');
});

test('a long wait ends when the run is stopped', async () => {
  const { client } = ec2({ DescribeInstances: () => reservation(instance('pending')) });
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('stopped')), 5000);
  await expect(outcome(instanceWriter(client).runInstance(wanted, stop.signal))).rejects.toThrow('stopped');
  expect(Date.now()).toBe(new Date('2026-11-22T12:00:05Z').getTime());
});

test('console output falls back where EC2 cannot give the latest', async () => {
  const { client, calls } = ec2({
    GetConsoleOutput: (input) => {
      if (input.Latest) throw awsFailure('UnsupportedOperation');
      return { Output: Buffer.from('hello\r\n').toString('base64') };
    },
  });
  expect(await instanceReader(client).consoleOutput('i-1')).toBe('hello\r\n');
  expect(calls).toHaveLength(2);
});
