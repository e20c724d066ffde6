import type { Workload } from '../design.ts';
import { holds, offerOf } from './instance-offer.ts';
import { candidates, type InstanceSize } from './instance-types.ts';
import { needsOf, sumOfNeeds, type TaskNeeds } from './task-needs.ts';

type Sum = Pick<TaskNeeds, 'memoryMib' | 'cpuUnits' | 'gpus'>;

/**
 * The types that hold all that is needed at once, the smallest first: by memory, then by vCPUs, then in the order given.
 * One with GPUs only where a GPU is needed.
 */
export const fittingTypes = (needs: Sum, from: readonly InstanceSize[] = candidates): readonly InstanceSize[] =>
  from
    .filter((type) => holds(offerOf(type), needs) && (needs.gpus > 0 || type.gpus === 0))
    .sort((a, b) => a.memoryMib - b.memoryMib || a.vcpus - b.vcpus);

/** The smallest type that fits; undefined where none does. */
export const chooseInstance = (needs: Sum, from: readonly InstanceSize[] = candidates): InstanceSize | undefined =>
  fittingTypes(needs, from)[0];

export const totalNeeds = (workloads: readonly Pick<Workload, 'taskDefinition'>[]): Sum =>
  sumOfNeeds(workloads.map(({ taskDefinition }) => needsOf(taskDefinition)));

/** The type that ecsodus.yaml names, else the smallest that fits; undefined where neither is. */
export const chosenInstanceType = (
  workloads: readonly Pick<Workload, 'taskDefinition'>[],
  config: { readonly instance: { readonly type?: string | undefined } },
): string | undefined => config.instance.type ?? chooseInstance(totalNeeds(workloads))?.name;
