import {
  CreateSnapshotCommand,
  DeleteSnapshotCommand,
  type EC2Client,
  paginateDescribeSnapshots,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import { MigrationError } from '../errors.ts';
import type { AwsReader, AwsWriter, DiskSnapshot } from './aws.ts';
import { unlessAbsent } from './aws-errors.ts';
import { makeOnce } from './make-once.ts';
import { tagList, tagsFrom } from './tags.ts';

export const snapshotReader = (client: EC2Client): Pick<AwsReader, 'findSnapshots'> => ({
  findSnapshots: (migration) => findBy(client, { 'ecsodus:migration': migration }),
});

/** `once` is a client that never repeats a call by itself. */
export const snapshotWriter = (
  client: EC2Client,
  once = client,
): Pick<AwsWriter, 'createSnapshot' | 'deleteSnapshot'> => ({
  createSnapshot: async ({ volumeId, description, tags }) => {
    // CreateSnapshot takes no ClientToken: the tags of the change that made it tell whether it has been made.
    const find = async () => (await findBy(client, identifying(tags)))[0];
    const earlier = await find();
    if (earlier !== undefined) return earlier;
    const command = new CreateSnapshotCommand({
      VolumeId: volumeId,
      Description: description,
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: tagList(tags) }],
    });
    return makeOnce(async () => snapshotOf({ Tags: tagList(tags), ...(await once.send(command)) }), find);
  },
  deleteSnapshot: async (id) => {
    await unlessAbsent(client.send(new DeleteSnapshotCommand({ SnapshotId: id })), 'InvalidSnapshot.NotFound');
  },
});

/** Without both tags any snapshot at all would be taken for this one. */
function identifying(tags: DiskSnapshot['tags']): Record<string, string> {
  const names = ['ecsodus:migration', 'ecsodus:change'];
  const found = Object.entries(tags).filter(([name]) => names.includes(name));
  if (found.length !== names.length) throw new Error('a snapshot needs the tags of its migration and its change');
  return Object.fromEntries(found);
}

/** Newest first; one that failed holds nothing and is left out. */
async function findBy(client: EC2Client, tags: Readonly<Record<string, string>>): Promise<DiskSnapshot[]> {
  const input = {
    OwnerIds: ['self'],
    Filters: [
      ...Object.entries(tags).map(([name, value]) => ({ Name: `tag:${name}`, Values: [value] })),
      { Name: 'status', Values: ['pending', 'completed', 'recoverable'] },
    ],
  };
  const found: Snapshot[] = [];
  for await (const page of paginateDescribeSnapshots({ client }, input)) found.push(...(page.Snapshots ?? []));
  return found.map(snapshotOf).sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

function snapshotOf({
  SnapshotId,
  VolumeId = '',
  State = 'pending',
  StartTime,
  Description,
  Tags,
}: Snapshot): DiskSnapshot {
  if (SnapshotId === undefined)
    throw new MigrationError('aws-failed', 'AWS answered with a snapshot that has no id.', {
      hint: 'Run the same command again: it goes on where it was.',
    });
  return {
    id: SnapshotId,
    volumeId: VolumeId,
    state: State,
    startedAt: StartTime?.toISOString() ?? '',
    description: Description ?? '',
    tags: tagsFrom(Tags),
  };
}
