import { isIP } from 'node:net';
import { type Design, publicPorts } from '../design.ts';
import { MigrationError } from '../errors.ts';
import { namesOf } from '../names.ts';
import type { SecurityRule } from './aws.ts';
import type { ProvisionChange, Wishes } from './provision-changes.ts';

/** The security group and its rules. */
export function wantedNetwork(wishes: Wishes): ProvisionChange[] {
  const { config, subnet } = wishes;
  const group = namesOf(config.name).securityGroup;
  const rules = wantedRules(wishes).map(
    (rule): ProvisionChange => ({
      id: `rule:${group}:${rule.port}:${rule.cidr}`,
      kind: 'rule',
      verb: 'update',
      target: `port ${rule.port} from ${rule.cidr}`,
      reason: rule.description,
      group,
      vpcId: subnet.vpcId,
      rule,
    }),
  );
  return [
    {
      id: `group:${group}`,
      kind: 'group',
      verb: 'create',
      target: `security group ${group}`,
      reason: 'lets in what is named below, and nothing else',
      name: group,
      vpcId: subnet.vpcId,
    },
    ...rules,
  ];
}

/** Whom published ports let in, as on the source; cut-over opens them, once the target serves. */
export const everywhere = '0.0.0.0/0';

const wantedRules = ({ design, sourceFacts }: Pick<Wishes, 'design' | 'sourceFacts'>): SecurityRule[] =>
  rulesFor(design, { operator: cidrOf(sourceFacts.operatorAddress), source: cidrOf(sourceFacts.address) });

/**
 * SSH from two ranges; and visitors that the source hands on, so that they are not the ones who wait until a new rule
 * is known everywhere. The source hands on nobody before the target serves.
 */
export function rulesFor(
  { workloads }: Pick<Design, 'workloads'>,
  { operator, source }: { readonly operator: string; readonly source: string },
): SecurityRule[] {
  const rules = [
    { port: 22, cidr: operator, description: 'ecsodus: SSH from the operator' },
    { port: 22, cidr: source, description: 'ecsodus: data from the source' },
    ...publicPorts(workloads).map((port) => ({ port, cidr: source, description: 'ecsodus: visitors of the source' })),
  ];
  const seen = new Set<string>();
  return rules.filter(({ port, cidr }) => !seen.has(`${port} ${cidr}`) && seen.add(`${port} ${cidr}`));
}

/**
 * One address as a range, undefined where it is none. sshd shows IPv4 clients of an IPv6 socket as ::ffff:a.b.c.d, and
 * link-local ones with a zone.
 */
export function rangeOf(address: string): string | undefined {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  const version = isIP(plain);
  return version === 0 ? undefined : `${plain}/${version === 4 ? 32 : 128}`;
}

export function cidrOf(address: string): string {
  const range = rangeOf(address);
  if (range !== undefined) return range;
  throw new MigrationError('address-unknown', `"${address}" is not an IP address, so no rule can let it in.`, {
    hint: 'Reach the source over TCP/IP: check "HostName" of its entry in ~/.ssh/config.',
  });
}
