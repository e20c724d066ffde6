import type { Mention } from '../inventory.ts';
import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

/** What stands before a host and says that it is one: `DB_HOST=`, `'host' => '`, `server `. */
const key = `[a-z_-]*(host|server|addr|upstream|backend|endpoint|broker)[a-z_]*["']?([ \t]*(=>?|:|,)[ \t]*|[ \t]+)["']?`;

const anyOf = (words: readonly string[]): string =>
  words.map((word) => word.replace(/[^A-Za-z0-9_-]/g, '\\$&')).join('|');

/** A word with what shows whether it is a host: what stands before it, the rest of a longer name, a port. */
const pattern = (words: readonly string[]): string =>
  `(^|//|@|[^a-z0-9_./-])(${key})?(${anyOf(words)})[a-z0-9_.-]*(:[0-9]{1,5})?`;

/**
 * Where names of hosts, and addresses, stand in text files under `path`: the first 500 files of at most 256 KiB, binary ones
 * left out. A path's own parts (`/var/www/app`) and parts of longer names (`db.example.com`) are none.
 */
export const mentions = (path: string, words: readonly string[]): Query =>
  query(
    words.length === 0
      ? ':'
      : sh`[ -e ${path} ] || exit 0
find -H ${path} -type f -size -257k -print0 2>/dev/null | head -z -n 500 |
  LC_ALL=C xargs -0 -r grep -sIoiHZE -e ${pattern(words)} --
exit 0
`,
  );

/** Each word, file and port once; strong where only a host can stand. */
export function parseMentions(text: string, words: readonly string[]): readonly Mention[] {
  const found = [...text.matchAll(/([^\0]+)\0([^\n]*)\n/g)].flatMap(([, file = '', match = '']): Mention[] =>
    words.flatMap((name): Mention[] => {
      const at = match.lastIndexOf(name);
      const before = match.slice(0, Math.max(at, 0));
      const rest = /^\.*(?::(\d{1,5}))?$/.exec(match.slice(at + name.length));
      if (at < 0 || rest === null || /[\w.-]$/.test(before)) return [];
      const port = rest[1] === undefined ? undefined : Number(rest[1]);
      const strong = port !== undefined || /\/\/$|@$|[a-z]/i.test(before);
      return [{ name, file, strong, ...(port !== undefined && { port }) }];
    }),
  );
  return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()];
}
