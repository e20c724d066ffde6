import type { DataPath, Mention } from '../inventory.ts';
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
bytes=$(du -sD --block-size=1 -- "$path" 2>/dev/null | cut -f 1)
echo "$kind" "$bytes" "$(find -H "$path" -printf x 2>/dev/null | wc -c)"
`);

export function parsePathSize(path: string, text: string): DataPath {
  const [kind, bytes, files] = text.trim().split(' ');
  return { path, kind: kind as DataPath['kind'], bytes: Number(bytes), files: Number(files) };
}

const anyWord = (words: readonly string[]): string => {
  const escaped = words.map((word) => word.replace(/[^A-Za-z0-9_-]/g, '\\$&'));
  // A dot after the word may end a sentence, but "db.example.com" does not mention "db".
  return `(^|[^A-Za-z0-9_.-])(${escaped.join('|')})([^A-Za-z0-9_.-]|[.]([^A-Za-z0-9_]|$)|$)`;
};

/**
 * Where container names stand as whole words in text files under `path`: the first 500 files of at most 256 KiB, binary
 * ones left out.
 */
export const mentions = (path: string, words: readonly string[]): Query => {
  const perWord = words.map(
    (word) => sh`  grep -qE -e ${anyWord([word])} -- "$file" && printf '%s\0%s\0' "$file" ${word}`,
  );
  const each = `for file do\n${perWord.join('\n')}\ndone\nexit 0`;
  return query(
    words.length === 0
      ? ':'
      : sh`[ -e ${path} ] || exit 0
find -H ${path} -type f -size -257k -print0 2>/dev/null | head -z -n 500 |
  xargs -0 -r grep -slIZE -e ${anyWord(words)} -- | xargs -0 -r sh -c ${each} sh
exit 0
`,
  );
};

export function parseMentions(text: string): readonly Mention[] {
  const fields = text.split('\0').slice(0, -1);
  return fields.flatMap((file, index) => (index % 2 === 0 ? [{ file, name: fields[index + 1] as string }] : []));
}

/** The text of a file, such that a missing one differs from an empty one. */
export const readFile = (path: string): Query =>
  query(sh`if [ -e ${path} ]; then echo present; cat -- ${path}; else echo missing; fi`);

export const parseFile = (text: string): string | undefined =>
  text.startsWith('present\n') ? text.slice('present\n'.length) : undefined;
