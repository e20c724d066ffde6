import type { Dataset, Design, Workload } from './design.ts';
import type { Json } from './docker/docker.ts';
import type { HostReader } from './host.ts';

/** A source container that is to be moved, as it is this moment. */
export interface Live {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
  readonly restartPolicy: string;
  /** When it last stopped, as the engine writes it. */
  readonly finishedAt: string;
}

/** Names of all containers to move, in the order they start. */
export const startOrder = ({ workloads }: Pick<Design, 'workloads'>): string[] =>
  workloads.flatMap(({ containers }) => containers);

/**
 * Names of all containers that cut-over keeps still, in the order they start: then those that would start others, and those
 * that do not run, since an engine that is restarted may start them.
 */
export const frozenOrder = (design: Pick<Design, 'workloads' | 'watchers' | 'idle'>): string[] => [
  ...startOrder(design),
  ...design.watchers,
  ...startOrder({ workloads: design.idle }),
];

/** The containers of these names, given in the order they start, in the order they are to be stopped: the reverse. */
export async function readLive({ docker }: HostReader, names: readonly string[]): Promise<Live[]> {
  const inspected = await Promise.all(names.map((name) => docker.inspectContainer(name)));
  return inspected
    .filter((inspect) => inspect !== undefined)
    .map(parseLive)
    .reverse();
}

/**
 * Containers by when they are to be stopped, all of a level at once: watchers, lest they start the others again; then
 * whoever needs others goes before them. What a container needs is what its definition says: links, and what it waits for.
 */
export function stopLevels<T extends Pick<Live, 'name'>>(
  live: readonly T[],
  { workloads, watchers }: Pick<Design, 'workloads' | 'watchers'>,
): T[][] {
  const first = live.filter(({ name }) => watchers.includes(name));
  const rest = live.filter(({ name }) => !watchers.includes(name));
  return [...(first.length > 0 ? [first] : []), ...levelsOf(rest, workloads)];
}

function levelsOf<T extends Pick<Live, 'name'>>(live: readonly T[], workloads: Design['workloads']): T[][] {
  const needs = new Map(workloads.flatMap(needsOf));
  const levels = new Map<string, number>();
  const levelOf = (name: string): number => {
    const known = levels.get(name);
    if (known !== undefined) return known;
    levels.set(name, 0); // in a circle nobody is first
    const users = [...needs].filter(([, needed]) => needed.includes(name)).map(([user]) => user);
    const level = Math.max(-1, ...users.map(levelOf)) + 1;
    levels.set(name, level);
    return level;
  };
  const count = Math.max(0, ...live.map(({ name }) => levelOf(name) + 1));
  return Array.from({ length: count }, (_, level) => live.filter(({ name }) => levelOf(name) === level));
}

/** By source container, the source containers that it needs. A definition has its own names for them, in the same order. */
function needsOf({ containers, taskDefinition }: Workload): [string, string[]][] {
  const definitions = taskDefinition.containerDefinitions ?? [];
  const sourceName = new Map(definitions.map(({ name }, index) => [name, containers[index] ?? '']));
  return definitions.map(({ links = [], dependsOn = [] }, index) => {
    const named = [...links.map((link) => link.split(':')[0]), ...dependsOn.map(({ containerName }) => containerName)];
    return [containers[index] ?? '', named.flatMap((name) => sourceName.get(name) ?? [])];
  });
}

function parseLive(inspect: Json): Live {
  const state = inspect.State as Json;
  const policy = ((inspect.HostConfig as Json).RestartPolicy ?? {}) as { Name?: string };
  return {
    id: String(inspect.Id),
    name: String(inspect.Name).replace(/^\//, ''),
    running: state.Running === true || state.Restarting === true,
    restartPolicy: policy.Name || 'no',
    finishedAt: String(state.FinishedAt),
  };
}

/** When the last container that uses a dataset stopped; undefined while one runs. */
export function stoppedAt({ containers }: Dataset, live: readonly Live[]): string | undefined {
  const users = live.filter(({ name }) => containers.includes(name));
  return users.some(({ running }) => running) ? undefined : lastStop(users);
}

/** When the last of these stopped; empty where there is none. */
export const lastStop = (live: readonly Live[]): string =>
  live
    .map(({ finishedAt }) => finishedAt)
    .sort()
    .at(-1) ?? '';
