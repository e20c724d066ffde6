import { type LiftSettings, layersOf, liftSource, volumePathsOf } from './ecs/lifted.ts';
import type { HostReader } from './host.ts';
import type { Container, DataPath } from './inventory.ts';
import { parsePathSize } from './queries/files.ts';
import { layeredSize } from './queries/layer.ts';

/** The directories that are to be lifted out of containers, measured in their layers: an upper bound. */
export async function readLifted(
  source: HostReader,
  containers: readonly Pick<Container, 'name' | 'inspect'>[],
  { name, outsideVolumes = {} }: LiftSettings,
): Promise<DataPath[]> {
  const wanted = containers.flatMap((container) => {
    const layers = layersOf(container.inspect);
    const paths = layers.length === 0 ? [] : volumePathsOf(outsideVolumes[container.name]);
    return paths.map((path) => ({ layers, path, at: liftSource(name, container.name, path) }));
  });
  return Promise.all(
    wanted.map(async ({ layers, path, at }) => parsePathSize(at, await source.read(layeredSize(layers, path)))),
  );
}
