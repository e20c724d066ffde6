import type { ContainerDefinition, PortMapping } from '@aws-sdk/client-ecs';
import type { Workload } from '../design.ts';
import type { Finding } from '../finding.ts';
import { mostContainers } from './grouping.ts';
import { isEphemeral } from './ports.ts';

/** What RegisterTaskDefinition and the scheduler would refuse (§2), found before anything is called. */
export function checkLimits(workloads: readonly Workload[]): Finding[] {
  return [...workloads.flatMap(checkWorkload), ...checkHostPorts(workloads)];
}

type Check = (workload: Workload) => readonly string[];

const namePattern = /^[A-Za-z0-9_-]{1,255}$/;

const containersOf = ({ definition }: Workload): readonly ContainerDefinition[] =>
  definition.containerDefinitions ?? [];

const named =
  (check: (container: ContainerDefinition, workload: Workload) => string | false | undefined): Check =>
  (workload) =>
    containersOf(workload).flatMap((container) => {
      const problem = check(container, workload);
      return problem ? [`${container.name}: ${problem}`] : [];
    });

/** One row for each rule: its code, and what of a workload breaks it. */
const checks: Readonly<Record<string, Check>> = {
  'name-invalid': (workload) =>
    [
      workload.definition.family,
      ...containersOf(workload).map(({ name }) => name),
      ...(workload.definition.volumes ?? []).map(({ name }) => name),
    ]
      .filter((name) => !namePattern.test(name ?? ''))
      .map((name) => `the name "${name}" must be 1 to 255 of A-Z a-z 0-9 _ -`),
  'name-twice': (workload) =>
    twice(containersOf(workload).map(({ name = '' }) => name)).map((name) => `two containers are called ${name}`),
  'image-reference': named(
    ({ image = '' }) => (image === '' || image.length > 255) && 'its image reference must have 1 to 255 characters',
  ),
  'definition-size': ({ definition }) => {
    const bytes = Buffer.byteLength(JSON.stringify(definition));
    return bytes > 65536 ? [`Actual length: '${bytes}'. Max allowed length is '65536' bytes`] : [];
  },
  'no-essential': (workload) =>
    containersOf(workload).some(({ essential = true }) => essential) ? [] : ['no container is essential'],
  'memory-missing': named(
    ({ memory, memoryReservation }, { definition }) =>
      !memory && !memoryReservation && !definition.memory && 'it needs memory, memoryReservation, or the task memory',
  ),
  'memory-too-small': named(
    ({ memory = 6, memoryReservation = 6 }) =>
      Math.min(memory, memoryReservation) < 6 && 'memory must be at least 6 MiB',
  ),
  'memory-order': named(
    ({ memory, memoryReservation }) =>
      memory !== undefined &&
      memoryReservation !== undefined &&
      memory <= memoryReservation &&
      'memory must be above memoryReservation',
  ),
  'task-cpu': (workload) => {
    const { cpu: taskCpu } = workload.definition;
    const units = Number(taskCpu ?? 128);
    const asked = containersOf(workload).reduce((sum, { cpu = 0 }) => sum + cpu, 0);
    if (units < 128 || units > 196608) return ['task cpu must be 128 to 196608'];
    return taskCpu !== undefined && asked > units
      ? [`its containers ask for ${asked} CPU units, the task has ${units}`]
      : [];
  },
  'links-mode': named(
    ({ links = [] }, { definition }) =>
      links.length > 0 && definition.networkMode !== 'bridge' && 'links need the network mode bridge',
  ),
  'links-target': named(({ links = [] }, workload) => {
    const missing = links.filter((link) => !containersOf(workload).some(({ name }) => name === link.split(':')[0]));
    return missing.length > 0 && `could not resolve the link ${missing.join(', ')}`;
  }),
  'depends-on': named(({ dependsOn = [] }, workload) =>
    dependsOn.map((each) => dependencyProblem(each, workload)).find((problem) => problem !== undefined),
  ),
  'host-port-mode': named(
    ({ portMappings = [] }, { definition }) =>
      definition.networkMode === 'host' &&
      portMappings.some(({ hostPort, containerPort }) => hostPort && hostPort !== containerPort) &&
      'with the network mode host, hostPort must equal containerPort',
  ),
  'host-port-reserved': named(({ portMappings = [] }) => portProblem(portMappings)),
  'volume-missing': named(({ mountPoints = [] }, { definition }) => {
    const missing = mountPoints.filter(
      ({ sourceVolume }) => !definition.volumes?.some(({ name }) => name === sourceVolume),
    );
    return missing.length > 0 && `unknown volume ${missing.map(({ sourceVolume }) => sourceVolume).join(', ')}`;
  }),
  'mount-twice': named(({ mountPoints = [] }) => {
    const paths = twice(mountPoints.map(({ containerPath = '' }) => containerPath));
    return paths.length > 0 && `two mounts at ${paths.join(', ')}`;
  }),
  'execution-role': (workload) =>
    containersOf(workload).some(({ secrets = [] }) => secrets.length > 0) && !workload.definition.executionRoleArn
      ? ['secrets need an executionRoleArn']
      : [],
};

