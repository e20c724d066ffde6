import {
  AttachVolumeCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  type CreateVolumeCommandInput,
  type EC2Client,
  paginateDescribeVolumes,
  type Volume as SdkVolume,
} from '@aws-sdk/client-ec2';
import { MigrationError } from '../errors.ts';
import { mustAttach } from './attach-rules.ts';
import type { AwsReader, AwsWriter, Volume } from './aws.ts';
import { unlessAbsent } from './aws-errors.ts';
import { firstAlive } from './client-token.ts';
import { describeInstance } from './ec2-instances.ts';
import { unlessDone } from './make-once.ts';
import { byName, onlyOne, tagList, tagsFrom } from './tags.ts';
import { appears, until } from './wait.ts';

/** Nitro instances show it as /dev/nvmeXn1 in any order; mount-data finds it by its serial, the volume id. */
const device = '/dev/sdf';

const living = ['creating', 'available', 'in-use'];

export const volumeReader = (client: EC2Client): Pick<AwsReader, 'findVolume'> => ({
  findVolume: async (name) => {
    const found = await describe(client, { Filters: [byName(name), { Name: 'status', Values: living }] });
    return onlyOne(found.map(volumeOf), 'volume', name);
  },
});

export const volumeWriter = (client: EC2Client): Pick<AwsWriter, 'createVolume' | 'attachVolume' | 'tagResource'> => ({
  createVolume: async ({ name, zone, sizeGib, clientToken, tags }, signal) => {
    const find = () => volumeReader(client).findVolume(name);
    const existing = await find();
    if (existing) return untilUsable(client, existing.id, signal);
    const wanted = {
      AvailabilityZone: zone,
      Size: sizeGib,
      VolumeType: 'gp3',
      Encrypted: true,
      TagSpecifications: [{ ResourceType: 'volume', Tags: tagList({ ...tags, Name: name }) }],
    } satisfies CreateVolumeCommandInput;
    const alive = await firstAlive(clientToken, async (token) => {
      const command = new CreateVolumeCommand({ ...wanted, ClientToken: token });
      const made = await unlessAbsent(client.send(command), 'IdempotentParameterMismatch');
      // A known token with another size: an earlier volume, deleted since, or one that is not listed yet.
      const id = made ? made.VolumeId : (await appears(find, { timeoutMs: 15_000, signal }))?.id;
      if (id === undefined || (await isGone(client, id, signal))) return false;
      await untilUsable(client, id, signal);
      return true;
    });
    if (alive) return;
    throw new MigrationError(
      'volume-not-made',
      `EC2 answers every request for ${name} with a volume that is already deleted.`,
      {
        hint: 'Wait an hour, or give the migration another "name" in ecsodus.yaml.',
      },
    );
  },
  attachVolume: async (volumeId, instanceId, signal) => {
    const [volume, instance] = await Promise.all([describeOne(client, volumeId), describeInstance(client, instanceId)]);
    const zone = instance?.Placement?.AvailabilityZone;
    const attachment = async () =>
      (await describeOne(client, volumeId))?.Attachments?.find(({ InstanceId }) => InstanceId === instanceId);
    if (mustAttach(volume && volumeOf(volume), volumeId, { id: instanceId, zone })) {
      const command = new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: device });
      await unlessDone(client.send(command), attachment, 'VolumeInUse');
    }
    const isAttached = async () => ((await attachment())?.State === 'attached' ? true : undefined);
    await until(isAttached, { what: `volume ${volumeId} to be attached to ${instanceId}`, timeoutMs: 300_000, signal });
  },
  tagResource: async (id, tags) => {
    await client.send(new CreateTagsCommand({ Resources: [id], Tags: tagList(tags) }));
  },
});

/** A token that AWS has seen before may stand for a volume deleted since. A new one takes some seconds to show. */
async function isGone(client: EC2Client, id: string, signal?: AbortSignal): Promise<boolean> {
  const found = await appears(() => describeOne(client, id), { timeoutMs: 60_000, signal });
  return found === undefined || found.State === 'deleting' || found.State === 'deleted';
}

async function untilUsable(client: EC2Client, id: string, signal?: AbortSignal): Promise<void> {
  const probe = async () => {
    const state = (await describeOne(client, id))?.State;
    if (state === 'error') {
      throw new MigrationError(
        'volume-not-made',
        `AWS could not make volume ${id}: often its encryption key cannot be used.`,
        {
          hint: `Look at it, then delete it: aws ec2 describe-volumes --volume-ids ${id}; aws ec2 delete-volume --volume-id ${id}`,
        },
      );
    }
    return state === 'available' || state === 'in-use' ? true : undefined;
  };
  await until(probe, { what: `volume ${id} to be available`, timeoutMs: 180_000, signal });
}

async function describe(client: EC2Client, input: Parameters<typeof paginateDescribeVolumes>[1]): Promise<SdkVolume[]> {
  const found: SdkVolume[] = [];
  for await (const page of paginateDescribeVolumes({ client }, input)) found.push(...(page.Volumes ?? []));
  return found;
}

const describeOne = async (client: EC2Client, id: string): Promise<SdkVolume | undefined> =>
  (await unlessAbsent(describe(client, { VolumeIds: [id] }), 'InvalidVolume.NotFound'))?.[0];

const volumeOf = ({
  VolumeId = '',
  AvailabilityZone = '',
  Size = 0,
  State = 'creating',
  Attachments,
  Tags,
}: SdkVolume): Volume => ({
  id: VolumeId,
  zone: AvailabilityZone,
  sizeGib: Size,
  state: State,
  attachedTo: Attachments?.find((attachment) => attachment.State !== 'detached')?.InstanceId,
  tags: tagsFrom(Tags),
});
