import { EC2Client } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { snapshotReader, snapshotWriter } from '../../../src/aws/ec2-snapshots.ts';
import { tagsOf } from '../../../src/names.ts';
import { awsFailure, clientOptions, fakeClient } from './fake-client.ts';

const ec2 = (answers: Parameters<typeof fakeClient>[2]) => fakeClient(new EC2Client(clientOptions), 'ec2', answers);

const tags = tagsOf('blog', 'ebs-snapshot');
const wanted = { volumeId: 'vol-1', description: 'ecsodus blog', tags };
const at = (day: number) => new Date(`2026-11-${day}T12:00:00Z`);

test('those of a migration are found over all pages, newest first, our own alone and no failed ones', async () => {
  const { client, calls } = ec2({
    DescribeSnapshots: (_, nth) =>
      nth === 0
        ? { Snapshots: [{ SnapshotId: 'snap-1', StartTime: at(20) }], NextToken: 'more' }
        : { Snapshots: [{ SnapshotId: 'snap-2', StartTime: at(22), State: 'completed', VolumeId: 'vol-1' }] },
  });
  expect(await snapshotReader(client).findSnapshots('blog')).toMatchObject([
    { id: 'snap-2', state: 'completed', volumeId: 'vol-1', startedAt: '2026-11-22T12:00:00.000Z' },
    { id: 'snap-1' },
  ]);
  for (const { input } of calls)
    expect(input).toMatchObject({
      OwnerIds: ['self'],
      Filters: [
        { Name: 'tag:ecsodus:migration', Values: ['blog'] },
        { Name: 'status', Values: ['pending', 'completed', 'recoverable'] },
      ],
    });
});

test('a new one carries the tags by which it is found again', async () => {
  const { client, calls } = ec2({
    DescribeSnapshots: () => ({ Snapshots: [] }),
    CreateSnapshot: () => ({ SnapshotId: 'snap-1', VolumeId: 'vol-1', State: 'pending', StartTime: at(22) }),
  });
  expect(await snapshotWriter(client).createSnapshot(wanted)).toMatchObject({ id: 'snap-1', state: 'pending', tags });
  expect(calls.map(({ name }) => name)).toEqual(['DescribeSnapshots', 'CreateSnapshot']);
  expect(calls[0]?.input.Filters).toEqual(
    expect.arrayContaining([
      { Name: 'tag:ecsodus:migration', Values: ['blog'] },
      { Name: 'tag:ecsodus:change', Values: ['ebs-snapshot'] },
    ]),
  );
  expect(calls[1]?.input).toMatchObject({
    VolumeId: 'vol-1',
    Description: 'ecsodus blog',
    TagSpecifications: [
      {
        ResourceType: 'snapshot',
        Tags: [
          { Key: 'ecsodus:migration', Value: 'blog' },
          { Key: 'ecsodus:change', Value: 'ebs-snapshot' },
        ],
      },
    ],
  });
});

test('one that the same change has made is not made again', async () => {
  const { client, calls } = ec2({ DescribeSnapshots: () => ({ Snapshots: [{ SnapshotId: 'snap-1' }] }) });
  expect((await snapshotWriter(client).createSnapshot(wanted)).id).toBe('snap-1');
  expect(calls.map(({ name }) => name)).toEqual(['DescribeSnapshots']);
});

test.each([{}, { 'ecsodus:migration': 'blog' }, { 'ecsodus:change': 'x' }])(
  '%o identifies none: a mistake',
  async (some) => {
    const { client, calls } = ec2({});
    await expect(snapshotWriter(client).createSnapshot({ ...wanted, tags: some })).rejects.toThrow(/needs the tags/);
    expect(calls).toEqual([]);
  },
);

test('one that is gone already is deleted; any other failure is told', async () => {
  const failing = (code: string) =>
    snapshotWriter(
      ec2({
        DeleteSnapshot: () => {
          throw awsFailure(code);
        },
      }).client,
    ).deleteSnapshot('snap-1');
  await failing('InvalidSnapshot.NotFound');
  await expect(failing('InvalidSnapshot.InUse')).rejects.toMatchObject({ code: 'aws-failed' });
});
