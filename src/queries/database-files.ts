import { configurationFiles, configurationLines } from '../ecs/database-memory.ts';
import { type Query, query } from '../query.ts';
import { raw, sh } from '../shell.ts';

/**
 * The lines that say how much memory a database may use, from configuration files below `paths` (any file where the path
 * itself is one), as `file NUL lines NUL`. Nothing else of a file is shown: passwords stand beside them. At most 200 files
 * of 256 KiB, no more than four folders down.
 */
export const databaseFiles = (paths: readonly string[]): Query => {
  const names = configurationFiles.map((name) => sh`-name ${name}`).join(' -o ');
  const each = sh`for file do
  lines=$(grep -hE -e ${configurationLines} -- "$file" 2>/dev/null) && printf '%s\0%s\0' "$file" "$lines"
done
exit 0`;
  return query(sh`for path in ${paths}; do
  if [ -f "$path" ]; then find -H "$path" -size -257k -print0
  else find -H "$path" -maxdepth 4 -type f -size -257k \( ${raw(names)} \) -print0
  fi 2>/dev/null
done | sort -z -u | head -z -n 200 | xargs -0 -r sh -c ${each} sh
exit 0
`);
};

export interface ConfigurationFile {
  readonly file: string;
  /** Those that may hold a setting of memory. */
  readonly lines: string;
}

/** In the order in which programs read them: what is read later overrides. */
export function parseDatabaseFiles(text: string): readonly ConfigurationFile[] {
  const fields = text.split('\0').slice(0, -1);
  const files = fields.flatMap((file, index) => (index % 2 === 0 ? [{ file, lines: fields[index + 1] ?? '' }] : []));
  return files.sort((a, b) => rank(a.file) - rank(b.file) || (a.file < b.file ? -1 : 1));
}

/** my.cnf includes conf.d at its end; ALTER SYSTEM writes postgresql.auto.conf, which overrides postgresql.conf. */
const rank = (file: string): number => (file.endsWith('/my.cnf') ? 0 : file.endsWith('.auto.conf') ? 2 : 1);
