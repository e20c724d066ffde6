import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs';
import type { Design, Workload } from '../design.ts';
import type { Finding } from '../finding.ts';

/** What is registered already, by family; undefined where nothing is. */
export type RegisteredDefinitions = Readonly<Record<string, TaskDefinition | undefined>>;

/**
 * The design, with the registered memory reservation wherever ours was only derived from a sample of use. A second sample
 * is never the same, and a container that cut-over has stopped gives none: neither must make a new revision, look like a
 * difference to what runs, or ask for a larger instance. All else stays as wanted.
 */
export function keepRegisteredMemory(design: Design, registered: RegisteredDefinitions): Design {
  const kept = design.workloads.map((workload) =>
    keepReservations(workload, registered[workload.taskDefinition.family]),
  );
  const reserved = new Map(kept.flatMap(({ reserved }) => reserved));
  return {
    ...design,
    workloads: kept.map(({ workload }) => workload),
    findings: design.findings.map((finding) => asRegistered(finding, reserved.get(finding.subject))),
  };
}

interface Kept {
  readonly workload: Workload;
  /** MiB by source container, where they are not what was derived. */
  readonly reserved: readonly (readonly [string, number])[];
}

function keepReservations(workload: Workload, registered: TaskDefinition | undefined): Kept {
  const { taskDefinition, containers } = workload;
  const before = taskDefinition.containerDefinitions ?? [];
  const after = before.map((wanted) => {
    const memoryReservation = reservationToKeep(wanted, workload, registered);
    return memoryReservation === undefined ? wanted : { ...wanted, memoryReservation };
  });
  return {
    workload: { ...workload, taskDefinition: { ...taskDefinition, containerDefinitions: after } },
    reserved: after.flatMap(({ memoryReservation = 0 }, index) =>
      memoryReservation === before[index]?.memoryReservation ? [] : [[containers[index] ?? '', memoryReservation]],
    ),
  };
}

/** Where a database's settings ask for more than is registered, that is no matter of samples. */
function reservationToKeep(
  { name = '' }: ContainerDefinition,
  { sampledMemory, databaseMemory }: Workload,
  registered: TaskDefinition | undefined,
): number | undefined {
  const { memory, memoryReservation } = registered?.containerDefinitions?.find((other) => other.name === name) ?? {};
  if (!sampledMemory.includes(name) || memory !== undefined || memoryReservation === undefined) return undefined;
  return memoryReservation >= (databaseMemory?.[name] ?? 0) ? memoryReservation : undefined;
}

const asRegistered = (finding: Finding, mib: number | undefined): Finding =>
  mib === undefined || finding.code !== 'memory-reservation'
    ? finding
    : { ...finding, message: `It reserves ${mib} MiB, as its task definition has it: a sample of use changes none.` };
