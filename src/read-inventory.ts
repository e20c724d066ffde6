import type { Config } from './config.ts';
import type { Json } from './docker/docker.ts';
import { isHostPath } from './ecs/host-paths.ts';
import { volumePathsOf } from './ecs/lifted.ts';
import { namesFor } from './ecs/network-names.ts';
import type { HostReader } from './host.ts';
import type { Container, DataPath, Image, Inspect, Inventory } from './inventory.ts';
import { readOrigin } from './origin.ts';
import { type InspectedContainer, parseContainer, parseImage } from './parse-inspect.ts';
import { parsePathSizes, pathSizes } from './queries/files.ts';
import { readDatabaseMemory } from './read-database-memory.ts';
import { readLayers } from './read-layer.ts';
import { readLifted } from './read-lifted.ts';
import { readMentions } from './read-mentions.ts';
import { readSurroundings } from './read-surroundings.ts';
import { type RememberedUsage, readUsage } from './read-usage.ts';

/** Reads everything the source's engine holds, the sizes of what its containers mount, and the host around them. */
export async function readInventory(source: HostReader, config: Config, seen: RememberedUsage): Promise<Inventory> {
  const inspected = await readContainers(source, config.name);
  const reading = readSurroundings(source, inspected);
  const namesSeenBy = (each: InspectedContainer): string[] =>
    inspected.flatMap((other) => (other === each ? [] : namesFor(each, other)));
  const [usage, surroundings, layers, mentions, memories, images, data, lifted, networks, volumes] = await Promise.all([
    readUsage(source, inspected, seen, config.sampleSeconds),
    reading,
    readLayers(source, inspected, ({ name }) => volumePathsOf(config.outsideVolumes?.[name])),
    reading.then(({ addresses }) =>
      readMentions(source, inspected, (each) => [...new Set([...namesSeenBy(each), ...addresses])]),
    ),
    Promise.all(inspected.map((each) => readDatabaseMemory(source, each))),
    readImages(source, inspected),
    readData(source, inspected),
    readLifted(source, inspected, config),
    source.docker.networks(),
    source.docker.volumes(),
  ]);
  return {
    // Memory is watched for seconds, and everything else read meanwhile.
    containers: inspected.map((each, index) => ({
      ...each,
      usage: usage[each.id],
      layer: layers[index],
      mentions: mentions[index] ?? [],
      databaseMemory: memories[index] ?? [],
    })),
    images,
    data: [...data, ...lifted],
    networks,
    volumes,
    surroundings,
  };
}

/** Oldest first: the order in which people start things that need one another. */
async function readContainers(source: HostReader, migration: string): Promise<InspectedContainer[]> {
  const origin = await readOrigin(source, migration);
  const ids = await source.docker.containerIds();
  const all = await Promise.all(ids.map((id) => source.docker.inspectContainer(id)));
  return all
    .filter((raw) => raw !== undefined)
    .sort((a, b) => String(a.Created).localeCompare(String(b.Created)))
    .map((raw) => {
      const found = parseContainer(raw);
      const original = origin?.containers.find(({ id }) => id === found.id);
      if (original === undefined) return found;
      const inspect = withRestartPolicy(found.inspect, original.restartPolicy);
      return { ...found, running: original.running, inspect };
    });
}

/** While cut-over holds the source still, its containers show the policy `no`; what they had is on record. */
const withRestartPolicy = (inspect: Inspect, policy: unknown): Inspect => ({
  ...inspect,
  HostConfig: { ...inspect.HostConfig, RestartPolicy: policy } as Json,
});

function readImages(source: HostReader, containers: readonly InspectedContainer[]): Promise<Image[]> {
  const ids = [...new Set(containers.map(({ imageId }) => imageId))];
  return Promise.all(ids.map(async (id) => parseImage(id, (await source.docker.inspectImage(id)) ?? {})));
}

/** Through the source's data, side by side. */
const walks = 4;

async function readData(source: HostReader, containers: readonly Pick<Container, 'inspect'>[]): Promise<DataPath[]> {
  const mounts = containers.flatMap(({ inspect }) => inspect.Mounts);
  const wanted = mounts.filter(({ Type, Source }) => Type === 'volume' || (Type === 'bind' && !isHostPath(Source)));
  const paths = [...new Set(wanted.map(({ Source }) => Source))];
  const parts = Array.from({ length: walks }, (_, part) => paths.filter((_, index) => index % walks === part));
  const sizes = await Promise.all(parts.map((part) => source.read(pathSizes(part))));
  return parsePathSizes(paths, sizes.join(''));
}
