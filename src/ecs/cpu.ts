import type { Container } from '../inventory.ts';
import { type Json, numberOf, recordOf } from './json.ts';
import { approximated, lost, nothing, type Rule, type Verdict } from './verdict.ts';

/** Units that any container instance has. `cpu` reserves as well, so that all shares together must not ask for more. */
const budget = 1024;

const sharesOf = ({ inspect }: Container): number => numberOf(recordOf(inspect.HostConfig).CpuShares);

/**
 * §1.2 CpuShares: no shares mean 1024 to Docker but 2 to ECS, so as soon as one container has shares all of them get
 * units in the same proportion; while none has any, all stay 0.
 */
export function cpuUnits(containers: readonly Container[]): ReadonlyMap<string, number> {
  const anyShares = containers.some((container) => sharesOf(container) > 0);
  const weights = containers.map((container) => [container.name, sharesOf(container) || 1024] as const);
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  const scale = Math.min(1, budget / total);
  return new Map(weights.map(([name, weight]) => [name, anyShares ? Math.max(2, Math.floor(weight * scale)) : 0]));
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

/** §1.2: only a whole task can be held to a share of the processor, from 0.125 of one on. */
function cap(cores: number, alone: boolean): readonly Verdict[] {
  const units = unitsOf(cores);
  const change = `task cpu: ${units}, a cap and a reservation`;
  if (alone) return [approximated({}, change, { task: { cpu: String(units) } })];
  return [
    lost(
      'cpu-limit',
      `It may use at most ${cores} CPUs; ECS cannot hold one container of several in a task to that.`,
      'Put it into a workload of its own ("workloads:" in ecsodus.yaml), or use CPU shares.',
    ),
  ];
}
