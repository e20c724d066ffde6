import type { NetworkMode } from '@aws-sdk/client-ecs';
import type { Container } from '../inventory.ts';
import { type Json, recordOf, textOf, textsOf } from './json.ts';
import { hostNetworkPorts } from './ports.ts';
import { approximated, blocked, lost, mapped, nothing, type Rule, type Verdict, warning } from './verdict.ts';

/** docker0's address since Docker 1.9 (§5): how a container reaches what its host publishes. */
export const bridgeAddress = '172.17.0.1';

export function networkModeOf({ inspect }: Container): NetworkMode {
  const mode = textOf(recordOf(inspect.HostConfig).NetworkMode);
  return mode === 'host' || mode === 'none' ? mode : 'bridge';
}

/** Networks somebody made: those where Docker's DNS answers for names. */
export const userNetworks = ({ inspect }: Pick<Container, 'inspect'>): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries(recordOf(inspect.NetworkSettings?.Networks))
      .filter(([name]) => !['bridge', 'host', 'none', 'default', 'nat'].includes(name))
      .map(([name, network]) => [name, recordOf(network)]),
  );

export const networkMode: Rule = (value, { config }) => {
  const mode = textOf(value);
  if (mode === 'host') return [hostNetwork(config)];
  if (mode === 'none') return [mapped({}, { target: 'networkMode: none', task: { networkMode: 'none' } })];
  if (mode.startsWith('container:')) {
    return [
      blocked(
        'shared-network',
        `It shares the network of ${mode.slice('container:'.length)}, which ECS can do with awsvpc only; here it gets one of its own.`,
        'Give it a network of its own on the source, or move both to the host’s network; then take the inventory again.',
        { target: 'networkMode: bridge' },
      ),
    ];
  }
  return [approximated({}, 'its networks: NetworkSettings.Networks', { target: 'networkMode: bridge' })];
};

const hostNetwork = (config: Json): Verdict =>
  mapped(
    { portMappings: hostNetworkPorts(config) },
    {
      target: 'networkMode: host',
      task: { networkMode: 'host' },
      finding: warning(
        'host-network',
        'It is on the host’s network, so nothing says at which ports it is to be reached.',
        'ecsodus opens none of them: open those in the security group that the world may reach.',
      ),
    },
  );

/** §1.4: "name:address", split at the first colon since the address may be IPv6. */
export const extraHosts: Rule = (value, subject) =>
  textsOf(value).map((entry) => {
    const [, hostname = entry, address = ''] = /^([^:=]+)[:=](.*)$/s.exec(entry) ?? [];
    const extra = { at: hostname, value: entry };
    if (address === '')
      return lost('extra-hosts', `Its extra host ${entry} has no address.`, 'Write it as name:address.', extra);
    if (subject.networkMode === 'host')
      return lost(
        'extra-hosts',
        `ECS refuses extra hosts on the host’s network.`,
        `Add "${address} ${hostname}" to the instance’s /etc/hosts.`,
        extra,
      );
    const ipAddress = address === 'host-gateway' ? bridgeAddress : address.replace(/^\[(.*)\]$/, '$1');
    return mapped({ extraHosts: [{ hostname, ipAddress }] }, extra);
  });

/** Resolvers that answer on the droplet only: DigitalOcean's, and private or loopback ones (§1.4). */
const answersHereOnly =
  /^(67\.207\.67\.[23]$|127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd][0-9a-f]{2}:|fe80:)/i;

export const dns: Rule = (value) =>
  textsOf(value).map((server) =>
    answersHereOnly.test(server)
      ? lost(
          'dns-server',
          `Its DNS server ${server} answers on the source only.`,
          'The instance’s own resolver is used.',
          { at: server, value: server },
        )
      : mapped({ dnsServers: [server] }, { at: server, value: server }),
  );

export const dnsSearch: Rule = (value) => [mapped({ dnsSearchDomains: textsOf(value) })];

export const dnsOptions: Rule = (value) => [
  lost(
    'dns-options',
    `It has the DNS options ${textsOf(value).join(', ')}; ECS has none.`,
    'Set them in the instance’s daemon.json ("dns-opts").',
  ),
];

/** Links on the default bridge; `links.ts` writes them. */
export const links: Rule = (value, { mates, moved }) =>
  textsOf(value).map((link) => {
    const target = link.split(':')[0]?.replace(/^\//, '') ?? '';
    const extra = { at: target, value: link };
    if (mates.includes(target)) return nothing('links', extra);
    if (moved.includes(target))
      return approximated({}, 'in a workload of its own: by extraHosts, where it can be reached so', extra);
    return lost(
      'link-target',
      `It is linked to ${target}, which does not run.`,
      `Start ${target} on the source if it is still needed.`,
      extra,
    );
  });
