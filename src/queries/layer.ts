import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

/** What a path in a writable layer is. */
export interface LayerFile {
  readonly directory: boolean;
  readonly bytes: number;
}

/** The directory in which overlay keeps a container's changes, itself included, and everything in it; nothing where it cannot be read. */
export const layerFiles = (upper: string): Query =>
  query(sh`cd ${upper} 2>/dev/null || exit 0
find . -printf '%y%s /%P\0' 2>/dev/null
exit 0`);

/**
 * What changed in a running container's own view since it was created, for storage drivers that keep no directory of
 * changes: a file that is written, copied up or renamed gets a new ctime. Mounts are left out.
 */
export const changedFiles = (pid: number, created: string): Query =>
  query(sh`cd ${`/proc/${pid}/root`} 2>/dev/null || exit 0
find . -xdev -mindepth 1 -newerct ${created} -printf '%y%s /%P\0' 2>/dev/null
exit 0`);

export function parseLayerFiles(text: string): ReadonlyMap<string, LayerFile> {
  const files = new Map<string, LayerFile>();
  for (const line of text.split('\0')) {
    const space = line.indexOf(' ');
    const type = line[0];
    if (space > 0)
      files.set(line.slice(space + 1), {
        directory: type === 'd',
        bytes: type === 'f' ? Number(line.slice(1, space)) : 0,
      });
  }
  return files;
}

/**
 * Kind, allocated bytes and entries of one path within the layers of a container, topmost first. Layers are added up, so
 * that what a lower one holds and an upper one replaces counts twice. `other` where the path is, or goes through, a
 * symbolic link: on the host it would lead out of the container.
 */
export const layeredSize = (layers: readonly string[], path: string): Query => {
  const prefixes = path
    .split('/')
    .slice(1)
    .map((_, index, parts) => `/${parts.slice(0, index + 1).join('/')}`);
  return query(sh`layer_of() { for layer in ${layers}; do if [ -e "$layer$1" ] || [ -L "$layer$1" ]; then printf %s "$layer"; return; fi; done; }
for prefix in ${prefixes}; do
  top=$(layer_of "$prefix")
  if [ -z "$top" ] || [ -c "$top$prefix" ]; then echo missing 0 0; exit; fi
  if [ -L "$top$prefix" ]; then echo other 0 1; exit; fi
  if [ -d "$top$prefix" ]; then kind=directory; elif [ -f "$top$prefix" ]; then kind=file; else kind=other; fi
done
bytes=0 files=0
for layer in ${layers}; do
  [ -e "$layer"${path} ] || continue
  bytes=$((bytes + $(du -s --block-size=1 -- "$layer"${path} 2>/dev/null | cut -f 1)))
  files=$((files + $(find "$layer"${path} -printf x 2>/dev/null | wc -c)))
done
echo "$kind" "$bytes" "$files"`);
};

/** Mount points at or below a directory, as the kernel lists them. */
export const mountsBelow = (directory: string): Query =>
  query(sh`awk -v top=${directory} '$2 == top || index($2, top "/") == 1 { print $2 }' /proc/self/mounts`);

export const parseMounts = (text: string): string[] => text.split('\n').filter((line) => line !== '');
