import { isHostPath } from './ecs/host-paths.ts';
import type { HostReader } from './host.ts';
import type { Container } from './inventory.ts';
import { containerSystems } from './queries/container-systems.ts';
import { hostsInFiles } from './queries/hosts-in-files.ts';
import { hostSurroundings } from './queries/surroundings.ts';
import { parseSurroundings } from './surroundings/parse-surroundings.ts';
import type { Surroundings } from './surroundings/surroundings.ts';

/** What the host does beside Docker, and what its containers are made of; what cannot be read is left out. */
export async function readSurroundings(
  source: HostReader,
  containers: readonly Pick<Container, 'inspect'>[],
): Promise<Surroundings> {
  const mounts = containers.flatMap(({ inspect }) => inspect.Mounts);
  const binds = mounts.filter(({ Type, Source }) => Type === 'bind' && !isHostPath(Source));
  const [host, systems, files] = await Promise.all([
    source.read(hostSurroundings()),
    source.read(containerSystems()),
    source.read(hostsInFiles([...new Set(binds.map(({ Source }) => Source))])),
  ]);
  return parseSurroundings(host, systems, files, source.address);
}
