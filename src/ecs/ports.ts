import type { PortMapping } from '@aws-sdk/client-ecs';
import type { Container } from '../inventory.ts';
import { type Json, recordOf, recordsOf, textOf } from './json.ts';
import { approximated, blocked, mapped, nothing, type Rule, type Subject, type Verdict, warning } from './verdict.ts';

/** Ports the kernel hands out by itself: ECS refuses them as fixed host ports (§2). */
export const isEphemeral = (port: number): boolean => port >= 32768 && port <= 60999;

interface Binding {
  readonly hostPort: number;
  readonly isPublic: boolean;
  /** Published on one address of several. */
  readonly isBound: boolean;
}

/** §1.4 PortBindings: read here and not in NetworkSettings.Ports, which has every port once more for IPv6. */
export const portBindings: Rule = (value, subject) => {
  if (subject.networkMode !== 'bridge')
    return [nothing(`ignored by Docker with the network mode ${subject.networkMode}`)];
  const published = Object.entries(recordOf(value));
  const verdicts = published.map(([port, bindings]) => publishedPort(port, recordsOf(bindings), subject));
  return published.length > mostPorts ? withFinding(verdicts, tooMany(published.length)) : verdicts;
};

/** §1.4: of the 100 host ports an instance has, the agent and sshd keep some. */
const mostPorts = 90;

const tooMany = (count: number) =>
  ({
    level: 'blocker',
    code: 'port-range',
    message: `It publishes ${count} ports; ECS gives an instance 100 in all.`,
    remedy: 'Run it on the host’s network on the source (--network host), where none is published; then plan again.',
  }) as const;

const withFinding = ([first, ...rest]: readonly Verdict[], finding: Verdict['finding'] & object): Verdict[] =>
  first === undefined ? [] : [{ ...first, finding }, ...rest];

/** --publish-all: what the image exposes and no binding names, at a port of the engine’s choice. */
export const publishAllPorts: Rule = (_, subject) => {
  const ports = Object.keys(recordOf(subject.config.ExposedPorts)).filter(
    (port) => !(port in recordOf(subject.host.PortBindings)),
  );
  if (subject.networkMode !== 'bridge' || ports.length === 0)
    return [nothing('no port is left that is not published by itself')];
  return ports.map((port) => publishedPort(port, [{}], subject));
};

/** On the host's network nothing is published; naming the ports lets ECS keep two tasks off one port (§1.4). */
export const hostNetworkPorts = (config: Json): PortMapping[] =>
  Object.keys(recordOf(config.ExposedPorts)).flatMap((port) => {
    const { containerPort, protocol } = parsePort(port);
    // An SCTP or ephemeral port is simply used there; ECS would refuse its mapping.
    if (!isPort(containerPort) || isEphemeral(containerPort) || protocol === 'sctp') return [];
    return [{ containerPort, hostPort: containerPort, protocol: protocol === 'udp' ? 'udp' : 'tcp' }];
  });

const parsePort = (port: string): { containerPort: number; protocol: string } => {
  const [, number = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(port) ?? [];
  return { containerPort: Number(number), protocol };
};

const isPort = (port: number): boolean => port >= 1 && port <= 65535;

function publishedPort(port: string, bindings: readonly Json[], subject: Subject): Verdict {
  const { containerPort, protocol } = parsePort(port);
  if (!isPort(containerPort))
    return blocked('port', `It publishes ${port}, which is no port.`, 'Publish a port from 1 to 65535.', {
      at: port,
      value: bindings,
    });
  if (bindings.length === 0) return nothing('exposed, and not published', { at: port, value: 'not published' });
  if (protocol === 'sctp') {
    return blocked(
      'sctp',
      `It publishes ${port}; ECS takes every protocol but UDP for TCP.`,
      'Leave it where it is, or let it speak SCTP on the host’s network (--network host).',
      { at: port, value: bindings },
    );
  }
  const found = bindingsOf(port, bindings, subject.container.inspect);
  const portMappings = mappings(port, found);
  const open = found.filter(({ isPublic, hostPort }) => isPublic && hostPort > 0 && protocol === 'tcp');
  const task = { ports: open.map(({ hostPort }) => hostPort) };
  return judged(
    { portMappings },
    { at: port, value: bindings, task, target: shownPorts(found, port) },
    found,
    port,
    subject,
  );
}

/** What a container on docker0 publishes, by number; 0 is any. On the host's network, what it exposes. */
export function publishedMappings({ inspect }: Container): PortMapping[] {
  const { NetworkMode, PortBindings, PublishAllPorts } = recordOf(inspect.HostConfig);
  const config = recordOf(inspect.Config);
  if (NetworkMode === 'none') return [];
  if (NetworkMode === 'host') return hostNetworkPorts(config);
  const named = Object.entries(recordOf(PortBindings)).map(([port, found]) => [port, recordsOf(found)] as const);
  const exposed = Object.keys(PublishAllPorts === true ? recordOf(config.ExposedPorts) : {});
  const others = exposed.filter((port) => !(port in recordOf(PortBindings))).map((port) => [port, [{}]] as const);
  return [...named, ...others]
    .filter(([port, found]) => found.length > 0 && isPort(parsePort(port).containerPort) && !port.endsWith('/sctp'))
    .flatMap(([port, found]) => mappings(port, bindingsOf(port, found, inspect)));
}

const mappings = (port: string, bindings: readonly Binding[]): PortMapping[] => {
  const { containerPort, protocol } = parsePort(port);
  return bindings.map(({ hostPort }) => ({
    containerPort,
    hostPort,
    protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const),
  }));
};

