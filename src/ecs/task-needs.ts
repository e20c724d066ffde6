import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';

type TaskDefinition = Pick<
  RegisterTaskDefinitionCommandInput,
  'memory' | 'cpu' | 'networkMode' | 'runtimePlatform' | 'containerDefinitions'
>;

/** What the scheduler looks for on an instance before it places one task there (§3). */
export interface TaskNeeds {
  readonly memoryMib: number;
  readonly cpuUnits: number;
  readonly gpus: number;
  /** Fixed host ports: `80/tcp`. */
  readonly ports: readonly string[];
  /** Names, as container instances register them. */
  readonly attributes: readonly string[];
}

export const needsOf = (definition: TaskDefinition): TaskNeeds => ({
  memoryMib: reservedMib(definition),
  cpuUnits: reservedCpu(definition),
  gpus: containersOf(definition).reduce((sum, container) => sum + gpusOf(container), 0),
  ports: containersOf(definition).flatMap(portsOf),
  attributes: [...new Set([...containersOf(definition).flatMap(attributesOf), ...taskAttributes(definition)])],
});

export const sumOfNeeds = (needs: readonly TaskNeeds[]): Pick<TaskNeeds, 'memoryMib' | 'cpuUnits' | 'gpus'> => ({
  memoryMib: needs.reduce((sum, { memoryMib }) => sum + memoryMib, 0),
  cpuUnits: needs.reduce((sum, { cpuUnits }) => sum + cpuUnits, 0),
  gpus: needs.reduce((sum, { gpus }) => sum + gpus, 0),
});

const containersOf = ({ containerDefinitions = [] }: TaskDefinition): readonly ContainerDefinition[] =>
  containerDefinitions;

/** The task's memory, or each container's reservation (else its limit), with shared memory and tmpfs (§3). */
export function reservedMib(definition: TaskDefinition): number {
  if (definition.memory !== undefined) return Number(definition.memory);
  return containersOf(definition).reduce((sum, container) => {
    const { sharedMemorySize = 0, tmpfs = [] } = container.linuxParameters ?? {};
    const inMemory = tmpfs.reduce((size, mount) => size + (mount.size ?? 0), sharedMemorySize);
    return sum + (container.memoryReservation ?? container.memory ?? 0) + inMemory;
  }, 0);
}

const reservedCpu = (definition: TaskDefinition): number =>
  definition.cpu === undefined
    ? containersOf(definition).reduce((sum, { cpu = 0 }) => sum + cpu, 0)
    : Number(definition.cpu);

/** `ALL` wants at least one. */
const gpusOf = ({ resourceRequirements = [] }: ContainerDefinition): number =>
  resourceRequirements
    .filter(({ type }) => type === 'GPU')
    .reduce((sum, { value }) => sum + (value === 'ALL' ? 1 : Number(value)), 0);

const portsOf = ({ portMappings = [] }: ContainerDefinition): string[] =>
  portMappings
    .filter(({ hostPort }) => hostPort !== undefined && hostPort > 0)
    .map(({ hostPort, protocol = 'tcp' }) => `${hostPort}/${protocol}`);

const capability = 'com.amazonaws.ecs.capability.';

export const loggingDriver = (name: string): string => `${capability}logging-driver.${name}`;
export const privilegedContainers = `${capability}privileged-container`;
export const x86Architecture = 'ecs.cpu-architecture=x86_64';

/** Those that not every instance has; what any current agent can do is left out. */
function attributesOf({ logConfiguration, privileged, dockerSecurityOptions = [] }: ContainerDefinition): string[] {
  const options = dockerSecurityOptions.map((option) => option.split(':')[0]);
  return [
    ...(logConfiguration?.logDriver ? [loggingDriver(logConfiguration.logDriver)] : []),
    ...(privileged ? [privilegedContainers] : []),
    ...(options.includes('apparmor') ? [`${capability}apparmor`] : []),
    ...(options.includes('label') ? [`${capability}selinux`] : []),
  ];
}

function taskAttributes({ runtimePlatform, networkMode }: TaskDefinition): string[] {
  const architecture = runtimePlatform?.cpuArchitecture;
  return [
    ...(architecture === undefined ? [] : [`ecs.cpu-architecture=${architecture.toLowerCase()}`]),
    ...(networkMode === 'awsvpc' ? [`${capability}task-eni`] : []),
  ];
}
