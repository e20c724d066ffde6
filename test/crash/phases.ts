import { drawing } from '../random.ts';
import { moments, shares, spread } from './draw.ts';
import type { Killing } from './until-done.ts';

export interface Crashing {
  readonly seed: number;
  /** At random moments, besides those at boundaries. */
  readonly kills: number;
  /** At every boundary of the journal, or at this many. */
  readonly boundaries: 'all' | number;
  readonly say: (line: string) => void;
}

/** The commands of one migration there and back and there again, and how much of the kills falls to each. */
export const phases = {
  // `starts`: about how often the command is started where it is killed at every boundary.
  run: { words: ['run', '--yes'], share: 6, starts: 180 },
  rollback: { words: ['rollback', '--yes', '--bring-data-back'], share: 2, starts: 50 },
  again: { words: ['run', '--yes'], share: 1, starts: 2 },
  finish: { words: ['finish', '--yes'], share: 1, starts: 20 },
} as const;
export type Phase = keyof typeof phases;

/** Where both sides' data stand still and nobody has started anything yet. */
export const handingOver = 'begin cut-over fence:target';
export const handingBack = 'begin rollback fence:source';

/** Where each command is killed. */
export function killings(
  { seed, kills, boundaries, say }: Crashing,
  atRest: NonNullable<Killing['atRest']>,
): Record<Phase, Killing> {
  const draw = drawing(seed);
  const names = Object.keys(phases) as Phase[];
  const random = shares(
    kills,
    names.map((name) => phases[name].share),
  );
  // The two at which the data are compared are always among them.
  const fixed: Record<Phase, readonly string[]> = {
    run: [handingOver],
    rollback: [handingBack],
    again: [handingOver],
    finish: [],
  };
  const few = boundaries === 'all' ? [] : shares(Math.max(0, boundaries - 3), [2, 0, 0, 1]);
  const chosen = names.map((name, index): Killing['chosen'] =>
    boundaries === 'all' && name !== 'again'
      ? 'all'
      : [...fixed[name], ...spread(few[index] ?? 0, phases[name].starts, draw)],
  );
  return Object.fromEntries(
    names.map((phase, index): [string, Killing] => [
      phase,
      {
        phase,
        chosen: chosen[index] ?? [],
        moments: moments(random[index] ?? 0, boundaries === 'all' ? phases[phase].starts : 2, draw),
        atRest,
        say,
      },
    ]),
  ) as Record<Phase, Killing>;
}
