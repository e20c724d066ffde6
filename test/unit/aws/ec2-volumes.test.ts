import { EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { instanceReader } from '../../../src/aws/ec2-instances.ts';
import { volumeReader, volumeWriter } from '../../../src/aws/ec2-volumes.ts';
import { awsFailure, clientOptions, fakeClient, outcome } from './fake-client.ts';

const ec2 = (answers: Parameters<typeof fakeClient>[2]) => fakeClient(new EC2Client(clientOptions), 'ec2', answers);

const reservation = (...Instances: object[]) => ({ Reservations: [{ Instances }] });
const Tags = [{ Key: 'ecsodus:migration', Value: 'blog' }];
const isByName = (input: Readonly<Record<string, unknown>>) => 'Filters' in input;
beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z') }));
afterEach(() => void vi.useRealTimers());

test('instances and volumes of ours are found by name and by our tag, over all pages', async () => {
  const { client, calls } = ec2({
    DescribeInstances: (_, nth) =>
      nth === 0
        ? { Reservations: [], NextToken: 'more' }
        : reservation(
            { InstanceId: 'i-0', State: { Name: 'running' } },
            { InstanceId: 'i-1', State: { Name: 'stopped' }, Tags },
          ),
    DescribeVolumes: (_, nth) =>
      nth === 0
        ? { Volumes: [], NextToken: 'more' }
        : {
            Volumes: [
              { VolumeId: 'vol-1', Tags },
              { VolumeId: 'vol-2', Tags },
            ],
          },
  });
  expect(await instanceReader(client).findInstance('ecsodus-blog')).toMatchObject({ id: 'i-1', state: 'stopped' });
  await expect(volumeReader(client).findVolume('ecsodus-blog-data')).rejects.toMatchObject({
    code: 'ambiguous',
    message: expect.stringContaining('vol-1, vol-2'),
  });
  expect(calls[0]?.input.Filters).toContainEqual({ Name: 'tag:Name', Values: ['ecsodus-blog'] });
});

const disk = { name: 'ecsodus-blog-data', zone: 'a', sizeGib: 8, clientToken: 'token', tags: {} };

test('a new volume is encrypted gp3 with a token, and waited for', async () => {
  const { client, calls } = ec2({
    DescribeVolumes: (input, nth) =>
      isByName(input) ? {} : { Volumes: [{ VolumeId: 'vol-1', State: nth < 4 ? 'creating' : 'available' }] },
    CreateVolume: () => ({ VolumeId: 'vol-1' }),
  });
  await outcome(volumeWriter(client).createVolume(disk));
  expect(calls.find(({ name }) => name === 'CreateVolume')?.input).toMatchObject({
    AvailabilityZone: 'a',
    Size: 8,
    VolumeType: 'gp3',
    Encrypted: true,
    ClientToken: 'token',
  });
  expect(calls.filter(({ name }) => name === 'DescribeVolumes').length).toBeGreaterThan(4);
});

test('a volume whose key cannot be used is an error, not a wait', async () => {
  const { client } = ec2({
    DescribeVolumes: (input) => (isByName(input) ? {} : { Volumes: [{ VolumeId: 'vol-1', State: 'error' }] }),
    CreateVolume: () => ({ VolumeId: 'vol-1' }),
  });
  await expect(outcome(volumeWriter(client).createVolume(disk))).rejects.toMatchObject({ code: 'volume-not-made' });
});

const attachable = (volume: object) =>
  ec2({
    DescribeVolumes: (_, nth) => ({
      Volumes: [
        nth === 0
          ? { VolumeId: 'vol-1', AvailabilityZone: 'a', ...volume }
          : { Attachments: [{ InstanceId: 'i-1', State: nth < 3 ? 'attaching' : 'attached' }] },
      ],
    }),
    DescribeInstances: () => reservation({ InstanceId: 'i-1', Placement: { AvailabilityZone: 'a' } }),
    AttachVolume: () => ({}),
  });

test('a volume is attached at /dev/sdf and waited for', async () => {
  const { client, calls } = attachable({});
  await outcome(volumeWriter(client).attachVolume('vol-1', 'i-1'));
  expect(calls.find(({ name }) => name === 'AttachVolume')?.input).toMatchObject({
    Device: '/dev/sdf',
    VolumeId: 'vol-1',
    InstanceId: 'i-1',
  });
  expect(calls.filter(({ name }) => name === 'DescribeVolumes').length).toBeGreaterThan(3);
});

test.each([
  ['attached to another instance', { Attachments: [{ InstanceId: 'i-2', State: 'attached' }] }, 'volume-attached'],
  ['in another zone', { AvailabilityZone: 'b' }, 'zone-mismatch'],
])('a volume %s is not attached', async (_, volume, code) => {
  const { client, calls } = attachable(volume);
  await expect(outcome(volumeWriter(client).attachVolume('vol-1', 'i-1'))).rejects.toMatchObject({ code });
  expect(calls.map(({ name }) => name)).not.toContain('AttachVolume');
});

test('a token that stands for a deleted volume gives way to the next one', async () => {
  const { client, calls } = ec2({
    DescribeVolumes: (input, nth) => {
      if (isByName(input)) return {};
      return { Volumes: [{ VolumeId: 'vol-1', State: nth < 2 ? 'deleting' : 'available' }] };
    },
    CreateVolume: (input) => {
      if (input.ClientToken === 'token-2') throw awsFailure('IdempotentParameterMismatch');
      return { VolumeId: 'vol-1' };
    },
  });
  await outcome(volumeWriter(client).createVolume(disk));
  const tokens = calls.filter(({ name }) => name === 'CreateVolume').map(({ input }) => input.ClientToken);
  expect(tokens).toEqual(['token', 'token-2', 'token-3']);
});
