import type { AwsReader } from './aws/aws.ts';
import type { RegisteredFamilies } from './aws/ours.ts';
import { type Design, definedBy } from './design.ts';

/** What ECS has registered under the families of the design. */
export async function readFamilies(
  design: Pick<Design, 'workloads' | 'idle'>,
  aws: Pick<AwsReader, 'findTaskDefinition'>,
): Promise<RegisteredFamilies> {
  const families = definedBy(design).map(({ taskDefinition: { family } }) => family);
  const found = await Promise.all(families.map((family) => aws.findTaskDefinition(family)));
  return Object.fromEntries(families.map((family, index) => [family, found[index]]));
}
