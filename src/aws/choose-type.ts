import type { Config } from '../config.ts';
import type { Design } from '../design.ts';
import { chosenInstanceType, fittingTypes, totalNeeds } from '../ecs/instance-choice.ts';
import { largestCandidate } from '../ecs/instance-types.ts';
import type { AwsReader, Instance, InstanceType } from './aws.ts';

export interface ChosenType {
  readonly name: string;
  /** What AWS says of it; undefined where the region does not have it. */
  readonly found: InstanceType | undefined;
}

/**
 * An instance that is there keeps its type; else it is the one that ecsodus.yaml names, else the smallest that all
 * workloads fit on and the region has, by AWS's own figures.
 */
export async function chooseType(
  aws: Pick<AwsReader, 'findInstanceType'>,
  { config, design }: { readonly config: Pick<Config, 'instance'>; readonly design: Pick<Design, 'workloads'> },
  instance: Instance | undefined,
): Promise<ChosenType> {
  const given = instance?.type ?? config.instance.type;
  if (given !== undefined) return { name: given, found: await aws.findInstanceType(given) };
  const needs = totalNeeds(design.workloads);
  for (const { name } of fittingTypes(needs)) {
    const found = await aws.findInstanceType(name);
    if (found !== undefined && fittingTypes(needs, [found]).length > 0) return { name, found };
  }
  const name = chosenInstanceType(design.workloads, config) ?? largestCandidate.name;
  return { name, found: await aws.findInstanceType(name) };
}
