import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, TaskDefinition } from '@aws-sdk/client-ecs';
import { canonical, isEmpty, type Json, recordOf, recordsOf } from './json.ts';

type Definition = RegisterTaskDefinitionCommandInput | TaskDefinition;

/** Whether what is registered already says what is wanted. Both sides are normalised, since AWS fills in defaults. */
export const sameDefinition = (wanted: RegisterTaskDefinitionCommandInput, registered: TaskDefinition): boolean =>
  canonical(normaliseDefinition(wanted)) === canonical(normaliseDefinition(registered));

/** What AWS adds to an answer, or what we pass beside the definition. */
const notContent = ['taskDefinitionArn', 'revision', 'status', 'requiresAttributes', 'compatibilities', 'tags'].concat([
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
  'deleteRequestedAt',
  '$metadata',
]);

/** One definition in one form: no defaults, no empty values, lists in an order where order has no meaning. */
function normaliseDefinition(definition: Definition): Json {
  const content = Object.fromEntries(Object.entries(definition).filter(([key]) => !notContent.includes(key)));
  return compact({
    ...content,
    networkMode: definition.networkMode ?? 'bridge',
    runtimePlatform: { operatingSystemFamily: 'LINUX', ...definition.runtimePlatform },
    requiresCompatibilities: [...(definition.requiresCompatibilities ?? [])].sort(),
    volumes: sortedBy('name', definition.volumes),
    containerDefinitions: sortedBy(
      'name',
      definition.containerDefinitions?.map((each) => container(each, definition.networkMode)),
    ),
  });
}

function container(definition: ContainerDefinition, networkMode: string | undefined): Json {
  const isFixed = networkMode === 'host' || networkMode === 'awsvpc';
  return {
    ...definition,
    cpu: definition.cpu ?? 0,
    essential: String(definition.essential ?? true),
    // A stop at once is 0, which must not count as "not said".
    ...(definition.stopTimeout !== undefined && { stopTimeout: String(definition.stopTimeout) }),
    versionConsistency: definition.versionConsistency === 'enabled' ? undefined : definition.versionConsistency,
    environment: sortedBy(
      'name',
      definition.environment?.map(({ name, value }) => ({ name, value: `=${value ?? ''}` })),
    ),
    secrets: sortedBy('name', definition.secrets),
    ulimits: sortedBy(
      'name',
      definition.ulimits?.map(({ name, softLimit, hardLimit }) => ({ name, limits: `${softLimit}:${hardLimit}` })),
    ),
    systemControls: sortedBy('namespace', definition.systemControls),
    mountPoints: sortedBy('containerPath', definition.mountPoints),
    extraHosts: sortedBy('hostname', definition.extraHosts),
    dependsOn: sortedBy('containerName', definition.dependsOn),
    links: [...(definition.links ?? [])].sort(),
    portMappings: sortedBy(
      'hostPort',
      definition.portMappings?.map((mapping) => ({
        ...mapping,
        protocol: mapping.protocol ?? 'tcp',
        hostPort: String(mapping.hostPort ?? (isFixed ? mapping.containerPort : 0)),
      })),
    ),
    healthCheck: definition.healthCheck && { interval: 30, timeout: 5, retries: 3, ...filled(definition.healthCheck) },
    linuxParameters: definition.linuxParameters && {
      ...definition.linuxParameters,
      // 0 forbids swap; not said leaves it to Docker.
      ...(definition.linuxParameters.maxSwap !== undefined && { maxSwap: String(definition.linuxParameters.maxSwap) }),
      tmpfs: sortedBy('containerPath', definition.linuxParameters.tmpfs),
      devices: sortedBy('hostPath', definition.linuxParameters.devices),
    },
  };
}

const filled = (value: object): Json =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined && each !== null));

/** By one key, then by everything, so that equal lists come out equal however they went in. */
const sortedBy = (key: string, list: readonly object[] | undefined): Json[] =>
  recordsOf(list)
    .map((item) => [`${String(item[key])} ${canonical(item)}`, item] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, item]) => item);

/** Without what is empty, at any depth. Entries of lists stay: an empty argument is an argument. */
function compact(value: Json): Json {
  const inner = (each: unknown): unknown =>
    Array.isArray(each) ? each.map(inner) : isEmpty(recordOf(each)) ? each : compact(recordOf(each));
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, each]): [string, unknown] => [key, inner(each)])
      .filter(([, each]) => !isEmpty(each)),
  );
}