const bindingsOf = (port: string, bindings: readonly Json[], inspect: Container['inspect']): Binding[] =>
  distinct(bindings.map((binding, index) => bindingOf(binding, used(port, index, inspect))));

/** The port in use now, where none was asked for by number. */
const used = (port: string, index: number, { NetworkSettings }: Container['inspect']): number => {
  const ports = recordOf(recordOf(NetworkSettings).Ports);
  return Number(textOf(recordsOf(ports[port])[index]?.HostPort)) || 0;
};

/** A host port may be a range (`8000-8010`): then the engine chose one of it. */
function bindingOf({ HostIp, HostPort }: Json, inUse: number): Binding {
  const asked = /^\d+$/.test(textOf(HostPort)) ? Number(textOf(HostPort)) : 0;
  const hostPort = asked || (isEphemeral(inUse) ? 0 : inUse);
  const address = textOf(HostIp);
  return { hostPort, isPublic: isPublicAddress(address), isBound: !['', '0.0.0.0', '::'].includes(address) };
}

const distinct = (bindings: readonly Binding[]): Binding[] => {
  const byPort = new Map<number, Binding>();
  for (const binding of bindings) {
    const before = byPort.get(binding.hostPort);
    const isPublic = binding.isPublic || (before?.isPublic ?? false);
    byPort.set(binding.hostPort, { ...binding, isPublic, isBound: binding.isBound && (before?.isBound ?? true) });
  }
  return [...byPort.values()];
};

const isPublicAddress = (address: string): boolean =>
  !/^(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|fe80)/i.test(
    address,
  );

const shownPorts = (bindings: readonly Binding[], port: string): string =>
  `portMappings: ${bindings.map(({ hostPort }) => `${hostPort === 0 ? 'any' : hostPort}:${port}`).join(', ')}`;

type Piece = { portMappings: PortMapping[] };
type Shown = { at: string; value: unknown; task: { ports: number[] }; target: string };

function judged(piece: Piece, extra: Shown, bindings: readonly Binding[], port: string, subject: Subject): Verdict {
  if (bindings.some(({ hostPort }) => hostPort === 0)) return dynamic(piece, extra, port);
  if (bindings.some(({ isPublic }) => !isPublic)) return privately(piece, extra, port);
  if (bindings.some(({ isBound }) => isBound)) return onOneAddress(piece, extra, port);
  if (port.endsWith('/udp')) return openUdp(piece, extra, port, subject);
  return mapped(piece, extra);
}

const dynamic = (piece: Piece, extra: Shown, port: string): Verdict =>
  approximated(piece, 'the host port changes with every start', {
    ...extra,
    finding: warning(
      'dynamic-port',
      `${port} is published at a port of the engine’s choice; ECS chooses anew at every start.`,
      `Publish it at a fixed port below 32768, for those who call it.`,
    ),
  });

/** §1.4: the agent sets the port only, never the address. */
const privately = (piece: Piece, extra: Shown, port: string): Verdict =>
  approximated(piece, 'published on all addresses; the security group stays closed for it', {
    ...extra,
    finding: warning(
      'host-address',
      `${port} was published on one address only; ECS publishes it on all addresses of the instance.`,
      'ecsodus does not open it in the security group; keep it closed there.',
    ),
  });

/** §1.4: of several public addresses of the source, the instance has one. */
const onOneAddress = (piece: Piece, extra: Shown, port: string): Verdict =>
  approximated(piece, 'published on all addresses of the instance, which has one that is public', {
    ...extra,
    finding: warning(
      'host-address',
      `${port} was published on one public address only; ECS publishes it on all addresses of the instance.`,
      'Where other addresses of the source had other things at that port, publish those at ports of their own.',
    ),
  });

/** §1.4: creating a service with one port as TCP and UDP has failed for others; and ecsodus opens TCP ports only. */
const openUdp = (piece: Piece, extra: Shown, port: string, { host }: Subject): Verdict => {
  const isBoth = port.replace('/udp', '/tcp') in recordOf(host.PortBindings);
  const message = isBoth
    ? `${port} is published as TCP too, which ECS may refuse in a service.`
    : `${port} is published; ecsodus opens TCP ports only.`;
  const remedy = isBoth
    ? 'Use the host’s network for it if ECS refuses.'
    : `Open ${port} in the security group yourself.`;
  return mapped(piece, { ...extra, finding: warning(isBoth ? 'tcp-and-udp' : 'udp-port', message, remedy) });
};
