import type { LayerEntry } from '../inventory.ts';
import { isInside } from './host-paths.ts';
import { looksOf } from './layer-looks.ts';

/** `docker diff` as the engine sends it. */
export interface LayerChange {
  readonly Path: string;
  /** 0 changed, 1 added, 2 deleted. */
  readonly Kind: number;
}

type LayerFiles = ReadonlyMap<string, { readonly directory: boolean; readonly bytes: number }>;

export interface LayerSight {
  readonly changes: readonly LayerChange[];
  /** What is known of the paths. */
  readonly files: LayerFiles;
  /** Where the container has a mount: what the layer shows there, and above it, is the mount point. */
  readonly mountPoints: readonly string[];
  /** Directories to be told apart from what is around them. */
  readonly apart: readonly string[];
}

const kinds = ['changed', 'added', 'deleted'] as const;

/** Entries kept of each of data and noise; what is beyond is added up by top directory. */
const most = 200;

/**
 * A writable layer in a size that can be shown and kept, however much is in it: directories that only lead to what
 * changed are left out, and a directory that was added stands for all that is in it and looks like it.
 */
export function summariseLayer({ changes, files, mountPoints, apart }: LayerSight): readonly LayerEntry[] {
  const kindOf = new Map(changes.map(({ Path, Kind }) => [Path, kinds[Kind] ?? 'changed']));
  const parents = new Set(changes.map(({ Path }) => parentOf(Path)));
  const isDirectory = (path: string) => files.get(path)?.directory ?? parents.has(path);
  const differs = changes.filter(({ Path }) => !isDirectory(Path) && !isMounted(Path, mountPoints));
  const topAdded = addedTops(kindOf, apart);
  const folded = new Map<string, LayerEntry>();
  for (const { Path } of differs) {
    const looks = looksOf(Path);
    const at = topAdded(Path);
    const before = folded.get(`${looks} ${at}`);
    folded.set(`${looks} ${at}`, {
      path: at,
      kind: kindOf.get(at) ?? 'changed',
      bytes: (before?.bytes ?? 0) + (files.get(Path)?.bytes ?? 0),
      entries: (before?.entries ?? 0) + 1,
      directory: at !== Path,
      looks,
    });
  }
  const all = [...folded.values()].sort(bySize);
  return [...capped(all.filter(isData)), ...capped(all.filter((entry) => !isData(entry)))];
}

/**
 * Whether there is nothing in a layer but mount points and what leads to them: nothing in it can differ then. `files` are all
 * of the layer's, its root among them, without which nobody could look.
 */
export const isUntouched = (files: LayerFiles, mountPoints: readonly string[]): boolean =>
  files.has('/') && [...files.keys()].every((path) => path === '/' || isMounted(path, mountPoints));

export const isData = ({ looks }: LayerEntry): boolean => looks === 'data';

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

const isMounted = (path: string, mountPoints: readonly string[]): boolean =>
  mountPoints.some((mount) => isInside(path, mount) || isInside(mount, path));

/** The path that stands for another: the directory it is to be told apart by, or the topmost one that was added. */
function addedTops(kindOf: ReadonlyMap<string, LayerEntry['kind']>, apart: readonly string[]) {
  const known = new Map<string, string>();
  const topOf = (path: string): string => {
    const found = known.get(path);
    if (found !== undefined) return found;
    const parent = parentOf(path);
    const isFirst =
      parent === path ||
      parent === '/' ||
      (kindOf.get(parent) !== 'added' && !apart.some((one) => isInside(parent, one)));
    const top = apart.includes(path) || isFirst ? path : topOf(parent);
    known.set(path, top);
    return top;
  };
  return topOf;
}

const bySize = (a: LayerEntry, b: LayerEntry): number =>
  b.bytes - a.bytes || b.entries - a.entries || (a.path < b.path ? -1 : 1);

function capped(entries: readonly LayerEntry[]): readonly LayerEntry[] {
  const rest = new Map<string, LayerEntry>();
  for (const entry of entries.slice(most)) {
    const path = entry.path.split('/').slice(0, 2).join('/');
    const before = rest.get(path) ?? { ...entry, path, kind: 'changed', bytes: 0, entries: 0, directory: true };
    rest.set(path, { ...before, bytes: before.bytes + entry.bytes, entries: before.entries + entry.entries });
  }
  return [...entries.slice(0, most), ...rest.values()];
}
