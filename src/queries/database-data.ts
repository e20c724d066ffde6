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
  query(sh`for path in ${paths}; do
  find -H "$path" -maxdepth 4 \( -name ibdata1 -o -name aria_log_control -o -name PG_VERSION -o -name WiredTiger \) -printf '%f\n' \
    -o -name '*.rdb' -printf 'redis-dump\n' \
    -o \( -name '*.aof' -o -name appendonlydir \) -printf 'redis-log\n' 2>/dev/null | sort -u |
  while read -r sign; do printf '%s\0%s\0' "$path" "$sign"; done
  find -H "$path" -maxdepth 4 -type f -size +0 \( -name '*.db' -o -name '*.db3' -o -name '*.sqlite' -o -name '*.sqlite3' -o -name '*.sqlitedb' \) -print0 2>/dev/null |
    head -z -n 200 | xargs -0 -r sh -c 'for file do if [ "$(head -c 15 -- "$file" | tr -d "\000")" = "SQLite format 3" ]; then echo; exit; fi; done' sh |
  while read -r found; do printf '%s\0sqlite\0' "$path"; break; done
done
exit 0`);

export function parseDatabaseData(text: string): ReadonlyMap<string, ReadonlySet<DatabaseSign>> {
  const fields = text.split('\0').slice(0, -1);
  const found = new Map<string, Set<DatabaseSign>>();
  for (let index = 0; index < fields.length; index += 2) {
    const path = fields[index] ?? '';
    found.set(path, (found.get(path) ?? new Set()).add(fields[index + 1] as DatabaseSign));
  }
  return found;
}
