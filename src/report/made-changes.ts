import type { JournalEntry } from '../journal.ts';
import type { Verb } from '../step.ts';
import type { FreezePart } from './freeze-parts.ts';

/** A change that was made, by the journal. */
export interface MadeChange {
  readonly step: string;
  readonly id: string;
  readonly verb: Verb;
  readonly target: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Undefined where a run died in it, and the next found it made: nobody knows when it was. */
  readonly seconds: number | undefined;
}

/** What was made, in the order in which it was begun; what was made again, after a rollback, as it was made last. */
export function madeChanges(entries: readonly JournalEntry[], steps: readonly string[]): MadeChange[] {
  const begun = new Map<string, JournalEntry & { readonly kind: 'begin' }>();
  const made = new Map<string, MadeChange>();
  for (const entry of entries) {
    const key = `${entry.step} ${entry.id}`;
    if (entry.kind === 'begin') begun.set(key, entry);
    const begin = begun.get(key);
    if (entry.kind !== 'done' || begin === undefined || !steps.includes(entry.step)) continue;
    made.set(key, {
      step: entry.step,
      id: entry.id,
      verb: begin.change.verb as Verb,
      target: begin.change.target,
      startedAt: begin.at,
      seconds: entry.adopted ? undefined : secondsBetween(begin.at, entry.at),
    });
  }
  return [...made.values()].sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

/** ISO 8601: when a change had been made, or had begun where that is all that is known. */
export const endOf = ({ startedAt, seconds = 0 }: MadeChange): string =>
  new Date(Date.parse(startedAt) + seconds * 1000).toISOString();

/** How long changes took that were partly made at once, in seconds: time in which none was made does not count. */
export function timeTaken(changes: readonly MadeChange[]): number {
  let total = 0;
  let until = 0;
  for (const { startedAt, seconds = 0 } of changes) {
    const start = Math.max(Date.parse(startedAt), until);
    const end = Date.parse(startedAt) + seconds * 1000;
    total += Math.max(0, end - start);
    until = Math.max(until, end);
  }
  return total / 1000;
}

/** Called as in the plan, which foretold them. */
const freezeParts = [
  ['stop', /^stop:/, 'as long as its slowest container takes to stop'],
  ['last delta', /^delta:/, 'what had changed since the pass before'],
  ['proof', /^prove:/, 'every entry compared on both sides'],
  ['hand-over', /^(ebs-snapshot|fence:target|guard:disarm)$/, 'a snapshot of the disk, and the fence'],
  ['start', /^start:/, 'as long as the applications take until they answer'],
] as const;

/** What the freeze was made of, by the changes of cut-over. */
export const freezeMade = (changes: readonly MadeChange[]): FreezePart[] =>
  freezeParts.flatMap(([part, ids, why]) => {
    const own = changes.filter(({ step, id }) => step === 'cut-over' && ids.test(id));
    return own.length === 0 ? [] : [{ part, seconds: timeTaken(own), why }];
  });
