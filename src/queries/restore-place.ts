import { MigrationError } from '../errors.ts';
import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

/** Where a snapshot may be restored to, as the host sees it. */
export interface RestorePlace {
  /** Absolute, with every symbolic link followed. */
  readonly path: string;
  readonly state: 'missing' | 'empty' | 'taken';
  readonly freeBytes: number;
  /** What the snapshot takes up. */
  readonly neededBytes: number;
}

export const restorePlace = (directory: string, snapshot: string): Query =>
  query(sh`path=$(readlink -m -- ${directory}) || exit
if [ -d "$path" ]; then
  if [ -z "$(find "$path" -mindepth 1 -print -quit)" ]; then state=empty; else state=taken; fi
elif [ -e "$path" ]; then state=taken
else state=missing
fi
place=$path
while [ ! -e "$place" ]; do place=$(dirname "$place"); done
printf '%s\0' "$path" "$state" "$(df --output=avail -B1 "$place" | tail -n 1 | tr -d ' ')" \
  "$(du -sD --block-size=1 -- ${snapshot} | cut -f 1)"`);

export function parseRestorePlace(text: string): RestorePlace {
  const [path, state, free, needed] = text.split('\0');
  if (path === undefined || needed === undefined)
    throw new MigrationError('restore-place-unreadable', 'The place to restore to could not be looked at.', {
      hint: 'Run the same command again.',
    });
  return { path, state: state as RestorePlace['state'], freeBytes: Number(free), neededBytes: Number(needed) };
}
