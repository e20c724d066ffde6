import type { ContainerDefinition, HealthCheck, Volume } from '@aws-sdk/client-ecs';
import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import { limits } from './agent-limits.ts';
import type { TaskDefinition } from './moto-state.ts';

/** What only the running task knows. */
export interface Surroundings {
  readonly taskArn: string;
  readonly cluster: string;
  readonly region: string;
  /** Random, of this container: 20 hex digits. */
  readonly suffix: string;
  /** Variables the image sets: the agent does not set its own over them. */
  readonly imageVariables: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
  /** Docker's names of the task's other containers. */
  readonly names: Readonly<Record<string, string>>;
  /** The task's own cgroup. */
  readonly cgroup: string;
  /** Docker's names of the task's volumes; host volumes are not among them. */
  readonly volumes: Readonly<Record<string, string>>;
}

const label = 'com.amazonaws.ecs.';
const present = <T>(list: readonly T[] | undefined): list is readonly T[] => list !== undefined && list.length > 0;

/** Underscores vanish from the container's part, as the real agent's names show. */
export function containerName(task: TaskDefinition, { name = '' }: ContainerDefinition, suffix: string): string {
  return `ecs-${task.family}-${task.revision}-${name.replace(/[^A-Za-z0-9-]/g, '')}-${suffix}`;
}

/** The one place where a container definition becomes what Docker is asked for: as the ECS agent asks, and no more. */
export function createOptions(
  task: TaskDefinition,
  container: ContainerDefinition,
  around: Surroundings,
): ContainerCreateOptions {
  const { command, entryPoint, workingDirectory, user, hostname, healthCheck } = container;
  return {
    name: containerName(task, container, around.suffix),
    Image: container.image ?? '',
    ...(present(entryPoint) ? { Entrypoint: entryPoint } : {}),
    ...(present(command) ? { Cmd: command } : {}),
    ...(workingDirectory ? { WorkingDir: workingDirectory } : {}),
    ...(user ? { User: user } : {}),
    ...(hostname ? { Hostname: hostname } : {}),
    ...(healthCheck ? { Healthcheck: dockerHealthCheck(healthCheck) } : {}),
    Env: environment(container, around),
    Labels: { ...container.dockerLabels, ...labels(task, container, around) },
    ExposedPorts: Object.fromEntries((container.portMappings ?? []).map((mapping) => [portKey(mapping), {}])),
    Tty: container.pseudoTerminal ?? false,
    OpenStdin: container.interactive ?? false,
    ...(container.disableNetworking ? { NetworkDisabled: true } : {}),
    HostConfig: hostConfig(task, container, around),
  };
}

/** The agent keeps variables in a map: the last of a name wins and the order is lost. */
function environment({ environment: given }: ContainerDefinition, around: Surroundings): string[] {
  const id = around.taskArn.split('/').at(-1);
  const injected: Record<string, string> = {
    ECS_CONTAINER_METADATA_URI: `http://169.254.170.2/v3/${id}`,
    ECS_CONTAINER_METADATA_URI_V4: `http://169.254.170.2/v4/${id}`,
    ECS_AGENT_URI: `http://169.254.170.2/api/${id}`,
  };
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION'])
    if (!around.imageVariables.includes(name)) injected[name] = around.region;
  const variables = Object.fromEntries((given ?? []).map(({ name, value }) => [name, value ?? '']));
  return Object.entries({ ...injected, ...variables, ...around.secrets })
    .map(([name, value]) => `${name}=${value}`)
    .sort();
}

function labels(
  task: TaskDefinition,
  { name = '' }: ContainerDefinition,
  around: Surroundings,
): Record<string, string> {
  return {
    [`${label}cluster`]: around.cluster,
    [`${label}container-name`]: name,
    [`${label}task-arn`]: around.taskArn,
    [`${label}task-definition-family`]: task.family,
    [`${label}task-definition-version`]: String(task.revision),
  };
}

function hostConfig(task: TaskDefinition, container: ContainerDefinition, around: Surroundings): HostConfig {
  return {
    ...limits(container),
    ...mounts(task, container, around),
    ...network(task, container, around),
    ...namespaces(task, container, around),
    SecurityOpt: (container.dockerSecurityOptions ?? []).map((option) => option.replace(/^(apparmor|label):/, '$1=')),
    ReadonlyRootfs: container.readonlyRootFilesystem ?? false,
    Privileged: container.privileged ?? false,
    LogConfig: logging(container),
    RestartPolicy: { Name: 'no' },
    CgroupParent: around.cgroup,
  };
}

