import { recordOf, recordsOf, textOf } from './ecs/json.ts';
import { isUntouched, type LayerChange, summariseLayer } from './ecs/layers.ts';
import { MigrationError } from './errors.ts';
import type { HostReader } from './host.ts';
import type { Container, LayerEntry } from './inventory.ts';
import { changedFiles, type LayerFile, layerFiles, parseLayerFiles } from './queries/layer.ts';
import { readAll } from './read-all.ts';

type Inspected = Pick<Container, 'id' | 'name' | 'inspect'>;

/**
 * What each container wrote outside of its volumes, sized; undefined where the engine cannot tell. `apart` are directories
 * that must not be lost in a larger one.
 */
export async function readLayers(
  source: HostReader,
  containers: readonly Inspected[],
  apart: (container: Inspected) => readonly string[],
): Promise<(readonly LayerEntry[] | undefined)[]> {
  const uppers = containers.map(upperOf);
  const listed = await readAll(
    source,
    uppers.map((upper) => (upper === '' ? undefined : layerFiles(upper))),
  );
  return Promise.all(
    containers.map(async (container, index) => {
      const mountPoints = mountPointsOf(container);
      const known = uppers[index] === '' ? undefined : parseLayerFiles(listed[index] ?? '');
      // The engine compares the container's every file with its image's, which takes it longer than anything else here.
      if (known !== undefined && isUntouched(known, mountPoints)) return [];
      const changes = await changesOf(source, container.id);
      if (changes === undefined || changes.length === 0) return changes === undefined ? undefined : [];
      const files = known ?? (await filesOf(source, container));
      return summariseLayer({ changes, files, mountPoints, apart: apart(container) });
    }),
  );
}

const upperOf = ({ inspect }: Inspected): string => textOf(recordOf(recordOf(inspect.GraphDriver).Data).UpperDir);

function mountPointsOf({ inspect }: Inspected): string[] {
  const mounts = recordsOf(inspect.Mounts).map(({ Destination }) => textOf(Destination));
  return [...mounts, ...Object.keys(recordOf(inspect.HostConfig.Tmpfs))].filter((path) => path !== '');
}

/** A storage driver that cannot compare layers answers with an error; a lost connection is one of ours. */
async function changesOf(source: HostReader, id: string): Promise<readonly LayerChange[] | undefined> {
  try {
    return await source.docker.changes(id);
  } catch (error) {
    if (error instanceof MigrationError && /^docker-(failed|not-found)$/.test(error.code)) return undefined;
    throw error;
  }
}

/** For storage drivers that keep no directory of changes. */
async function filesOf(source: HostReader, { inspect }: Inspected): Promise<ReadonlyMap<string, LayerFile>> {
  const { Running, Pid } = recordOf(inspect.State);
  const isLooking = Running === true && typeof Pid === 'number' && Pid > 0;
  return isLooking ? parseLayerFiles(await source.read(changedFiles(Pid, textOf(inspect.Created)))) : new Map();
}
