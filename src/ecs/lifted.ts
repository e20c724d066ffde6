import { createHash } from 'node:crypto';
import type { Container, DataPath, Inventory, Mount } from '../inventory.ts';
import { liftedRoot } from '../names.ts';
import { isInside } from './host-paths.ts';
import { isEmpty, recordOf, textOf } from './json.ts';
import { cleanPath, volumeMounts } from './places.ts';
import type { OutsideVolumes } from './workload.ts';

/** A directory of a container's own file system that becomes a dataset, and a volume at the same place. */
export interface Lift {
  readonly container: string;
  /** Within the container. */
  readonly path: string;
  /** Where it is read on the source, through a view of the container's layers. */
  readonly source: string;
  readonly volume: string;
}

export interface LiftSettings {
  readonly name: string;
  readonly outsideVolumes?: Readonly<Record<string, OutsideVolumes>> | undefined;
}

/** The directories an operator wants lifted out of a container. */
export const volumePathsOf = (choice: OutsideVolumes | undefined): string[] =>
  typeof choice === 'object' ? [...new Set(choice.volume.map(cleanPath))] : [];

/**
 * The directories that make up a container's file system, topmost first; none where the storage driver does not keep
 * them as directories that overlay could put on top of one another.
 */
export function layersOf(inspect: Readonly<Record<string, unknown>>): string[] {
  const { Name, Data } = recordOf(inspect.GraphDriver);
  const { UpperDir, LowerDir } = recordOf(Data);
  if (!/^(overlay2|fuse-overlayfs)$/.test(textOf(Name)) || textOf(UpperDir) === '') return [];
  return [textOf(UpperDir), ...textOf(LowerDir).split(':')].filter((layer) => layer !== '');
}

/** Saved inspect output may leave it out; an engine does not, and says `Storage` where containerd keeps the images. */
const saysStorage = ({ GraphDriver, Storage }: Readonly<Record<string, unknown>>): boolean =>
  GraphDriver !== undefined || Storage !== undefined;

/** Whether an image can be put together from layers that are there: not with containerd's image store. */
export const keepsImageLayers = (inspect: Readonly<Record<string, unknown>>): boolean => {
  const { Name, Data } = recordOf(inspect.GraphDriver);
  return !saysStorage(inspect) || textOf(Name) === 'vfs' || !isEmpty(Data);
};

export const liftSource = (migration: string, container: string, path: string): string =>
  `${liftedRoot(migration)}/${container}${path}`;

/**
 * The inventory in which each directory to be lifted is a volume of its container already, so that whatever holds for a
 * volume holds for it. What cannot be lifted is left out: `liftFindings` says why.
 */
export function liftPaths(
  inventory: Inventory,
  settings: LiftSettings,
): { readonly inventory: Inventory; readonly lifts: readonly Lift[] } {
  const lifts: Lift[] = [];
  const taken = new Set(inventory.containers.flatMap(volumeMounts).map(({ Name }) => Name));
  for (const container of inventory.containers) {
    for (const path of volumePathsOf(settings.outsideVolumes?.[container.name])) {
      const source = liftSource(settings.name, container.name, path);
      if (refusal(container, path, measured(inventory, source)) !== undefined) continue;
      const volume = freeName(container.name, path, taken);
      taken.add(volume);
      lifts.push({ container: container.name, path, source, volume });
    }
  }
  const containers = inventory.containers.map((container) => withLifts(container, lifts));
  return { inventory: { ...inventory, containers }, lifts };
}

export const measured = ({ data }: Pick<Inventory, 'data'>, source: string): DataPath | undefined =>
  data.find(({ path }) => path === source);

/** Why a directory cannot be lifted, in words that follow its name; undefined where it can. */
export function refusal({ inspect }: Container, path: string, found: DataPath | undefined): string | undefined {
  const mount = (inspect.Mounts ?? []).find(({ Destination }) => isInside(path, cleanPath(Destination)));
  if (path === '/') return 'is the whole file system: name a directory in it';
  if (mount !== undefined) return `is in the ${mount.Type} at ${mount.Destination}, which is carried already`;
  if (saysStorage(inspect) && layersOf(inspect).length === 0)
    return `cannot be read: the storage driver is not overlay2. Write "commit"`;
  if (found?.kind === 'missing') return 'is not there';
  if (found?.kind === 'file') return 'is a file: name the directory it is in';
  if (found?.kind === 'other') return 'is, or goes through, a symbolic link: name the directory itself';
  return undefined;
}

const withLifts = (container: Container, lifts: readonly Lift[]): Container => {
  const own = lifts.filter((lift) => lift.container === container.name);
  if (own.length === 0) return container;
  const mounts = own.map(
    ({ volume, source, path }): Mount => ({
      Type: 'volume',
      Name: volume,
      Source: source,
      Destination: path,
      Driver: 'local',
      RW: true,
    }),
  );
  return { ...container, inspect: { ...container.inspect, Mounts: [...(container.inspect.Mounts ?? []), ...mounts] } };
};

/** `shop` and `/var/www/uploads` make `shop-var-www-uploads`; a volume that is called so already keeps its name. */
function freeName(container: string, path: string, taken: ReadonlySet<string>): string {
  const name = `${container}${path.replace(/[^A-Za-z0-9_.-]+/g, '-')}`.slice(0, 200);
  if (!taken.has(name)) return name;
  return `${name}-${createHash('sha256').update(`${container} ${path}`).digest('hex').slice(0, 8)}`;
}
