import type { Workload } from '../design.ts';
import { offerOf } from '../ecs/instance-offer.ts';
import { sizeOf } from '../ecs/instance-types.ts';
import { needsOf } from '../ecs/task-needs.ts';

/** The container instance, and who takes how much of it. */
export interface PlannedInstance {
  readonly type: string;
  /** What ECS registers, MiB. */
  readonly memoryMib: number;
  /** What the system and the agent keep of what the type is sold with. */
  readonly keptBackMib: number;
  readonly cpuUnits: number;
  readonly workloads: readonly { readonly name: string; readonly memoryMib: number; readonly cpuUnits: number }[];
}

/** Undefined for a type whose size only AWS knows, and where no type is known. */
export function plannedInstance(
  type: string | undefined,
  workloads: readonly Pick<Workload, 'name' | 'taskDefinition'>[],
): PlannedInstance | undefined {
  const size = type === undefined ? undefined : sizeOf(type);
  if (size === undefined) return undefined;
  const { memoryMib, cpuUnits } = offerOf(size);
  return {
    type: size.name,
    memoryMib,
    keptBackMib: size.memoryMib - memoryMib,
    cpuUnits,
    workloads: workloads.map(({ name, taskDefinition }) => {
      const needs = needsOf(taskDefinition);
      return { name, memoryMib: needs.memoryMib, cpuUnits: needs.cpuUnits };
    }),
  };
}
