import { type Json, sameJson } from '../../src/ecs/json.ts';
import type { AccountingRow } from '../../src/finding.ts';
import type { Setting } from './fidelity-settings.ts';

/** `named`: not as it was, and the tool says so, by name. `lost` and `wrong` are silent. */
export type Outcome = 'kept' | 'named' | 'wrong' | 'lost';

export const outcomes: readonly Outcome[] = ['kept', 'named', 'wrong', 'lost'];

export interface Compared {
  readonly setting: string;
  readonly outcome: Outcome;
  readonly before: unknown;
  readonly after: unknown;
}

export interface Inspects {
  readonly original: Json;
  /** The container made again from a tool's description. */
  readonly again: Json;
  /** A container of the same image that was told nothing. */
  readonly plain: Json;
}

/** What became of each setting. `accounting` is what the tool says of what it could not keep: nothing, for most tools. */
export function compare(
  settings: readonly Setting[],
  { original, again, plain }: Inspects,
  accounting: readonly AccountingRow[],
): Compared[] {
  return settings.map(({ name, path, read }) => {
    const [before, after] = [read(original), read(again)];
    const outcome = sameJson(before, after)
      ? 'kept'
      : accounting.some((row) => isNamed(row, path))
        ? 'named'
        : sameJson(after, read(plain))
          ? 'lost'
          : 'wrong';
    return { setting: name, outcome, before, after };
  });
}

/** A row that claims the setting is mapped names no loss. */
const isNamed = ({ setting, outcome }: AccountingRow, path: string): boolean =>
  outcome !== 'mapped' && (setting === path || setting.startsWith(`${path}.`) || path.startsWith(`${setting}.`));

/** A setting that could not be compared, or that Docker did not take, would be counted as kept by every tool. */
export function refuseIdle(settings: readonly Setting[], original: Json, plain: Json): void {
  const idle = settings.filter(({ name, read }) => name !== 'image' && sameJson(read(original), read(plain)));
  if (idle.length > 0) throw new Error(`not in force in the original: ${idle.map(({ name }) => name).join(', ')}`);
}

export const countOf = (compared: readonly Compared[], outcome: Outcome): number =>
  compared.filter((each) => each.outcome === outcome).length;

/**
 * The parts of a description that can be had together: whatever makes the rest fail is taken out, one by one. `works`
 * must be true of no parts at all.
 */
export async function partsThatWork<T>(
  parts: readonly T[],
  works: (parts: readonly T[]) => Promise<boolean>,
): Promise<{ readonly kept: readonly T[]; readonly refused: readonly T[] }> {
  const refused: T[] = [];
  let kept = [...parts];
  while (!(await works(kept))) {
    if (kept.length === 0) throw new Error('not even the bare container could be made');
    const culprit = (await firstFailing(kept, works)) - 1;
    refused.push(...kept.slice(culprit, culprit + 1));
    kept = kept.filter((_, index) => index !== culprit);
  }
  return { kept, refused };
}

/** Length of the shortest beginning that fails, by halving. */
async function firstFailing<T>(parts: readonly T[], works: (parts: readonly T[]) => Promise<boolean>): Promise<number> {
  let [good, bad] = [0, parts.length];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (await works(parts.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return bad;
}
