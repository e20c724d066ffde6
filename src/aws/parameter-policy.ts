import type { WorkloadSecret } from '../design.ts';
import type { Identity } from './aws.ts';

export const parameterPolicyName = 'ecsodus-parameters';

/** Characters that all inline policies of a role may have together (IAM quotas). */
const sizeLimit = 10_240;

/** Lets the execution role read exactly these parameters; undefined where there are none. */
export function parameterPolicy(
  secrets: readonly WorkloadSecret[],
  { partition, region, account }: Pick<Identity, 'partition' | 'region' | 'account'>,
  migration: string,
): string | undefined {
  if (secrets.length === 0) return undefined;
  const arn = (parameter: string) => `arn:${partition}:ssm:${region}:${account}:parameter${parameter}`;
  const exact = document([...new Set(secrets.map(({ parameter }) => arn(parameter)))].sort());
  // Too many to name one by one: then all of this migration, and still nobody else's.
  return exact.length <= sizeLimit ? exact : document([arn(`/ecsodus/${migration}/*`)]);
}

const document = (Resource: readonly string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ssm:GetParameters', Resource }] });
