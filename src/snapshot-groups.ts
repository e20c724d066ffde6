import type { HoldQuestion, HoldRules } from './snapshot-holds.ts';
import { type Hold, holdsFor } from './snapshot-holds.ts';

/** Datasets that are copied in one hold. */
export interface SnapshotGroup<D> {
  readonly datasets: readonly D[];
  readonly holds: readonly Hold[];
}

/**
 * Each dataset by itself, so that every pause is short; but what a container that has to be stopped writes is copied in one
 * stop: a database's log on a volume of its own is worth nothing beside data of another moment.
 */
export function groupsOf<Q extends HoldQuestion>(
  questions: readonly Q[],
  rules: HoldRules,
): readonly SnapshotGroup<Q['dataset']>[] {
  const decided = questions.map((question) => ({ question, holds: holdsFor(question, rules) }));
  const stopped = new Set(
    decided.flatMap(({ holds }) => holds.filter(({ by }) => by === 'stop').map(({ container }) => container)),
  );
  const groups: (typeof decided)[] = [];
  for (const each of decided) {
    const own = new Set(each.holds.map(({ container }) => container).filter((name) => stopped.has(name)));
    const joins = (group: typeof decided) =>
      group.some(({ holds }) => holds.some(({ container }) => own.has(container)));
    const joined = groups.filter(joins);
    for (const group of joined) groups.splice(groups.indexOf(group), 1);
    groups.push([...joined.flat(), each]);
  }
  return groups
    .map((group) => ({
      datasets: group.map(({ question }) => question.dataset).sort((a, b) => (a.name < b.name ? -1 : 1)),
      holds: strongest(group.flatMap(({ holds }) => holds)),
    }))
    .sort((a, b) => ((a.datasets[0]?.name ?? '') < (b.datasets[0]?.name ?? '') ? -1 : 1));
}

/** One hold a container: stopped for one dataset, it is stopped for all. */
export function strongest(holds: readonly Hold[]): readonly Hold[] {
  const byContainer = new Map<string, Hold>();
  for (const hold of holds) {
    const before = byContainer.get(hold.container);
    if (before === undefined || rank(hold) > rank(before)) byContainer.set(hold.container, hold);
  }
  return [...byContainer.values()].sort((a, b) => (a.container < b.container ? -1 : 1));
}

const rank = ({ by, saves, why }: Hold): number =>
  (by === 'stop' ? 4 : 0) + (saves ? 2 : 0) + (why === undefined ? 0 : 1);
