import {
  DescribeInstanceTypesCommand,
  type EC2Client,
  GetConsoleOutputCommand,
  paginateDescribeInstances,
  paginateDescribeInstanceTypeOfferings,
  type Instance as SdkInstance,
} from '@aws-sdk/client-ec2';
import type { AwsReader, Instance } from './aws.ts';
import { unlessAbsent } from './aws-errors.ts';
import { byName, onlyOne, tagsFrom } from './tags.ts';

/** Every state but `shutting-down` and `terminated`. */
export const living = ['pending', 'running', 'stopping', 'stopped'];

type InstanceReads = 'findInstance' | 'findInstanceType' | 'findOfferings' | 'consoleOutput';

export const instanceReader = (client: EC2Client): Pick<AwsReader, InstanceReads> => ({
  findInstance: async (name) => {
    const filters = [byName(name), { Name: 'instance-state-name', Values: living }];
    const found = await describe(client, { Filters: filters });
    return onlyOne(found.map(instanceOf), 'instance', name);
  },
  findInstanceType: async (type) => {
    const command = new DescribeInstanceTypesCommand({ InstanceTypes: [type as never] });
    const [found] =
      (await unlessAbsent(client.send(command), 'InvalidInstanceType', 'InvalidParameterValue'))?.InstanceTypes ?? [];
    return (
      found && {
        name: type,
        vcpus: found.VCpuInfo?.DefaultVCpus ?? 0,
        gpus: (found.GpuInfo?.Gpus ?? []).reduce((sum, { Count = 0 }) => sum + Count, 0),
        memoryMib: found.MemoryInfo?.SizeInMiB ?? 0,
        architectures: found.ProcessorInfo?.SupportedArchitectures ?? [],
      }
    );
  },
  findOfferings: async (types) => {
    const offered: Record<string, string[]> = {};
    if (types.length === 0) return offered;
    const asked = {
      LocationType: 'availability-zone' as const,
      Filters: [{ Name: 'instance-type', Values: [...types] }],
    };
    for await (const page of paginateDescribeInstanceTypeOfferings({ client }, asked)) {
      for (const { InstanceType: type = '', Location = '' } of page.InstanceTypeOfferings ?? [])
        offered[type] = [...(offered[type] ?? []), Location].sort();
    }
    return offered;
  },
  consoleOutput: async (InstanceId) => {
    const read = (latest: { Latest?: true }) => client.send(new GetConsoleOutputCommand({ InstanceId, ...latest }));
    // The latest output is there for Nitro instances only; without it, EC2 gives what it kept from the last start.
    const answer =
      (await unlessAbsent(read({ Latest: true }), 'UnsupportedOperation', 'InvalidParameterCombination')) ??
      (await read({}));
    return Buffer.from(answer.Output ?? '', 'base64').toString();
  },
});

async function describe(
  client: EC2Client,
  input: Parameters<typeof paginateDescribeInstances>[1],
): Promise<SdkInstance[]> {
  const found: SdkInstance[] = [];
  for await (const page of paginateDescribeInstances({ client }, input)) {
    for (const { Instances = [] } of page.Reservations ?? []) found.push(...Instances);
  }
  return found;
}

export const describeInstance = async (client: EC2Client, id: string): Promise<SdkInstance | undefined> =>
  (await unlessAbsent(describe(client, { InstanceIds: [id] }), 'InvalidInstanceID.NotFound'))?.[0];

const instanceOf = ({
  InstanceId = '',
  State,
  Placement,
  PublicIpAddress,
  PrivateIpAddress,
  NetworkInterfaces = [],
  InstanceType = '' as never,
  Tags,
}: SdkInstance): Instance => ({
  id: InstanceId,
  type: InstanceType,
  state: State?.Name ?? 'unknown',
  zone: Placement?.AvailabilityZone ?? '',
  publicAddress: PublicIpAddress,
  privateAddress: PrivateIpAddress,
  addressIsLent: NetworkInterfaces.some(({ Association }) => Association?.IpOwnerId === 'amazon'),
  tags: tagsFrom(Tags),
});
