import { type EC2Client, paginateDescribeInstances, type Instance as SdkInstance } from '@aws-sdk/client-ec2';
import {
  GetServiceQuotaCommand,
  ServiceQuotasClient,
  type ServiceQuotasClientConfig,
} from '@aws-sdk/client-service-quotas';
import { sizeOf } from '../ecs/instance-types.ts';
import { MigrationError } from '../errors.ts';
import type { AwsReader, VcpuQuota } from './aws.ts';
import { withMigrationErrors } from './aws-errors.ts';

/** On-Demand instances are limited by vCPUs, one limit for each of these kinds of types (EC2 On-Demand instance quotas). */
const kinds: readonly (readonly [code: string, types: RegExp])[] = [
  ['L-1216C47A', /^(a|c|d|h|i|im|is|m|r|t|z)\d/],
  ['L-DB2E81BA', /^(g|gr|vt)\d/],
];

/** The kind of types that a type is limited with; undefined for rarer ones, of which EC2 itself says when they are too many. */
const quotaKindOf = (type: string) => kinds.find(([, types]) => types.test(type));

export const quotasClient = (options: ServiceQuotasClientConfig): ServiceQuotasClient =>
  withMigrationErrors(new ServiceQuotasClient(options), 'servicequotas');

export const quotaReader = (client: ServiceQuotasClient, ec2: EC2Client): Pick<AwsReader, 'findVcpuQuota'> => ({
  findVcpuQuota: async (type) => {
    const [code, types] = quotaKindOf(type) ?? [];
    if (code === undefined || types === undefined) return undefined;
    const [limit, used] = await Promise.all([findLimit(client, code), vcpusInUse(ec2, types)]);
    return limit === undefined ? undefined : ({ code, limit, used } satisfies VcpuQuota);
  },
});

/** Undefined where nobody may ask, or nobody answers: this is to be told early, and EC2 tells it in any case. */
async function findLimit(client: ServiceQuotasClient, QuotaCode: string): Promise<number | undefined> {
  try {
    const answer = await client.send(new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode }));
    return answer.Quota?.Value;
  } catch (error) {
    if (error instanceof MigrationError) return undefined;
    throw error;
  }
}

/** Stopped instances and Spot do not count. */
async function vcpusInUse(client: EC2Client, types: RegExp): Promise<number> {
  const running = { Filters: [{ Name: 'instance-state-name', Values: ['pending', 'running', 'stopping'] }] };
  let sum = 0;
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, running)) {
    const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
    const counted = instances.filter((each) => types.test(each.InstanceType ?? '') && !each.InstanceLifecycle);
    sum += counted.reduce((all, each) => all + vcpusOf(each), 0);
  }
  return sum;
}

const vcpusOf = ({ CpuOptions, InstanceType = '' as never }: SdkInstance): number =>
  (CpuOptions?.CoreCount ?? 0) * (CpuOptions?.ThreadsPerCore ?? 0) || (sizeOf(InstanceType)?.vcpus ?? 0);
