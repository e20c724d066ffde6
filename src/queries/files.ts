import type { DataPath } from '../inventory.ts';
import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

/**
 * Kind, allocated bytes (holes and second hard links do not count) and entries of each of `paths`, in one walk; a symbolic
 * link given as a path is followed, as Docker does. What vanishes while it is counted is no error. A line for each that is
 * there, `\001` for a newline in its name.
 */
export const pathSizes = (paths: readonly string[]): Query =>
  query(
    paths.length === 0
      ? ':'
      : sh`export LC_ALL=C
find -H ${paths} -printf '%D:%i %n %b %y %d %H\0' 2>/dev/null | tr '\n\000' '\001\n' | awk ${summed}`,
  );

const summed = String.raw`
{
  path = substr($0, length($1 $2 $3 $4 $5) + 6)
  entries[path]++
  if ($5 == 0) type[path] = $4
  if ($2 < 2 || $4 == "d" || !((path, $1) in seen)) blocks[path] += $3
  if ($2 > 1 && $4 != "d") seen[path, $1]
}
END { for (path in type) printf "%s %.0f %.0f %s\n", type[path], blocks[path] * 512, entries[path], path }`;

const kinds: Readonly<Record<string, DataPath['kind']>> = { d: 'directory', f: 'file' };

/** Of the given paths, in their order. */
export function parsePathSizes(paths: readonly string[], text: string): DataPath[] {
  const found = new Map(
    [...text.matchAll(/^(\S) (\d+) (\d+) (.*)$/gm)].map(([, type = '', bytes, files, path]) => [
      path,
      { type, bytes: Number(bytes), files: Number(files) },
    ]),
  );
  return paths.map((path) => {
    const { type, bytes, files } = found.get(path.replaceAll('\n', '\x01')) ?? { type: 'l', bytes: 0, files: 0 };
    // A link at the very top leads nowhere.
    if (type === 'l') return { path, kind: 'missing', bytes: 0, files: 0 };
    const kind = kinds[type];
    return kind === undefined ? { path, kind: 'other', bytes: 0, files: 1 } : { path, kind, bytes, files };
  });
}

/** `directory 4096 1` */
export function parsePathSize(path: string, text: string): DataPath {
  const [kind, bytes, files] = text.trim().split(' ');
  return { path, kind: kind as DataPath['kind'], bytes: Number(bytes), files: Number(files) };
}

/** The text of a file, such that a missing one differs from an empty one. */
export const readFile = (path: string): Query =>
  query(sh`if [ -e ${path} ]; then echo present; cat -- ${path}; else echo missing; fi`);

export const parseFile = (text: string): string | undefined =>
  text.startsWith('present\n') ? text.slice('present\n'.length) : undefined;
