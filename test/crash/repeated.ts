import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalEntry } from '../../src/journal.ts';
import type { Operator } from '../lab/operator.ts';

/** Changes that are made again by design: each with why that is no harm. */
const again: readonly { readonly change: RegExp; readonly why: string }[] = [
  {
    change: /^cut-over catch-up:/,
    why: 'as long as a container runs, its data change: each try to freeze copies first what came since the last',
  },
  {
    change: /^cut-over guard:arm$/,
    why: 'a run that goes on cannot know how much of the lease is left: it arms again, which renews it',
  },
  {
    change: /^cut-over ebs-snapshot$/,
    why: 'asked for until the fence has changed hands; the snapshot of this freeze is found by its tag, not made twice',
  },
  {
    change: /^rollback back:/,
    why: 'compared again until the fence says source: only what differs is fetched, and that is nothing',
  },
];

/** What a guard that fired undoes: these belong to one freeze. */
const ofOneFreeze = /^cut-over (hold|stop|delta|prove):/;
/** As src/guard.ts has it. */
const leaseMs = 60_000;

/** Changes that were done, and begun again though nothing had undone them; in the journal's order. */
export function repeated(entries: readonly JournalEntry[]): string[] {
  const found: string[] = [];
  const done = new Map<string, number>();
  for (const [index, { kind, step, id }] of entries.entries()) {
    const change = `${step} ${id}`;
    if (kind === 'done') {
      done.set(change, index);
      // What is rolled back is there to be done again, and so is the rollback after the next cut-over.
      if (step === 'rollback') forget(done, 'cut-over');
      if (step === 'cut-over') forget(done, 'rollback');
    }
    const before = done.get(change);
    if (kind !== 'begin' || before === undefined || again.some((one) => one.change.test(change))) continue;
    if (ofOneFreeze.test(change) && longestSilence(entries, before, index) > leaseMs) continue;
    found.push(`${change}: done, and begun again at line ${index + 1}`);
  }
  return found;
}

function forget(done: Map<string, number>, step: string): void {
  for (const change of done.keys()) if (change.startsWith(`${step} `)) done.delete(change);
}

/** A run that is killed while it adopts what was in doubt has not yet spoken to the guard. */
function longestSilence(entries: readonly JournalEntry[], from: number, to: number): number {
  const isSpoken = (entry: JournalEntry) => !('adopted' in entry);
  const last = entries.slice(0, from + 1).findLastIndex(isSpoken);
  const times = entries
    .slice(Math.max(0, last), to + 1)
    .filter(isSpoken)
    .map(({ at }) => Date.parse(at));
  return Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}

export const readEntries = async ({ directory }: Operator): Promise<JournalEntry[]> =>
  (await readFile(join(directory, '.ecsodus/blog/journal.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalEntry);
