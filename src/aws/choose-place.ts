import type { Config } from '../config.ts';
import type { Design } from '../design.ts';
import { chosenInstanceType, fittingTypes, totalNeeds } from '../ecs/instance-choice.ts';
import { largestCandidate } from '../ecs/instance-types.ts';
import type { AwsReader, Instance, InstanceType, Offerings, Subnet } from './aws.ts';

export interface ChosenType {
  readonly name: string;
  /** What AWS says of it; undefined where the region does not have it. */
  readonly found: InstanceType | undefined;
  /** Where the zone does not have it, those that do. */
  readonly elsewhere?: readonly string[];
}

interface Place {
  readonly type: ChosenType;
  readonly subnet: Subnet;
}

type Seen = Pick<AwsReader, 'findInstanceType' | 'findOfferings'>;

/**
 * Type and subnet of the instance. One that is there keeps its type; else it is the one that ecsodus.yaml names, else the
 * smallest that all workloads fit on, by AWS's own figures. The subnet is the first whose zone has the type.
 */
export async function choosePlace(
  aws: Seen,
  { config, design }: { readonly config: Pick<Config, 'instance'>; readonly design: Pick<Design, 'workloads'> },
  instance: Instance | undefined,
  subnets: ReturnType<AwsReader['findSubnets']>,
): Promise<Place> {
  if (instance) {
    const [type, [subnet]] = await Promise.all([typeOf(aws, instance.type), subnets]);
    return { type, subnet };
  }
  const needs = totalNeeds(design.workloads);
  const named = config.instance.type;
  const wanted = named === undefined ? fittingTypes(needs).map(({ name }) => name) : [named];
  const [offered, [first, ...others]] = await Promise.all([aws.findOfferings(wanted), subnets]);
  for (const name of wanted) {
    const subnet = [first, ...others].find(({ zone }) => offered[name]?.includes(zone));
    if (subnet === undefined) continue;
    const type = await typeOf(aws, name);
    const fits = type.found !== undefined && fittingTypes(needs, [type.found]).length > 0;
    if (named !== undefined || fits) return { type, subnet };
  }
  const name =
    wanted.find((type) => offered[type]) ?? chosenInstanceType(design.workloads, config) ?? largestCandidate.name;
  return { type: { ...(await typeOf(aws, name)), ...elsewhere(offered, name, first) }, subnet: first };
}

const typeOf = async (aws: Seen, name: string): Promise<ChosenType> => ({
  name,
  found: await aws.findInstanceType(name),
});

function elsewhere(offered: Offerings, name: string, { zone }: Subnet): Pick<ChosenType, 'elsewhere'> {
  const zones = offered[name] ?? [];
  return zones.length === 0 || zones.includes(zone) ? {} : { elsewhere: zones };
}
