import type { JournalEntry } from '../../src/journal.ts';

/** How a run of the command ended: done, with the one clear error it may end with, or as no run may. */
export type Ending =
  | { readonly kind: 'done' }
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  | { readonly kind: 'bad'; readonly why: string };

interface Line {
  readonly type?: string;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
}

/** From a run with --json: exit code 1 and one error with a hint, as its last line, is an end that an operator can work with. */
export function endingOf(code: number | null, lines: readonly Line[], stderr: string): Ending {
  const errors = lines.filter(({ type }) => type === 'error');
  const [error] = errors;
  if (code === 0 && errors.length === 0) return { kind: 'done' };
  const last = `${stderr.trimEnd().split('\n').slice(-12).join('\n')}`;
  if (code !== 1) return { kind: 'bad', why: `exit code ${code}: ${last}` };
  if (error === undefined || errors.length > 1 || lines.at(-1) !== error)
    return { kind: 'bad', why: `${errors.length} errors, where one at the end was due: ${last}` };
  if (!error.hint) return { kind: 'bad', why: `an error without a hint: ${error.message}` };
  return { kind: 'error', code: error.code ?? '', message: error.message ?? '' };
}

/** Steps whose changes make something; those of the others may be made again, after a rollback or for newer data. */
const making = ['push-images', 'provision', 'register-tasks'];

/** What the journal has as made twice. */
export function madeTwice(entries: readonly JournalEntry[]): string[] {
  const done = entries
    .filter(({ kind, step }) => kind === 'done' && making.includes(step))
    .map(({ step, id }) => `${step} ${id}`);
  return [...new Set(done.filter((change, index) => done.indexOf(change) !== index))];
}

/** One of each resource, and no more: lines where the count of what was made is another. */
export function strays(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  wanted: Readonly<Record<string, number>>,
): string[] {
  return Object.entries(wanted).flatMap(([kind, count]) => {
    const made = (after.get(kind) ?? 0) - (before.get(kind) ?? 0);
    return made === count ? [] : [`${kind}: ${made} made, ${count} wanted`];
  });
}
