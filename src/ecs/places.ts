import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Container, DataPath, Inventory, Mount } from '../inventory.ts';
import { dataRoot } from '../names.ts';
import { isHostPath, isInside } from './host-paths.ts';
import { knownVolumes, type VolumeOptions, volumeOptionsOf } from './volume-options.ts';

/** Where a path of the source lies on the target, and whether anything is copied there. */
interface Place {
  readonly path: string;
  readonly why: 'data' | 'system' | 'special';
}

export interface Places {
  readonly ofBind: (source: string) => Place;
  /** The ECS name of a Docker volume. One name for the whole host: a shared volume keeps its exact name (§3). */
  readonly volumeName: (volume: string) => string;
  /** The ECS name of the volume that stands for a bind mount's source. */
  readonly bindName: (source: string) => string;
  readonly find: (source: string) => DataPath | undefined;
  /** What a volume's options make of it. */
  readonly volume: (name: string) => VolumeOptions;
  /** Where a mounted volume's data lie on the source: not always the directory the engine has for it. */
  readonly volumeSource: (mount: VolumeMount) => string;
}

export type VolumeMount = Mount & { readonly Name: string };

/** `/srv/www/` and `/srv//www` are `/srv/www`. */
export const cleanPath = (path: string): string => {
  const normal = posix.normalize(path);
  return normal.length > 1 ? normal.replace(/\/+$/, '') : normal;
};

export const volumeMounts = (container: Container): readonly VolumeMount[] =>
  (container.inspect.Mounts ?? []).filter(
    (mount): mount is VolumeMount => mount.Type === 'volume' && typeof mount.Name === 'string',
  );

export const bindMounts = (container: Container): readonly Mount[] =>
  (container.inspect.Mounts ?? []).filter((mount) => mount.Type === 'bind');

/** `/var/run/docker.sock`, or a directory that holds it. */
export const readsSocket = (container: Container): boolean =>
  bindMounts(container).some(({ Source }) =>
    ['/var/run/docker.sock', '/run/docker.sock'].some(
      (socket) => Source !== '/' && isInside(socket, cleanPath(Source)),
    ),
  );

export const volumePath = (volume: string): string => `${dataRoot}/volumes/${volume}`;

export function placesOf({ containers, data, volumes: listed }: Inventory): Places {
  const options = knownVolumes(listed, containers);
  const volume = (name: string) => options.get(name) ?? plain;
  const volumeSource = (mount: VolumeMount) => cleanPath(deviceOf(volume(mount.Name)) ?? mount.Source);
  const mounts = containers.flatMap(volumeMounts);
  const volumes = new Map(mounts.map((mount) => [mount.Name, volumeSource(mount)]));
  const binds = [...new Set(containers.flatMap(bindMounts).map((mount) => cleanPath(mount.Source)))];
  const names = uniqueNames(new Map([...[...volumes.keys()].map(volumeKey), ...binds.map(bindKey)]));
  // A volume is measured where the engine mounts it.
  const measured = new Map(mounts.map((mount) => [volumeSource(mount), cleanPath(mount.Source)]));
  const paths = new Map(data.map((path) => [cleanPath(path.path), path]));
  const find = (source: string) => {
    const path = cleanPath(source);
    return paths.get(path) ?? paths.get(measured.get(path) ?? path);
  };
  return {
    find,
    volume,
    volumeSource,
    volumeName: (name) => names.get(volumeKey(name)[0]) ?? cleanName(name),
    bindName: (source) => names.get(bindKey(cleanPath(source))[0]) ?? cleanName(source),
    ofBind: (source) => placeOfBind(cleanPath(source), volumes, find(source)),
  };
}

const plain = volumeOptionsOf({});

const deviceOf = ({ kind, options }: VolumeOptions): string | undefined =>
  kind === 'bind' ? options.device : undefined;

const volumeKey = (volume: string): [string, string] => [`volume ${volume}`, volume];

/** `/srv/www` → `bind-srv-www`. `/srv-www` gives the same, and then one gets a hash. */
const bindKey = (path: string): [string, string] => [`bind ${path}`, `bind${path === '/' ? '-root' : path}`];

/** A bind of a volume's own directory must stay that volume, or two containers would part ways on two copies. */
function placeOfBind(path: string, volumes: ReadonlyMap<string, string>, data: DataPath | undefined): Place {
  for (const [volume, source] of volumes) {
    if (isInside(path, source)) return { path: volumePath(volume) + path.slice(source.length), why: 'data' };
  }
  if (isHostPath(path)) return { path, why: 'system' };
  if (data?.kind === 'other') return { path, why: 'special' };
  return { path: `${dataRoot}/binds${path}`, why: 'data' };
}

/** Characters ECS allows in names (§2). */
export const cleanName = (name: string): string => name.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 255);

/** Cleaning may make two names one: then the later gets a hash. Names that are clean already come first and keep theirs. */
function uniqueNames(wanted: ReadonlyMap<string, string>): Map<string, string> {
  const isClean = ([, name]: readonly [string, string]) => cleanName(name) === name;
  const entries = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1));
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [key, name] of [...entries.filter(isClean), ...entries.filter((entry) => !isClean(entry))]) {
    const clean = cleanName(name);
    const unique = taken.has(clean) ? `${clean.slice(0, 246)}-${hash(key)}` : clean;
    taken.add(unique);
    names.set(key, unique);
  }
  return names;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
