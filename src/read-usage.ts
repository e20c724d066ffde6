import type { Json } from './docker/docker.ts';
import type { HostReader } from './host.ts';
import type { Container, Usage } from './inventory.ts';
import { containerUsage, parseUsage } from './queries/usage.ts';

/** Usage seen earlier, by container id: a definition must not change because a sample did. */
export type RememberedUsage = Readonly<Record<string, Usage>>;

/**
 * What running containers use, by id: the most that was seen over `seconds`, from the kernel; where their cgroups cannot
 * be read, one reading of `docker stats`. Those remembered are not looked at again.
 */
export async function readUsage(
  source: HostReader,
  containers: readonly Pick<Container, 'id' | 'inspect'>[],
  remembered: RememberedUsage,
  seconds: number,
): Promise<RememberedUsage> {
  const unknown = containers.flatMap(({ id, inspect }) => {
    const state = (inspect.State ?? {}) as Json;
    return state.Running === true && remembered[id] === undefined ? [{ id, pid: Number(state.Pid ?? 0) }] : [];
  });
  if (unknown.length === 0) return remembered;
  const sampled = parseUsage(await source.read(containerUsage(unknown, seconds)));
  const rest = await Promise.all(
    unknown
      .filter(({ id }) => sampled[id] === undefined)
      .map(async ({ id }): Promise<RememberedUsage> => {
        const usage = await statsOf(source, id);
        return usage === undefined ? {} : { [id]: usage };
      }),
  );
  return Object.assign({}, remembered, sampled, ...rest) as RememberedUsage;
}

async function statsOf({ docker }: HostReader, id: string): Promise<Usage | undefined> {
  return usageOf((await docker.stats(id)).memory_stats as Json | undefined);
}

/**
 * `memory_stats` of `docker stats`: anonymous and shared memory where it names them, else what is in use without the
 * page cache that can go (`inactive_file`, called `total_inactive_file` by cgroup v1).
 */
export function usageOf(memory: Json | undefined): Usage | undefined {
  const details = (memory?.stats ?? {}) as Json;
  const peak = Number(memory?.max_usage);
  const upTo = peak > 0 ? { peakBytes: peak } : {};
  const named = Number(details.total_rss ?? details.anon) + Number(details.total_shmem ?? details.shmem);
  if (Number.isFinite(named)) return { memoryBytes: named, ...upTo };
  const usage = Number(memory?.usage);
  const cache = Number(details.total_inactive_file ?? details.inactive_file ?? 0);
  return Number.isFinite(usage) ? { memoryBytes: Math.max(0, usage - cache), ...upTo } : undefined;
}
