import { type Query, query } from '../query.ts';
import { raw, sh } from '../shell.ts';

/** Several queries one after another, with `end`, which none of them prints, behind each. The first that fails fails them all. */
export const allOf = (queries: readonly Query[], end: string): Query =>
  query(
    queries
      .map(
        ({ script }) => sh`(
${raw(script)}
)
code=$?; [ "$code" = 0 ] || exit "$code"
printf %s ${end}`,
      )
      .join('\n'),
  );

/** What each of them printed. */
export const answersIn = (text: string, end: string): string[] => text.split(end).slice(0, -1);
