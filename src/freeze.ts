import type { Dataset, Design } from './design.ts';
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

/** The containers of these names, given in the order they start, in the order they are to be stopped: the reverse. */
export async function readLive({ docker }: HostReader, names: readonly string[]): Promise<Live[]> {
  const inspected = await Promise.all(names.map((name) => docker.inspectContainer(name)));
  return inspected
    .filter((inspect) => inspect !== undefined)
    .map(parseLive)
    .reverse();
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
  if (users.some(({ running }) => running)) return undefined;
  return (
    users
      .map(({ finishedAt }) => finishedAt)
      .sort()
      .at(-1) ?? ''
  );
}
