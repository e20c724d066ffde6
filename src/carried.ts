import type { ContainerDefinition, PortMapping } from '@aws-sdk/client-ecs';
import type { Json } from './docker/docker.ts';

/** One field of a container definition, as entries that are the same on both sides once it has arrived. */
interface Field {
  readonly name: string;
  readonly wanted: readonly string[];
  readonly found: readonly string[];
}

const record = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const records = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(record) : []);
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
const mib = (bytes: unknown): number => Math.round(Number(bytes ?? 0) / 1024 ** 2);

/** Fields of a definition that do not show in `docker inspect` of the container made from it, by name and entry. */
export function notCarried(definition: ContainerDefinition, inspect: Json): string[] {
  return fieldsOf(definition, record(inspect.Config), record(inspect.HostConfig)).flatMap(({ name, wanted, found }) => [
    ...wanted.filter((entry) => !found.includes(entry)).map((entry) => `${name} ${entry} is missing`),
    ...found.filter((entry) => !wanted.includes(entry)).map((entry) => `${name} ${entry} is new`),
  ]);
}

/** What the ECS agent makes of each field (ecs-mapping §1, §3). Environment and mounts are compared with the source's. */
function fieldsOf(definition: ContainerDefinition, config: Json, host: Json): readonly Field[] {
  const { linuxParameters: linux = {}, dockerLabels = {} } = definition;
  return [
    ...flags(definition, config, host),
    field('port', ports(definition, host), boundPorts(host)),
    field(
      'label',
      Object.entries(dockerLabels).map(([key, value]) => `${key}=${value}`),
      // Labels of the image and of ECS are there besides.
      Object.entries(record(config.Labels)).flatMap(([key, value]) => (key in dockerLabels ? [`${key}=${value}`] : [])),
    ),
    field('capability', linux.capabilities?.add, texts(host.CapAdd).map(plainCapability)),
    field('dropped capability', linux.capabilities?.drop, texts(host.CapDrop).map(plainCapability)),
    field(
      'ulimit',
      definition.ulimits?.map(({ name, softLimit, hardLimit }) => `${name} ${softLimit}:${hardLimit}`),
      records(host.Ulimits).map(({ Name, Soft, Hard }) => `${Name} ${Soft}:${Hard}`),
    ),
    field(
      'sysctl',
      definition.systemControls?.map(({ namespace, value }) => `${namespace}=${value}`),
      Object.entries(record(host.Sysctls)).map(([key, value]) => `${key}=${value}`),
    ),
    field(
      'device',
      linux.devices?.map(({ hostPath, containerPath }) => `${hostPath}:${containerPath ?? hostPath}`),
      records(host.Devices).map(({ PathOnHost, PathInContainer }) => `${PathOnHost}:${PathInContainer}`),
    ),
    field(
      'tmpfs',
      linux.tmpfs?.map(({ containerPath = '' }) => containerPath),
      Object.keys(record(host.Tmpfs)),
    ),
    field(
      'extra host',
      definition.extraHosts?.map(({ hostname, ipAddress }) => `${hostname}:${ipAddress}`),
      texts(host.ExtraHosts),
    ),
    field(
      'link',
      definition.links?.map((link) => link.split(':').at(-1) ?? ''),
      texts(host.Links).map((link) => link.split('/').at(-1) ?? ''),
    ),
    field('DNS server', definition.dnsServers, texts(host.Dns)),
    field('DNS search domain', definition.dnsSearchDomains, texts(host.DnsSearch)),
  ];
}

/** What is on or off, or a number: shown only where it is set. */
function flags(definition: ContainerDefinition, config: Json, host: Json): readonly Field[] {
  const { linuxParameters: linux = {}, memory, memoryReservation } = definition;
  return [
    flag('memory', memory, mib(host.Memory)),
    flag('memory reservation', memoryReservation, mib(host.MemoryReservation)),
    // 0 and 1 are less than the kernel takes.
    flag('CPU shares', Math.max(2, definition.cpu ?? 0), host.CpuShares),
    ...(linux.sharedMemorySize ? [flag('shared memory', linux.sharedMemorySize, mib(host.ShmSize))] : []),
    flag('privileged', definition.privileged, host.Privileged),
    flag('read-only root', definition.readonlyRootFilesystem, host.ReadonlyRootfs),
    flag('init process', linux.initProcessEnabled, host.Init),
    flag('terminal', definition.pseudoTerminal, config.Tty),
    flag('standard input', definition.interactive, config.OpenStdin),
    flag('log driver', definition.logConfiguration?.logDriver ?? 'json-file', record(host.LogConfig).Type),
    ...(definition.hostname ? [flag('host name', definition.hostname, config.Hostname)] : []),
  ];
}

const field = (name: string, wanted: readonly string[] | undefined, found: readonly string[]): Field => ({
  name,
  wanted: wanted ?? [],
  found,
});

const flag = (name: string, wanted: unknown, found: unknown): Field => field(name, shown(wanted), shown(found));

const shown = (value: unknown): string[] => (value ? [String(value)] : []);

const plainCapability = (name: string): string => name.replace(/^CAP_/, '');

/** On the host's network nothing is published, and the mappings only reserve. */
const ports = ({ portMappings = [] }: ContainerDefinition, { NetworkMode }: Json): readonly string[] =>
  NetworkMode === 'host' ? [] : portMappings.map(portOf);

const portOf = ({ containerPort, hostPort, protocol = 'tcp' }: PortMapping): string =>
  `${hostPort || 'any'}:${containerPort}/${protocol}`;

const boundPorts = ({ PortBindings }: Json): readonly string[] =>
  Object.entries(record(PortBindings)).flatMap(([port, bindings]) =>
    records(bindings).map(({ HostPort }) => `${Number(HostPort) || 'any'}:${port}`),
  );
