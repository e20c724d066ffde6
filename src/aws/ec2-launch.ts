import { DescribeImagesCommand, type EC2Client, type Instance, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { MigrationError, messageOf } from '../errors.ts';
import type { AwsWriter, NewInstance } from './aws.ts';
import { hasCode, unlessAbsent } from './aws-errors.ts';
import { hintFor } from './aws-hints.ts';
import { firstAlive } from './client-token.ts';
import { describeInstance, instanceReader, living } from './ec2-instances.ts';
import { tagList } from './tags.ts';
import { appears, until, whileTooEarly } from './wait.ts';

/** A launch that AWS reports with an older launch time is another launch, of the same token, long ago. */
const clockSlackMs = 10 * 60_000;

export const instanceWriter = (client: EC2Client): Pick<AwsWriter, 'runInstance'> => ({
  runInstance: async (instance, signal) => {
    const existing = await instanceReader(client).findInstance(instance.name);
    if (existing) return untilRunning(client, existing.id, signal);
    const root = await readRootVolume(client, instance.ami);
    const started = Date.now();
    const alive = await firstAlive(instance.clientToken, async (token) => {
      const id = await launch(client, { ...instance, clientToken: token }, root, signal);
      if (id === undefined || (await isGone(client, id, started, signal))) return false;
      await untilRunning(client, id, signal);
      return true;
    });
    if (!alive) throw tokensSpent(instance.name);
  },
});

/** The id of what the token stands for; undefined where AWS knows the token with other parameters, for an earlier launch. */
async function launch(
  client: EC2Client,
  instance: NewInstance,
  root: RootVolume,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const command = new RunInstancesCommand(runInstances(instance, root));
  const send = () => unlessAbsent(client.send(command), 'IdempotentParameterMismatch');
  // IAM needs some seconds until EC2 sees a new profile: "Invalid IAM Instance Profile name".
  const tooEarly = (error: unknown) =>
    hasCode(error, 'InvalidParameterValue') && /iam instance profile/i.test(messageOf(error));
  const answer = await whileTooEarly(send, tooEarly, { timeoutMs: 120_000, everyMs: 3000, signal });
  if (answer) return answer.Instances?.[0]?.InstanceId;
  // That launch may be the one a crash cut off a moment ago, not listed yet.
  return (await appears(() => instanceReader(client).findInstance(instance.name), { timeoutMs: 15_000, signal }))?.id;
}

/** What one launch asks for. */
export function runInstances(instance: NewInstance, root: RootVolume) {
  const tags = tagList({ ...instance.tags, Name: instance.name });
  const VolumeSize = Math.max(root.sizeGib, instance.rootSizeGib ?? 0);
  return {
    ClientToken: instance.clientToken,
    MinCount: 1,
    MaxCount: 1,
    ImageId: instance.ami,
    InstanceType: instance.type as never,
    KeyName: instance.keyName,
    IamInstanceProfile: { Name: instance.profileName },
    UserData: Buffer.from(instance.userData).toString('base64'),
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        SubnetId: instance.subnetId,
        Groups: [instance.groupId],
        AssociatePublicIpAddress: true,
        DeleteOnTermination: true,
      },
    ],
    // Two hops, so that containers on Docker's bridge reach the instance role, as the AMI has it.
    MetadataOptions: { HttpTokens: 'required' as const, HttpPutResponseHopLimit: 2, HttpEndpoint: 'enabled' as const },
    BlockDeviceMappings: [
      {
        DeviceName: root.device,
        Ebs: { VolumeType: 'gp3' as const, Encrypted: true, DeleteOnTermination: true, VolumeSize },
      },
    ],
    InstanceInitiatedShutdownBehavior: 'stop' as const,
    TagSpecifications: [
      { ResourceType: 'instance' as const, Tags: tags },
      { ResourceType: 'volume' as const, Tags: tagList({ ...instance.tags, Name: `${instance.name}-root` }) },
    ],
  };
}

interface RootVolume {
  readonly device: string;
  readonly sizeGib: number;
}

/** The AMI's own root volume: its mapping is overridden by device name, and its size is the least there can be. */
async function readRootVolume(client: EC2Client, ami: string): Promise<RootVolume> {
  const { Images: [image] = [] } = await client.send(new DescribeImagesCommand({ ImageIds: [ami] }));
  const device = image?.RootDeviceName ?? '/dev/xvda';
  const mapping = image?.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === device);
  return { device, sizeGib: mapping?.Ebs?.VolumeSize ?? 30 };
}

/** Whether the token gave an instance that has been terminated since. One that failed to start now is an error. */
async function isGone(client: EC2Client, id: string, started: number, signal?: AbortSignal): Promise<boolean> {
  const found = await appears(() => describeInstance(client, id), { timeoutMs: 60_000, signal });
  if (found === undefined) return true;
  if (living.includes(found.State?.Name ?? '')) return false;
  if ((found.LaunchTime?.getTime() ?? 0) < started - clockSlackMs) return true;
  throw failedToStart(found);
}

async function untilRunning(client: EC2Client, id: string, signal?: AbortSignal): Promise<void> {
  const probe = async () => {
    const found = await describeInstance(client, id);
    const state = found?.State?.Name;
    if (found && state && state !== 'pending' && state !== 'running') throw failedToStart(found);
    return state === 'running' ? found : undefined;
  };
  await until(probe, { what: `instance ${id} to run`, timeoutMs: 300_000, signal });
}

const failedToStart = ({ InstanceId, State, StateReason }: Instance): MigrationError =>
  new MigrationError(
    'instance-not-running',
    `Instance ${InstanceId} is ${State?.Name}: ${StateReason?.Message ?? 'AWS gives no reason'}.`,
    {
      hint:
        hintFor(StateReason?.Code, 'ec2:RunInstances') ??
        `Look at it with: aws ec2 describe-instances --instance-ids ${InstanceId}. A stopped one starts with: aws ec2 start-instances --instance-ids ${InstanceId}`,
    },
  );

const tokensSpent = (name: string): MigrationError =>
  new MigrationError(
    'instance-not-running',
    `EC2 answers every request for ${name} with an instance that is already terminated.`,
    {
      hint: 'Wait an hour, until EC2 has forgotten the terminated ones, or give the migration another "name" in ecsodus.yaml.',
    },
  );