/** A host path that is missing is made by Docker, empty: as on a real instance. */
function mounts({ volumes }: TaskDefinition, container: ContainerDefinition, around: Surroundings): HostConfig {
  return {
    Binds: (container.mountPoints ?? []).map(({ sourceVolume, containerPath, readOnly }) => {
      const volume = volumes.find(({ name }) => name === sourceVolume);
      return `${mountSource(volume, around)}:${containerPath}${readOnly ? ':ro' : ''}`;
    }),
    VolumesFrom: (container.volumesFrom ?? []).map(
      ({ sourceContainer = '', readOnly }) => `${around.names[sourceContainer]}${readOnly ? ':ro' : ''}`,
    ),
  };
}

/** The default bridge, without aliases: what containers of a task know of each other they know by links. */
function network({ networkMode }: TaskDefinition, container: ContainerDefinition, around: Surroundings): HostConfig {
  const usesBridge = (networkMode ?? 'bridge') === 'bridge';
  return {
    NetworkMode: networkMode ?? 'bridge',
    Links: usesBridge ? (container.links ?? []).map((link) => dockerLink(link, around)) : [],
    PortBindings: usesBridge ? portBindings(container) : {},
    ExtraHosts: (container.extraHosts ?? []).map(({ hostname, ipAddress }) => `${hostname}:${ipAddress}`),
    Dns: container.dnsServers ?? [],
    DnsSearch: container.dnsSearchDomains ?? [],
  };
}

function mountSource(volume: Volume | undefined, { volumes }: Surroundings): string {
  return volume?.host?.sourcePath ?? volumes[volume?.name ?? ''] ?? '';
}

function dockerLink(link: string, { names }: Surroundings): string {
  const [other = '', alias = other] = link.split(':');
  return `${names[other]}:${alias}`;
}

const portKey = ({
  containerPort,
  protocol,
}: {
  containerPort?: number | undefined;
  protocol?: string | undefined;
}): string => `${containerPort}/${protocol ?? 'tcp'}`;

/** Only the port goes to Docker: every mapping listens on all addresses. Host port 0 lets Docker choose. */
function portBindings({ portMappings }: ContainerDefinition): Record<string, { HostPort: string }[]> {
  const bindings: Record<string, { HostPort: string }[]> = {};
  for (const mapping of portMappings ?? []) {
    const HostPort = mapping.hostPort ? String(mapping.hostPort) : '';
    bindings[portKey(mapping)] = [...(bindings[portKey(mapping)] ?? []), { HostPort }];
  }
  return bindings;
}

/** `task` shares one namespace: the lab takes the first container's, where the agent has a pause container. */
function namespaces(task: TaskDefinition, { name }: ContainerDefinition, { names }: Surroundings): HostConfig {
  const first = task.containers[0]?.name ?? '';
  const shared = name === first ? undefined : `container:${names[first]}`;
  const mode = (given: string | null, own: string | undefined): string | undefined =>
    given === 'task' ? (shared ?? own) : (given ?? undefined);
  const pid = mode(task.pidMode, undefined);
  const ipc = mode(task.ipcMode, 'shareable');
  return { ...(pid ? { PidMode: pid } : {}), ...(ipc ? { IpcMode: ipc } : {}) };
}

/** ECS's own mode is non-blocking since 2025. CloudWatch is not in the lab: what would go there stays with Docker. */
function logging({ logConfiguration }: ContainerDefinition): NonNullable<HostConfig['LogConfig']> {
  const { logDriver = 'json-file', options = {} } = logConfiguration ?? {};
  if (logConfiguration === undefined) return { Type: 'json-file', Config: {} };
  const own = options.mode === 'blocking' ? {} : { mode: 'non-blocking', 'max-buffer-size': '10m' };
  return logDriver === 'awslogs'
    ? { Type: 'json-file', Config: {} }
    : { Type: logDriver, Config: { ...own, ...options } };
}

const nanoseconds = 1_000_000_000;

function dockerHealthCheck({
  command,
  interval,
  timeout,
  retries,
  startPeriod,
}: HealthCheck): ContainerCreateOptions['Healthcheck'] {
  return {
    Test: command ?? [],
    Interval: (interval ?? 30) * nanoseconds,
    Timeout: (timeout ?? 5) * nanoseconds,
    Retries: retries ?? 3,
    StartPeriod: (startPeriod ?? 0) * nanoseconds,
  };
}
