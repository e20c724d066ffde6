import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

/** A file by which the data of a database is known, and `sqlite` for a file that begins as SQLite's do. */
export type DatabaseSign =
  | 'ibdata1'
  | 'aria_log_control'
  | 'PG_VERSION'
  | 'WiredTiger'
  | 'redis-dump'
  | 'redis-log'
  | 'sqlite';

/**
 * The signs of databases in each of `paths`, as `path NUL sign NUL`, no more than four folders down: PostgreSQL 18 keeps
 * its PG_VERSION in 18/docker. Of files that may be SQLite's by name, the first 200 are looked into.
 */
export const databaseData = (paths: readonly string[]): Query =>
  query(
    paths.length === 0
      ? ':'
      : sh`find -H ${paths} -maxdepth 4 \( -name ibdata1 -o -name aria_log_control -o -name PG_VERSION -o -name WiredTiger \) -printf '%H\0%f\0' \
  -o -name '*.rdb' -printf '%H\0redis-dump\0' \
  -o \( -name '*.aof' -o -name appendonlydir \) -printf '%H\0redis-log\0' 2>/dev/null
find -H ${paths} -maxdepth 4 -type f -size +0 \( -name '*.db' -o -name '*.db3' -o -name '*.sqlite' -o -name '*.sqlite3' -o -name '*.sqlitedb' \) -printf '%H//%P\0' 2>/dev/null |
  xargs -0 -r sh -c ${looksIntoFiles} sh
exit 0`,
  );

/** Of each place the first 200, until one is found. `place//name` is a path too, except that of a place that is a file. */
const looksIntoFiles = sh`for file do
  [ "\${file%%//*}" = "$place" ] || { place=\${file%%//*} looked=0; }
  looked=$((looked + 1))
  [ "$looked" -gt 200 ] || [ "$(head -c 15 -- "\${file%//}" | tr -d "\000")" != "SQLite format 3" ] || {
    printf '%s\0sqlite\0' "$place"
    looked=200
  }
done`;

export function parseDatabaseData(text: string): ReadonlyMap<string, ReadonlySet<DatabaseSign>> {
  const fields = text.split('\0').slice(0, -1);
  const found = new Map<string, Set<DatabaseSign>>();
  for (let index = 0; index < fields.length; index += 2) {
    const path = fields[index] ?? '';
    found.set(path, (found.get(path) ?? new Set()).add(fields[index + 1] as DatabaseSign));
  }
  return found;
}
