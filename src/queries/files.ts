import type { DataPath } from '../inventory.ts';
import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

/**
 * Kind, allocated bytes (holes and second hard links do not count) and entries of one path; a symbolic link given as the
 * path is followed, as Docker does. What vanishes while it is counted is no error.
 */
export const pathSize = (path: string): Query =>
  query(sh`path=${path}
if [ -d "$path" ]; then kind=directory
elif [ -f "$path" ]; then kind=file
elif [ -e "$path" ]; then echo other 0 1; exit
else echo missing 0 0; exit
fi
bytes=$(du -sD --block-size=1 -- "$path" 2>/dev/null)
echo "$kind" "\${bytes%%[!0-9]*}" "$(find -H "$path" -printf x 2>/dev/null | wc -c)"
`);

export function parsePathSize(path: string, text: string): DataPath {
  const [kind, bytes, files] = text.trim().split(' ');
  return { path, kind: kind as DataPath['kind'], bytes: Number(bytes), files: Number(files) };
}

/** The text of a file, such that a missing one differs from an empty one. */
export const readFile = (path: string): Query =>
  query(sh`if [ -e ${path} ]; then echo present; cat -- ${path}; else echo missing; fi`);

export const parseFile = (text: string): string | undefined =>
  text.startsWith('present\n') ? text.slice('present\n'.length) : undefined;
