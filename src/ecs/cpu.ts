import type { Container } from '../inventory.ts';
import { sizeOf } from './instance-types.ts';
import { type Json, numberOf, recordOf } from './json.ts';
import { approximated, lost, nothing, type Rule, type Verdict, warning } from './verdict.ts';

const sharesOf = ({ inspect }: Container): number => numberOf(recordOf(inspect.HostConfig).CpuShares);

/**
 * Units there are to share: those of the type that ecsodus.yaml names, and only of that. The plan is made before there is
 * an instance, and must not change once there is one. Every type that ecsodus chooses by itself has two vCPUs or more;
 * one that its table does not know has at least one.
 */
function budgetOf(instanceType: string | undefined): number {
  if (instanceType === undefined) return 2 * 1024;
  return (sizeOf(instanceType)?.vcpus ?? 1) * 1024;
}

/**
 * §1.2 CpuShares: no shares mean 1024 to Docker but 2 to ECS, so as soon as one container has shares all of them get
 * units in the same proportion, scaled so that all of them fit on the instance; while none has any, all stay 0. A
 * container with a cap reserves that much for its task, whatever its shares: the others share what is left.
 */
export function cpuUnits(containers: readonly Container[], instanceType?: string): ReadonlyMap<string, number> {
  if (!containers.some((container) => sharesOf(container) > 0)) {
    return new Map(containers.map(({ name }) => [name, 0]));
  }
  const weighted = containers.map((container) => ({
    name: container.name,
    weight: sharesOf(container) || 1024,
    cap: taskUnits(recordOf(container.inspect.HostConfig)),
  }));
  const free = weighted.filter(({ cap }) => cap === undefined).map(({ weight }) => weight);
  const capped = weighted.reduce((sum, { cap = 0 }) => sum + cap, 0);
  const budget = budgetOf(instanceType);
  // Caps that leave nothing do not fit in any case, or make ecsodus choose a larger instance.
  const scale = scaleFor(free, budget - capped >= 2 * free.length ? budget - capped : budget);
  return new Map(weighted.map(({ name, weight, cap = Infinity }) => [name, Math.min(cap, unitsFor(weight, scale))]));
}

const unitsFor = (weight: number, scale: number): number => Math.max(2, Math.round(weight * scale));

/** K of §1.2: at most 1, and such that all units together, rounded, stay within the budget. */
function scaleFor(weights: readonly number[], budget: number): number {
  const asked = (scale: number): number => weights.reduce((sum, weight) => sum + unitsFor(weight, scale), 0);
  let scale = 1;
  while (asked(scale) > budget && asked(scale) > 2 * weights.length) scale *= budget / asked(scale);
  return scale;
}

export const cpuShares: Rule = (_, { cpu }) => [
  approximated({ cpu }, 'in proportion to the other containers; it is a reservation too'),
];

export const nanoCpus: Rule = (value, { alone }) => cap(numberOf(value) / 1e9, alone);

export const cpuQuota: Rule = (value, { host, alone }) =>
  numberOf(value) < 0 ? [nothing('no limit')] : cap(quotaOf(host), alone);

const quotaOf = (host: Json): number => numberOf(host.CpuQuota) / (numberOf(host.CpuPeriod) || 100_000);

/** The CPU units of a task that holds this container alone; undefined where it is not limited. */
export function taskUnits(host: Json): number | undefined {
  const cores = numberOf(host.NanoCpus) / 1e9 || quotaOf(host);
  return cores > 0 ? unitsOf(cores) : undefined;
}

const unitsOf = (cores: number): number => Math.max(128, Math.ceil(cores * 1024));

const moreThanAsked = (cores: number) =>
  warning(
    'cpu-limit',
    `It may use at most ${cores} CPUs; ECS holds a task to no less than 0.125.`,
    'Where it must stay below that, lower what it is asked to do at once.',
  );

/** §1.2: only a whole task can be held to a share of the processor, from 0.125 of one on. */
function cap(cores: number, alone: boolean): readonly Verdict[] {
  const units = unitsOf(cores);
  const change = 'a cap on its task, and a reservation';
  if (alone) {
    const extra = { task: { cpu: String(units) }, target: `task cpu: ${units}` };
    return [approximated({}, change, cores * 1024 < units ? { ...extra, finding: moreThanAsked(cores) } : extra)];
  }
  return [
    lost(
      'cpu-limit',
      `It may use at most ${cores} CPUs; ECS cannot hold one container of several in a task to that.`,
      'Put it into a workload of its own ("workloads:" in ecsodus.yaml), or use CPU shares.',
    ),
  ];
}
