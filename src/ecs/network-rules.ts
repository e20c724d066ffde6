import type { NetworkMode } from '@aws-sdk/client-ecs';
import type { Container } from '../inventory.ts';
import { isEmpty, type Json, recordOf, textOf, textsOf } from './json.ts';
import { hostNetworkPorts } from './ports.ts';
import { approximated, blocked, lost, mapped, nothing, type Rule, type Verdict, warning } from './verdict.ts';

/** docker0's address since Docker 1.9 (§5): how a container reaches what its host publishes. */
export const bridgeAddress = '172.17.0.1';

export function networkModeOf({ inspect }: Container): NetworkMode {
  const mode = textOf(recordOf(inspect.HostConfig).NetworkMode);
  return mode === 'host' || mode === 'none' ? mode : 'bridge';
}

/** Networks somebody made: those where Docker's DNS answers for names. */
export const userNetworks = ({ inspect }: Container): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries(recordOf(inspect.NetworkSettings?.Networks))
      .filter(([name]) => !['bridge', 'host', 'none', 'default', 'nat'].includes(name))
      .map(([name, network]) => [name, recordOf(network)]),
  );

export const networkMode: Rule = (value, { config }) => {
  const mode = textOf(value);
  if (mode === 'host') return [hostNetwork(config)];
  if (mode === 'none') return [mapped({}, { detail: 'networkMode: none', task: { networkMode: 'none' } })];
  if (mode.startsWith('container:')) {
    return [
      blocked(
        'shared-network',
        `It shares the network of ${mode.slice('container:'.length)}, which ECS can do with awsvpc only.`,
        'Give it a network of its own on the source, or move both to the host’s network; then take the inventory again.',
      ),
    ];
  }
  return [nothing('networkMode: bridge; its networks: NetworkSettings.Networks')];
};

const hostNetwork = (config: Json): Verdict =>
  mapped(
    { portMappings: hostNetworkPorts(config) },
    {
      detail: 'networkMode: host',
      task: { networkMode: 'host' },
      finding: warning(
        'host-network',
        'It is on the host’s network, so nothing says at which ports it is to be reached.',
        'ecsodus opens none of them: open those in the security group that the world may reach.',
      ),
    },
  );

/** §1.4: no DNS on docker0, and the agent creates containers with an empty NetworkingConfig. */
export const networks: Rule = (value, { container }) => {
  const own = userNetworks(container);
  return Object.entries(recordOf(value))
    .filter(([name]) => name in own)
    .flatMap(([name, network]) => [
      onBridge(name, recordOf(network), container.id),
      ...endpoint(name, recordOf(network)),
    ]);
};

const onBridge = (at: string, network: Json, id: string): Verdict =>
  approximated({}, 'on docker0 instead; the names it calls become links of its task', {
    at,
    value: textsOf(network.Aliases).filter((alias) => alias !== id.slice(0, 12)),
  });

function* endpoint(network: string, { IPAMConfig, DriverOpts }: Json): Generator<Verdict> {
  const fixed = [recordOf(IPAMConfig).IPv4Address, recordOf(IPAMConfig).IPv6Address]
    .map(textOf)
    .filter((ip) => ip !== '');
  if (fixed.length > 0) {
    const message = `It has the fixed address ${fixed.join(', ')} on ${network}; ECS gives addresses out itself.`;
    yield lost('fixed-address', message, 'Call it by name.', { at: `${network}.IPAMConfig`, value: fixed.join(', ') });
  }
  if (!isEmpty(DriverOpts)) {
    const message = `It has driver options on ${network}; ECS cannot set them.`;
    yield lost('network-options', message, 'Check that it works without.', {
      at: `${network}.DriverOpts`,
      value: DriverOpts,
    });
  }
}

/** §1.4: "name:address", split at the first colon since the address may be IPv6. */
export const extraHosts: Rule = (value, subject) =>
  textsOf(value).map((entry) => {
    const [, hostname = entry, address = ''] = /^([^:=]+)[:=](.*)$/.exec(entry) ?? [];
    const extra = { at: hostname, value: entry };
    if (subject.networkMode === 'host')
      return lost(
        'extra-hosts',
        `ECS refuses extra hosts on the host’s network.`,
        `Add "${address} ${hostname}" to the instance’s /etc/hosts.`,
        extra,
      );
    const ipAddress = address === 'host-gateway' ? bridgeAddress : address;
    return mapped({ extraHosts: [{ hostname, ipAddress }] }, extra);
  });

/** Resolvers that answer on the droplet only: DigitalOcean's, and private or loopback ones (§1.4). */
const answersHereOnly = /^(67\.207\.67\.[23]|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/;

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
