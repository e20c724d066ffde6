import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Container, DataPath, Inventory, Mount } from '../inventory.ts';
import { dataRoot } from '../names.ts';
import { isHostPath, isInside } from './host-paths.ts';

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
}

/** `/srv/www/` and `/srv//www` are `/srv/www`. */
export const cleanPath = (path: string): string => {
  const normal = posix.normalize(path);
  return normal.length > 1 ? normal.replace(/\/+$/, '') : normal;
};

export const volumeMounts = (container: Container): readonly (Mount & { readonly Name: string })[] =>
  (container.inspect.Mounts ?? []).filter(
    (mount): mount is Mount & { Name: string } => mount.Type === 'volume' && typeof mount.Name === 'string',
  );

export const bindMounts = (container: Container): readonly Mount[] =>
  (container.inspect.Mounts ?? []).filter((mount) => mount.Type === 'bind');

export const volumePath = (volume: string): string => `${dataRoot}/volumes/${volume}`;

export function placesOf({ containers, data }: Inventory): Places {
  const volumes = new Map(containers.flatMap(volumeMounts).map((mount) => [mount.Name, cleanPath(mount.Source)]));
  const binds = [...new Set(containers.flatMap(bindMounts).map((mount) => cleanPath(mount.Source)))];
  const names = uniqueNames(new Map([...[...volumes.keys()].map(volumeKey), ...binds.map(bindKey)]));
  const paths = new Map(data.map((path) => [cleanPath(path.path), path]));
  const find = (source: string) => paths.get(cleanPath(source));
  return {
    find,
    volumeName: (volume) => names.get(volumeKey(volume)[0]) ?? cleanName(volume),
    bindName: (source) => names.get(bindKey(cleanPath(source))[0]) ?? cleanName(source),
    ofBind: (source) => placeOfBind(cleanPath(source), volumes, find(source)),
  };
}

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
