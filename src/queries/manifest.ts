import { MigrationError } from '../errors.ts';
import { type Query, query } from '../query.ts';
import { raw, sh } from '../shell.ts';

export interface Manifest {
  /** SHA-256 over the whole listing. */
  readonly digest: string;
  /** Entries of every type but sockets, the dataset's own root included. */
  readonly files: number;
  /** Sum of the sizes of regular files, each name counted. */
  readonly bytes: number;
}

export type DatasetKind = 'directory' | 'file';

export interface ManifestOptions {
  /** False leaves the content out: seconds instead of a full read, for use within the freeze. */
  readonly content?: boolean;
}

/**
 * One digest of everything about a dataset: type, mode, owner, group, mtime to the nanosecond, size and link target of
 * every entry, root included, how many distinct files the hard links stand for, and every file's content. Names are
 * bytes. Sockets are left out: they are no data, and their owner makes them anew. Not covered: ACLs, other xattrs and device numbers.
 * A file that cannot be read, or vanishes meanwhile, is an error.
 */
export const manifest = (path: string, kind: DatasetKind, options: ManifestOptions = {}): Query =>
  query(sh`${raw(listing(path, kind, options))}
summary() {
  digest=$(list | sha256sum)
  echo "\${digest%% *}" "$(entries -printf x | wc -c)" "$(entries -type f -printf '%s\n' | awk '{ sum += $1 } END { printf "%.0f", sum }')"
}
${raw(checked('summary'))}
`);

/** The listing itself, one entry a line (a newline in a name shows as \x01), for saying what differs. */
export const manifestText = (path: string, kind: DatasetKind, options: ManifestOptions = {}): Query =>
  query(sh`${raw(listing(path, kind, options))}
text() { list | tr '\n\000' '\001\n'; }
${raw(checked('text'))}
`);

/** A pipeline forgets that one of its commands failed: those that may fail say so on descriptor 9. */
const checked = (command: string): string => `exec 8>&1
failed=$(${command} 9>&1 >&8)
[ -z "$failed" ] || { echo "not read to the end: $failed" >&2; exit 1; }`;

/** `%P` is the name below the dataset's root, so that the same data has the same listing wherever it is. */
function listing(path: string, kind: DatasetKind, { content = true }: ManifestOptions): string {
  const start =
    kind === 'directory'
      ? sh`cd -- ${path} || exit
entries() { find . ! -type s "$@" || echo find >&9; }
content() { entries -type f -print0 | sorted | { xargs -0 -r sha256sum -z -- || echo sha256sum >&9; } |
  sed -zE 's/^([0-9a-f]+)  [.][/](.*)$/\2\tsha256 \1/'; }`
      : sh`[ -f ${path} ] || { echo 'not a file:' ${path} >&2; exit 1; }
entries() { find -H ${path} -maxdepth 0 "$@" || echo find >&9; }
content() { sha256sum -z < ${path} || echo sha256sum >&9; }`;
  return sh`export LC_ALL=C
sorted() { sort -z || echo sort >&9; }
${raw(start)}
list() {
  entries \( -type d -printf '%P\t%y %m %U:%G %T@\0' -o -type l -printf '%P\t%y %U:%G %T@ -> %l\0' \
    -o -printf '%P\t%y %m %U:%G %T@ %s\0' \) | sorted
  printf 'distinct files %s\0' "$(entries -type f -printf '%D:%i\n' | sort -u | wc -l)"
  ${raw(content ? 'content' : ':')}
}`;
}

export function parseManifest(text: string): Manifest {
  const match = /^([0-9a-f]{64}) (\d+) (\d+)\n?$/.exec(text);
  if (match) return { digest: match[1] as string, files: Number(match[2]), bytes: Number(match[3]) };
  throw new MigrationError('manifest-unreadable', 'A dataset could not be read to the end for its manifest.', {
    hint: 'Run the same command again.',
    evidence: text.split('\n').slice(0, 5),
  });
}

/** What two listings do not share: `-` stands in the first alone, `+` in the second alone. At most `limit` lines. */
export function manifestDifferences(before: string, after: string, limit = 50): readonly string[] {
  const first = new Set(before.split('\n'));
  const second = new Set(after.split('\n'));
  const gone = [...first].filter((line) => !second.has(line)).map((line) => `- ${line}`);
  const come = [...second].filter((line) => !first.has(line)).map((line) => `+ ${line}`);
  return [...gone, ...come].sort((a, b) => compare(nameIn(a), nameIn(b))).slice(0, limit);
}

const nameIn = (line: string): string => line.slice(2).split('\t', 1)[0] ?? '';
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
