import { recordOf, recordsOf, textOf } from './ecs/json.ts';
import { type LayerChange, summariseLayer } from './ecs/layers.ts';
import { MigrationError } from './errors.ts';
import type { HostReader } from './host.ts';
import type { Container, LayerEntry } from './inventory.ts';
import { changedFiles, type LayerFile, layerFiles, parseLayerFiles } from './queries/layer.ts';

type Inspected = Pick<Container, 'id' | 'inspect' | 'writableBytes'>;

/**
 * What a container wrote outside of its volumes, sized; undefined where the engine cannot tell. `apart` are directories
 * that must not be lost in a larger one.
 */
export async function readLayer(
  source: HostReader,
  container: Inspected,
  apart: readonly string[],
): Promise<readonly LayerEntry[] | undefined> {
  const changes = await changesOf(source, container.id);
  if (changes === undefined || changes.length === 0) return changes === undefined ? undefined : [];
  const mounts = recordsOf(container.inspect.Mounts).map(({ Destination }) => textOf(Destination));
  const tmpfs = Object.keys(recordOf(container.inspect.HostConfig.Tmpfs));
  const mountPoints = [...mounts, ...tmpfs].filter((path) => path !== '');
  return summariseLayer({ changes, files: await filesOf(source, container), mountPoints, apart });
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

async function filesOf(source: HostReader, { inspect }: Inspected): Promise<ReadonlyMap<string, LayerFile>> {
  const upper = textOf(recordOf(recordOf(inspect.GraphDriver).Data).UpperDir);
  if (upper !== '') return parseLayerFiles(await source.read(layerFiles(upper)));
  const { Running, Pid } = recordOf(inspect.State);
  const isLooking = Running === true && typeof Pid === 'number' && Pid > 0;
  return isLooking ? parseLayerFiles(await source.read(changedFiles(Pid, textOf(inspect.Created)))) : new Map();
}