const dependencyProblem = (
  { containerName, condition }: { containerName?: string | undefined; condition?: string | undefined },
  workload: Workload,
) => {
  const target = containersOf(workload).find(({ name }) => name === containerName);
  if (target === undefined) return `it depends on ${containerName}, which is not in its task`;
  if (condition === 'HEALTHY' && target.healthCheck === undefined)
    return `it waits for ${containerName} to be healthy, which has no health check`;
  const isEnd = condition === 'COMPLETE' || condition === 'SUCCESS';
  return isEnd && target.essential !== false
    ? `it waits for the end of ${containerName}, which is essential`
    : undefined;
};

/** Ports of sshd, Docker and the ECS agent on every container instance. */
const reservedPorts = [22, 2375, 2376, 51678, 51679, 51680];

function portProblem(mappings: readonly PortMapping[]): string | undefined {
  const fixed = mappings.filter(({ hostPort }) => hostPort);
  const reserved = fixed.find(({ hostPort = 0, protocol }) => protocol !== 'udp' && reservedPorts.includes(hostPort));
  if (reserved) return `host port ${reserved.hostPort} is reserved for the instance itself`;
  const ephemeral = fixed.find(({ hostPort = 0 }) => isEphemeral(hostPort));
  return ephemeral && `host port ${ephemeral.hostPort} is in the ephemeral range 32768–60999`;
}

function checkWorkload(workload: Workload): Finding[] {
  const count = containersOf(workload).length;
  const empty =
    count === 0 || count > mostContainers
      ? [blocker('container-count', workload.name, `${count} containers; a task has 1 to ${mostContainers}`)]
      : [];
  const broken = Object.entries(checks).flatMap(([code, check]) =>
    check(workload).map((message) => blocker(code, workload.name, message)),
  );
  return [...empty, ...broken];
}

/** All tasks share one instance, so a host port is unique over all of them; the instance has 100. */
function checkHostPorts(workloads: readonly Workload[]): Finding[] {
  const all = workloads.flatMap((workload) =>
    containersOf(workload).flatMap(({ portMappings = [] }) =>
      portMappings
        .filter(({ hostPort }) => hostPort)
        .map(({ hostPort, protocol = 'tcp' }) => ({ name: workload.name, port: `${hostPort}/${protocol}` })),
    ),
  );
  const clashes = twice(all.map(({ port }) => port)).map((port) => {
    const names = [...new Set(all.filter((each) => each.port === port).map(({ name }) => name))].join(', ');
    return blocker('host-port-twice', port, `Host port ${port} is mapped multiple times: ${names}.`);
  });
  const most = 100 - reservedPorts.length;
  return all.length > most
    ? [...clashes, blocker('host-ports', 'instance', `${all.length} host ports; one instance has ${most} to give`)]
    : clashes;
}

const twice = (values: readonly string[]): string[] => [
  ...new Set(values.filter((value, index) => values.indexOf(value) !== index)),
];

const blocker = (code: string, subject: string, message: string): Finding => ({
  level: 'blocker',
  code,
  subject,
  message,
  remedy: 'ECS refuses this. Change the container on the source, or group otherwise with "workloads:" in ecsodus.yaml.',
});
