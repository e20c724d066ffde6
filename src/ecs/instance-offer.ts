import type { ContainerInstance, Resource } from '@aws-sdk/client-ecs';
import type { InstanceSize } from './instance-types.ts';
import { reservedPorts } from './network-checks.ts';
import { loggingDriver, privilegedContainers, type TaskNeeds, x86Architecture } from './task-needs.ts';

/** MiB that the agent does not offer to tasks (ECS_RESERVED_MEMORY): for sshd, Docker and itself. */
export const agentReserveMib = 256;

/** Log drivers that the agent is told to offer; ecs-init enables only five of them by itself. */
export const loggingDrivers = ['json-file', 'journald', 'syslog', 'awslogs', 'fluentd', 'gelf', 'splunk', 'none'];

/** What a container instance registers, or is going to. */
export interface Offer {
  /** As the operator calls it: its type, and its id once there is one. */
  readonly name: string;
  readonly memoryMib: number;
  /** Why it is not all that the type is sold with. */
  readonly memoryNote: string;
  readonly cpuUnits: number;
  readonly gpus: number;
  /** Taken by the host itself: `22/tcp`. */
  readonly ports: readonly string[];
  readonly attributes: readonly string[];
}

/**
 * What the agent will register (§3): MemTotal less ECS_RESERVED_MEMORY, where the kernel keeps some 6 % of what a type is
 * sold with; swap never counts. CPU is 1024 units for each vCPU.
 */
export const offerOf = ({ name, vcpus, memoryMib, gpus }: InstanceSize): Offer => ({
  name,
  memoryMib: Math.floor(memoryMib * 0.94) - agentReserveMib,
  memoryNote: `of its ${memoryMib} MiB the kernel keeps some 6 %, and the agent leaves ${agentReserveMib} to the host`,
  cpuUnits: vcpus * 1024,
  gpus,
  ports: reservedPorts.map((port) => `${port}/tcp`),
  attributes: [...loggingDrivers.map(loggingDriver), privilegedContainers, x86Architecture],
});

/** What ECS has on record of an instance that is there. */
export function offerRegistered({
  ec2InstanceId,
  registeredResources = [],
  attributes = [],
}: ContainerInstance): Offer {
  const resource = (name: string): Resource | undefined => registeredResources.find((each) => each.name === name);
  const integer = (name: string): number => resource(name)?.integerValue ?? 0;
  const texts = (name: string): readonly string[] => resource(name)?.stringSetValue ?? [];
  return {
    name: ec2InstanceId ?? 'the instance',
    memoryMib: integer('MEMORY'),
    memoryNote: 'as ECS has it on record',
    cpuUnits: integer('CPU'),
    gpus: texts('GPU').length,
    ports: [...texts('PORTS').map((port) => `${port}/tcp`), ...texts('PORTS_UDP').map((port) => `${port}/udp`)],
    attributes: [
      x86Architecture,
      ...attributes.map(({ name = '', value }) => (name === 'ecs.cpu-architecture' ? `${name}=${value}` : name)),
    ],
  };
}

/** Whether all that is needed is offered, but for ports and attributes, which no type of instance has more of. */
export const holds = (offer: Offer, needs: Pick<TaskNeeds, 'memoryMib' | 'cpuUnits' | 'gpus'>): boolean =>
  offer.memoryMib >= needs.memoryMib && offer.cpuUnits >= needs.cpuUnits && offer.gpus >= needs.gpus;
