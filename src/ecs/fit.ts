import type { Workload } from '../design.ts';
import type { Finding } from '../finding.ts';
import { chooseInstance, totalNeeds } from './instance-choice.ts';
import { type Offer, offerOf } from './instance-offer.ts';
import { largestCandidate, sizeOf } from './instance-types.ts';
import { needsOf, type TaskNeeds } from './task-needs.ts';

type Placed = Pick<Workload, 'name' | 'taskDefinition'>;

/** One reason why a task is not placed, in the words of ECS (§3). */
export interface Shortfall {
  readonly workload: string;
  readonly reason: 'RESOURCE:MEMORY' | 'RESOURCE:CPU' | 'RESOURCE:GPU' | 'RESOURCE:PORTS' | 'ATTRIBUTE';
  /** What is missing. */
  readonly message: string;
}

interface Left {
  readonly memoryMib: number;
  readonly cpuUnits: number;
  readonly gpus: number;
  /** By port, who has it. */
  readonly ports: ReadonlyMap<string, string>;
}

/** Places the tasks one after the other, as the scheduler would; one that finds no room takes none from those after it. */
export function shortfallsOf(workloads: readonly Placed[], offer: Offer): readonly Shortfall[] {
  let left: Left = { ...offer, ports: new Map(offer.ports.map((port) => [port, 'the instance itself'])) };
  return workloads.flatMap(({ name, taskDefinition }) => {
    const needs = needsOf(taskDefinition);
    const missing = missingFor(needs, left, offer);
    if (missing.length === 0) left = without(left, needs, name);
    return missing.map((each) => ({ workload: name, ...each }));
  });
}

const without = (left: Left, needs: TaskNeeds, name: string): Left => ({
  memoryMib: left.memoryMib - needs.memoryMib,
  cpuUnits: left.cpuUnits - needs.cpuUnits,
  gpus: left.gpus - needs.gpus,
  ports: new Map([...left.ports, ...needs.ports.map((port) => [port, name] as const)]),
});

function missingFor(needs: TaskNeeds, left: Left, offer: Offer): Omit<Shortfall, 'workload'>[] {
  const amount = (
    reason: Shortfall['reason'],
    unit: string,
    wanted: number,
    rest: number,
    all: number,
    note: string,
  ) =>
    wanted > rest
      ? [
          {
            reason,
            message: `it reserves ${wanted} ${unit}, and ${rest} of the ${all} of ${offer.name} are left${note}`,
          },
        ]
      : [];
  const taken = needs.ports.filter((port) => left.ports.has(port));
  const absent = needs.attributes.filter((attribute) => !offer.attributes.includes(attribute));
  return [
    ...amount('RESOURCE:MEMORY', 'MiB', needs.memoryMib, left.memoryMib, offer.memoryMib, ` (${offer.memoryNote})`),
    ...amount('RESOURCE:CPU', 'CPU units', needs.cpuUnits, left.cpuUnits, offer.cpuUnits, ''),
    ...amount('RESOURCE:GPU', 'GPUs', needs.gpus, left.gpus, offer.gpus, ''),
    ...(taken.length > 0
      ? [
          {
            reason: 'RESOURCE:PORTS' as const,
            message: `it needs ${taken.map((port) => holder(port, left)).join(', ')}`,
          },
        ]
      : []),
    ...(absent.length > 0
      ? [{ reason: 'ATTRIBUTE' as const, message: `it needs ${absent.join(', ')}, which ${offer.name} does not have` }]
      : []),
  ];
}

const holder = (port: string, { ports }: Left): string => `host port ${port}, which ${ports.get(port)} has`;

/** What does not fit, as blockers; `larger` says how a larger instance is had. */
export const shortfallFindings = (
  workloads: readonly Placed[],
  offer: Offer,
  larger: (type: string) => string,
): Finding[] =>
  shortfallsOf(workloads, offer).map(({ workload, reason, message }) => ({
    level: 'blocker',
    code: codes[reason],
    subject: workload,
    message: `ECS would not place it (${reason}): ${message}.`,
    remedy: remedyFor(reason, workloads, larger),
  }));

const codes = {
  'RESOURCE:MEMORY': 'resource-memory',
  'RESOURCE:CPU': 'resource-cpu',
  'RESOURCE:GPU': 'resource-gpu',
  'RESOURCE:PORTS': 'resource-ports',
  ATTRIBUTE: 'attribute',
} as const satisfies Record<Shortfall['reason'], string>;

function remedyFor(
  reason: Shortfall['reason'],
  workloads: readonly Placed[],
  larger: (type: string) => string,
): string {
  if (reason === 'RESOURCE:PORTS')
    return 'Publish it at another port on the source, or give the container another with "ports:" in ecsodus.yaml.';
  if (reason === 'ATTRIBUTE') return 'Do without it on the source: no container instance of ecsodus has it.';
  const type = chooseInstance(totalNeeds(workloads))?.name;
  if (type !== undefined) return `${larger(type)} It is the smallest type that holds all workloads.`;
  const { memoryMib, cpuUnits } = totalNeeds(workloads);
  return `No type that ecsodus knows holds ${memoryMib} MiB and ${cpuUnits} CPU units at once: lower the limits and reservations on the source (docker update), or leave containers where they are.`;
}

/** How a larger instance is had while there is none. */
export const nameType = (type: string): string => `Set "instance.type: ${type}" in ecsodus.yaml.`;

/** What one instance offers, and what is asked of it. */
export function roomFinding(workloads: readonly Placed[], offer: Offer, why: string): Finding {
  const { memoryMib, cpuUnits } = totalNeeds(workloads);
  return {
    level: 'info',
    code: 'instance-type',
    subject: offer.name,
    message: `Tasks can have ${offer.memoryMib} MiB of memory (${offer.memoryNote}) and ${offer.cpuUnits} CPU units; these workloads reserve ${memoryMib} MiB and ${cpuUnits}. ${why}`,
  };
}

export const whyNamed = 'ecsodus.yaml names this type.';
export const whyChosen =
  'It is the smallest x86_64 type that holds them; "instance.type" in ecsodus.yaml names another. The t3 types pay extra for processors that are busy all day.';

/**
 * Whether the workloads fit on one instance of a type, without asking AWS; with no type given, on the smallest that
 * holds them.
 */
export function fitFindings(workloads: readonly Placed[], instanceType: string | undefined): Finding[] {
  const size =
    instanceType === undefined ? (chooseInstance(totalNeeds(workloads)) ?? largestCandidate) : sizeOf(instanceType);
  if (size === undefined) return [unknownSize(instanceType ?? '')];
  const offer = offerOf(size);
  const why = instanceType === undefined ? whyChosen : whyNamed;
  const missing = shortfallFindings(workloads, offer, nameType);
  return missing.length > 0 ? missing : [roomFinding(workloads, offer, why)];
}

const unknownSize = (type: string): Finding => ({
  level: 'warning',
  code: 'instance-type-unknown',
  subject: type,
  message: `How much ${type} has is not known without AWS.`,
  remedy: 'Plan with AWS credentials (ecsodus plan), which asks for it.',
});
