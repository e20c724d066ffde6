import type { Config } from '../config.ts';
import { namesOf } from '../names.ts';
import type { AwsReader, AwsWriter, SecurityGroup, SecurityRule } from './aws.ts';
import { everywhere } from './wanted-network.ts';

interface Reading {
  readonly aws: AwsReader;
  readonly config: Config;
}

/** The migration's security group, undefined where there is none. */
export async function findGroup({ aws, config }: Reading): Promise<SecurityGroup | undefined> {
  const [{ vpcId }] = await aws.findSubnets(config.instance.subnet);
  return aws.findSecurityGroup(namesOf(config.name).securityGroup, vpcId);
}

/** The ports that cut-over opened to the world. */
export const openedPorts = async (context: Reading): Promise<number[]> =>
  ((await findGroup(context))?.rules ?? []).filter(({ cidr }) => cidr === everywhere).map(({ port }) => port);

/** Takes a rule out of the group, if it is there. */
export async function revokeRule(
  { port, cidr }: Pick<SecurityRule, 'port' | 'cidr'>,
  context: Reading & { readonly aws: AwsWriter },
): Promise<void> {
  const group = await findGroup(context);
  const rule = group?.rules.find((each) => each.port === port && each.cidr === cidr);
  if (group && rule) await context.aws.revokeIngress(group.id, rule);
}
