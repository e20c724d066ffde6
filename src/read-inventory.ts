import type { Json } from './docker/docker.ts';
import { isHostPath } from './ecs/host-paths.ts';
import { looksSecret } from './ecs/secrets.ts';
import type { HostReader } from './host.ts';
import type { Container, DataPath, EnvVariable, Image, Inspect, Inventory, Mention, Mount } from './inventory.ts';
import { originFile, parseOrigin } from './origin.ts';
import { mentions, parseMentions, parsePathSize, pathSize } from './queries/files.ts';
import { Secret } from './secret.ts';
import { readText } from './text-file.ts';

/** Memory seen earlier, in bytes by container id: a definition must not change because a sample did. */
export type RememberedMemory = Readonly<Record<string, number>>;

/** Reads everything the source's engine holds, and the sizes of what its containers mount. */
export async function readInventory(
  source: HostReader,
  migration: string,
  remembered: RememberedMemory,
): Promise<Inventory> {
  const origin = parseOrigin(await readText(source, originFile(migration)));
  const inspected = await readInspects(source);
  const names = inspected.map(nameOf);
  const containers = await Promise.all(
    inspected.map(async (inspect): Promise<Container> => {
      const original = origin?.find(({ id }) => id === inspect.Id);
      const found = parseContainer(inspect, original?.running);
      const others = names.filter((name) => name !== found.name);
      return {
        ...found,
        inspect: original ? withRestartPolicy(found.inspect, original.restartPolicy) : found.inspect,
        memoryBytes: remembered[found.id] ?? (await readMemory(source, inspect)),
        mentions: await readMentions(source, found.inspect.Mounts, others),
      };
    }),
  );
  const imageIds = [...new Set(containers.map(({ imageId }) => imageId))];
  const images = await Promise.all(
    imageIds.map(async (id) => parseImage(id, (await source.docker.inspectImage(id)) ?? {})),
  );
  return { containers, images, data: await readData(source, containers) };
}

/** Oldest first: the order in which people start things that need one another. */
async function readInspects({ docker }: HostReader): Promise<Json[]> {
  const ids = await docker.containerIds();
  const all = await Promise.all(ids.map((id) => docker.inspectContainer(id)));
  return all
    .filter((inspect) => inspect !== undefined)
    .sort((a, b) => String(a.Created).localeCompare(String(b.Created)));
}

const nameOf = (inspect: Json): string => String(inspect.Name).replace(/^\//, '');

function parseContainer(raw: Json, wasRunning: boolean | undefined): Omit<Container, 'memoryBytes' | 'mentions'> {
  const { Env, ...config } = raw.Config as Json;
  const state = raw.State as Json;
  return {
    id: String(raw.Id),
    name: nameOf(raw),
    imageId: String(raw.Image),
    imageName: String(config.Image),
    running: wasRunning ?? state.Running === true,
    env: ((Env as string[] | null) ?? []).map(parseVariable),
    inspect: { ...raw, Config: config } as Inspect,
    writableBytes: Number(raw.SizeRw ?? 0),
  };
}

/** Docker's `NAME=value`; `NAME` alone removes the image's variable. */
function parseVariable(entry: string): EnvVariable {
  const at = entry.indexOf('=');
  if (at === -1) return { name: entry, value: undefined };
  const [name, value] = [entry.slice(0, at), entry.slice(at + 1)];
  return { name, value: looksSecret(name, value) ? new Secret(value) : value };
}

/** While cut-over holds the source still, its containers show the policy `no`; what they had is on record. */
const withRestartPolicy = (inspect: Inspect, policy: unknown): Inspect => ({
  ...inspect,
  HostConfig: { ...inspect.HostConfig, RestartPolicy: policy },
});

function parseImage(id: string, raw: Json): Image {
  const { Env, ...config } = (raw.Config ?? {}) as Json;
  return {
    id,
    tags: (raw.RepoTags as string[] | null) ?? [],
    bytes: Number(raw.Size ?? 0),
    architecture: String(raw.Architecture ?? 'amd64'),
    env: (Env as string[] | null) ?? [],
    config,
  };
}

/** Memory in use without the page cache that can go: `inactive_file`, called `total_inactive_file` by cgroup v1. */
async function readMemory({ docker }: HostReader, inspect: Json): Promise<number | undefined> {
  if ((inspect.State as Json).Running !== true) return undefined;
  const memory = (await docker.stats(String(inspect.Id))).memory_stats as Json | undefined;
  const usage = Number(memory?.usage);
  const details = (memory?.stats ?? {}) as Json;
  const cache = Number(details.total_inactive_file ?? details.inactive_file ?? 0);
  return Number.isFinite(usage) ? Math.max(0, usage - cache) : undefined;
}

async function readMentions(
  source: HostReader,
  mounts: readonly Mount[],
  names: readonly string[],
): Promise<Mention[]> {
  const paths = mounts.filter(({ Type, Source }) => Type === 'bind' && !isHostPath(Source)).map(({ Source }) => Source);
  const found = await Promise.all(paths.map(async (path) => parseMentions(await source.read(mentions(path, names)))));
  return found.flat();
}

async function readData(source: HostReader, containers: readonly Container[]): Promise<DataPath[]> {
  const mounts = containers.flatMap(({ inspect }) => inspect.Mounts);
  const wanted = mounts.filter(({ Type, Source }) => Type === 'volume' || (Type === 'bind' && !isHostPath(Source)));
  const paths = [...new Set(wanted.map(({ Source }) => Source))];
  return Promise.all(paths.map(async (path) => parsePathSize(path, await source.read(pathSize(path)))));
}
