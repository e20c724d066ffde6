import type { JournalEntry } from '../journal.ts';
import type { Mark } from '../marks.ts';
import type { Check, Step } from '../step.ts';
import type { FreezePart } from './freeze-parts.ts';
import { endOf, freezeMade, type MadeChange, madeChanges, timeTaken } from './made-changes.ts';

export type DoneCheck = Check & { readonly step: string };

/** A whole run as one JSON document: report.json in the state folder, and what report.html shows. */
export interface RunReport {
  readonly version: 1;
  readonly migration: string;
  /** ISO 8601: of the first change, also where several runs were needed. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly steps: readonly {
    readonly step: string;
    readonly title: string;
    readonly seconds: number;
    readonly changes: readonly MadeChange[];
  }[];
  /** As visitors of the old address saw it; undefined where nobody measured it. */
  readonly downtimeSeconds: number | undefined;
  readonly freeze: readonly FreezePart[];
  readonly proof: readonly {
    readonly dataset: string;
    readonly files: number;
    readonly bytes: number;
    /** SHA-256 of the dataset's manifest, the same on both sides. */
    readonly digest: string;
  }[];
  readonly checks: readonly DoneCheck[];
  readonly move: Move;
}

/** From where to where visitors are to go. */
interface Move {
  readonly from: string;
  readonly to: string | undefined;
  /** AWS takes the address back when the instance is stopped. */
  readonly isLent: boolean;
  /** Host names of the pages that are compared. */
  readonly hosts: readonly string[];
  readonly ports: readonly number[];
  readonly isForwarded: boolean;
}

interface Gathered {
  readonly migration: string;
  readonly steps: readonly Pick<Step, 'id' | 'title'>[];
  readonly entries: readonly JournalEntry[];
  readonly marks: readonly Mark[];
  readonly datasets: readonly { readonly name: string }[];
  readonly checks: readonly DoneCheck[];
  readonly downtimeSeconds: number | undefined;
  readonly move: Move;
}

/** What a migration did, by its journal, by the marks on the data disk, and by what it checked at the end. */
export function runReport({ migration, steps, entries, marks, datasets, ...seen }: Gathered): RunReport {
  const made = madeChanges(
    entries,
    steps.map(({ id }) => id),
  );
  return {
    version: 1,
    migration,
    startedAt: made[0]?.startedAt ?? '',
    endedAt: made.map(endOf).sort().at(-1) ?? '',
    steps: steps.map(({ id, title }) => {
      const changes = made.filter(({ step }) => step === id);
      return { step: id, title, seconds: timeTaken(changes), changes };
    }),
    downtimeSeconds: seen.downtimeSeconds,
    freeze: freezeMade(made),
    proof: datasets.flatMap(({ name }) => {
      const mark = marks.find(({ kind, dataset }) => kind === 'proof' && dataset === name);
      return mark === undefined
        ? []
        : [{ dataset: name, files: mark.files ?? 0, bytes: mark.bytes ?? 0, digest: mark.digest ?? '' }];
    }),
    checks: seen.checks,
    move: seen.move,
  };
}
