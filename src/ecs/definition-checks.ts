import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, Volume } from '@aws-sdk/client-ecs';
import { sum } from '../sum.ts';
import { containerChecks, twice } from './container-checks.ts';
import { networkChecks } from './network-checks.ts';
import { mostContainers } from './split.ts';

/** What RegisterTaskDefinition or the agent would refuse. */
export interface Problem {
  readonly code: string;
  readonly message: string;
}

type Definition = RegisterTaskDefinitionCommandInput;
type Check = (definition: Definition) => readonly (string | false | undefined)[];

const containersOf = ({ containerDefinitions }: Definition): readonly ContainerDefinition[] =>
  containerDefinitions ?? [];

const namePattern = /^[A-Za-z0-9_-]{1,255}$/;

/** §2, one row for each rule on a whole task. */
const taskChecks: Readonly<Record<string, Check>> = {
  'container-count': (definition) => {
    const { length } = containersOf(definition);
    return [(length === 0 || length > mostContainers) && `${length} containers; a task has 1 to ${mostContainers}`];
  },
  'name-invalid': (definition) =>
    [definition.family, ...containersOf(definition).map(({ name }) => name), ...volumeNames(definition)]
      .filter((name) => !namePattern.test(name ?? ''))
      .map((name) => `the name "${name}" must be 1 to 255 of A-Z a-z 0-9 _ -`),
  'name-twice': (definition) => [
    ...twice(containersOf(definition).map(({ name = '' }) => name)).map((name) => `two containers are called ${name}`),
    ...twice(volumeNames(definition)).map((name) => `two volumes are called ${name}`),
  ],
  'definition-size': (definition) => {
    const bytes = Buffer.byteLength(JSON.stringify(definition));
    return [bytes > 65536 && `Actual length: '${bytes}'. Max allowed length is '65536' bytes`];
  },
  'no-essential': (definition) => [
    containersOf(definition).length > 0 &&
      containersOf(definition).every(({ essential = true }) => !essential) &&
      'no container is essential',
  ],
  'task-memory': ({ memory, ...definition }) => {
    const asked = sum(containersOf(definition as Definition).map((each) => each.memoryReservation ?? each.memory ?? 0));
    return [
      memory !== undefined && asked > Number(memory) && `its containers ask for ${asked} MiB, the task has ${memory}`,
    ];
  },
  'task-cpu': (definition) => {
    const units = Number(definition.cpu ?? 128);
    const asked = sum(containersOf(definition).map(({ cpu = 0 }) => cpu));
    if (!(units >= 128 && units <= 196608)) return ['task cpu must be 128 to 196608'];
    return [
      definition.cpu !== undefined &&
        asked > units &&
        `its containers ask for ${asked} CPU units, the task has ${units}`,
    ];
  },
  'task-modes': ({ networkMode = 'bridge', pidMode = 'task', ipcMode = 'task' }) => [
    !['bridge', 'host', 'none', 'awsvpc'].includes(networkMode) && `no network mode ${networkMode}`,
    !['host', 'task'].includes(pidMode) && `no pid mode ${pidMode}`,
    !['host', 'task', 'none'].includes(ipcMode) && `no ipc mode ${ipcMode}`,
  ],
  'links-cycle': (definition) => [
    cycle(definition, ({ links = [] }) => links.map((link) => link.split(':')[0] ?? '')) && 'its links form a circle',
  ],
  'depends-on-cycle': (definition) => [
    cycle(definition, ({ dependsOn = [] }) => dependsOn.map(({ containerName = '' }) => containerName)) &&
      'what its containers depend on forms a circle',
  ],
  'host-port-twice': (definition) =>
    twice(
      containersOf(definition).flatMap(({ portMappings = [] }) =>
        portMappings
          .filter(({ hostPort }) => hostPort)
          .map(({ hostPort, protocol = 'tcp' }) => `${hostPort}/${protocol}`),
      ),
    ).map((port) => `host port ${port} is mapped multiple times`),
  volumes: ({ volumes = [] }) => [
    ...volumes.flatMap(volumeProblems),
    volumes.filter(({ configuredAtLaunch }) => configuredAtLaunch).length > 1 &&
      'more than one volume configuredAtLaunch',
  ],
  'placement-constraints': ({ placementConstraints = [] }) => [
    placementConstraints.length > 10 && 'more than 10 placement constraints',
  ],
  tags: ({ tags = [] }) => [
    tags.length > 50 && 'more than 50 tags',
    ...twice(tags.map(({ key = '' }) => key)).map((key) => `two tags ${key}`),
    ...tags.map(({ key = '', value = '' }) =>
      key === '' || key.length > 128 || value.length > 256 || /^aws:/i.test(key) || /^aws:/i.test(value)
        ? `the tag ${key}: a key has 1 to 128 characters, a value 256, and neither begins with aws:`
        : undefined,
    ),
  ],
  'execution-role': (definition) => [
    containersOf(definition).some(({ secrets = [] }) => secrets.length > 0) &&
      !definition.executionRoleArn &&
      'secrets need an executionRoleArn',
  ],
  'number-range': (definition) => strayNumbers(definition).map((number) => `${number} is no whole number of 32 bits`),
};

/** §2: whether ECS would take this definition. Pure, and for any input of the type: it needs no inventory. */
export const checkDefinition = (definition: Definition): Problem[] => [
  ...Object.entries(taskChecks).flatMap(([code, check]) => problems(code, check(definition))),
  ...Object.entries({ ...containerChecks, ...networkChecks }).flatMap(([code, check]) =>
    containersOf(definition).flatMap((container) =>
      problems(code, check(container, definition), `${container.name}: `),
    ),
  ),
];

const problems = (code: string, found: readonly (string | false | undefined)[], prefix = ''): Problem[] =>
  found.flatMap((message) => (message ? [{ code, message: `${prefix}${message}` }] : []));

const volumeNames = ({ volumes = [] }: Definition): string[] => volumes.map(({ name = '' }) => name);

const kinds = [
  'host',
  'dockerVolumeConfiguration',
  'efsVolumeConfiguration',
  'fsxWindowsFileServerVolumeConfiguration',
  'configuredAtLaunch',
] as const;

function volumeProblems(volume: Volume): (string | false)[] {
  const { name, host, dockerVolumeConfiguration: docker } = volume;
  return [
    kinds.filter((kind) => volume[kind]).length > 1 && `the volume ${name} is of more than one kind`,
    host?.sourcePath !== undefined && !host.sourcePath.startsWith('/') && `the volume ${name} needs an absolute path`,
    docker?.scope === 'task' &&
      docker.autoprovision === true &&
      `the volume ${name}: scope task excludes autoprovision`,
  ];
}

/** Whether following `next` from some container leads back to it. */
function cycle(definition: Definition, next: (container: ContainerDefinition) => readonly string[]): boolean {
  const containers = containersOf(definition);
  const reaches = (from: string, to: string, seen: Set<string>): boolean =>
    containers
      .filter(({ name }) => name === from)
      .flatMap(next)
      .some((name) => {
        if (name === to) return true;
        if (seen.has(name)) return false;
        seen.add(name);
        return reaches(name, to, seen);
      });
  return containers.some(({ name = '' }) => reaches(name, name, new Set()));
}

function strayNumbers(value: unknown): number[] {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strayNumbers) : [];
}
