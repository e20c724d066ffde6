import { stepIds } from '../../steps/ids.ts';
import { MigrationError } from '../errors.ts';
import { nearest } from '../nearest.ts';

const ids: readonly string[] = stepIds;

export interface Selection {
  readonly step?: string;
  readonly from?: string;
  readonly until?: string;
}

/** Ids of the steps from one to another; of a single one with `--step`. */
export function selectSteps({ step, from, until }: Selection): readonly string[] {
  if (step !== undefined && (from !== undefined || until !== undefined)) {
    throw new MigrationError('flags', '--step goes with neither --from nor --until.', {
      hint: 'Use one or the other.',
    });
  }
  const first = step ?? from;
  const last = step ?? until;
  return ids.slice(first === undefined ? 0 : position(first), last === undefined ? undefined : position(last) + 1);
}

function position(id: string): number {
  const at = ids.indexOf(id);
  if (at >= 0) return at;
  const guess = nearest(id, ids);
  throw new MigrationError('unknown-step', `There is no step "${id}".`, {
    hint: guess ? `Did you mean "${guess}"?` : `Steps: ${ids.join(', ')}`,
  });
}
