import type { Dataset } from '../src/design.ts';
import { runDetached } from '../src/detached.ts';
import { holdQuestions } from '../src/hold-questions.ts';
import { mountedViews, refreshScript, refreshView, viewPath } from '../src/lifted-view.ts';
import { sourceRun } from '../src/names.ts';
import { heldContainers, parseHeld } from '../src/queries/held.ts';
import { duration } from '../src/report/units.ts';
import { type SnapshotDataset, snapshotPath, snapshotScript } from '../src/snapshot.ts';
import { snapshotError } from '../src/snapshot-errors.ts';
import { noRoom, stillHeld, unheeded } from '../src/snapshot-findings.ts';
import { groupsOf, type SnapshotGroup } from '../src/snapshot-groups.ts';
import { holdDirectory } from '../src/snapshot-hold-script.ts';
import { type Hold, type HoldRules, holdsText } from '../src/snapshot-holds.ts';
import { longestPause, readSnapshots, type SnapshotMark } from '../src/snapshot-marks.ts';
import { asStep, type Change, type Check, type ReadContext } from '../src/step.ts';

/** Longest time containers may be held for one snapshot, in seconds. */
const holdLimitSeconds = 120;

interface Lift extends Change {
  readonly kind: 'lift';
  readonly container: string;
}

interface TakeSnapshot extends Change {
  readonly kind: 'snapshot';
  readonly datasets: readonly SnapshotDataset[];
  readonly holds: readonly Hold[];
}

/** A restorable copy of each dataset on the source, before anything else is touched. */
export const snapshot = asStep<Lift | TakeSnapshot>({
  id: 'snapshot',
  title: 'Snapshot the data on the source',
  needs: ['inventory'],

  plan: async (context) => {
    const { config, owner, source, sourceFacts, inventory } = context;
    if (owner === 'target') return { changes: [], outputs: {}, findings: [] };
    const rules: HoldRules = { snapshotBy: config.snapshotBy, containers: inventory.containers };
    const held = parseHeld(await source.read(heldContainers(holdDirectory(config.name))));
    const findings = [...stillHeld(held, inventory.containers, source.name), ...unheeded(rules)];
    const lifts = await missingViews(context);
    if (config.snapshot !== 'local') return { changes: lifts, outputs: {}, findings };
    const missing = await groupsWithout(context, rules);
    return {
      changes: [...lifts, ...missing.map((group) => takeSnapshot(group, config.name))],
      outputs: {},
      findings: [
        ...findings,
        ...noRoom(
          missing.flatMap(({ datasets }) => datasets),
          sourceFacts,
        ),
      ],
    };
  },

  apply: async (change, { source, config, sourceFacts, signal }) => {
    if (change.kind === 'lift') return refreshView(source, config.name, { liftedFrom: change.container });
    const { holds } = change;
    const datasets = await Promise.all(
      change.datasets.map(async (each) => ({ ...each, refresh: await refreshScript(source, config.name, each) })),
    );
    const names = datasets.map(({ name }) => name);
    await runDetached(source, {
      directory: sourceRun(config.name),
      id: `snapshot-${names[0]}`,
      script: snapshotScript({
        migration: config.name,
        datasets,
        holds,
        limitSeconds: holdLimitSeconds,
        rsyncVersion: sourceFacts.rsyncVersion,
      }),
      signal,
    }).catch((error: unknown) => {
      throw snapshotError(error, { datasets: names, holds, limitSeconds: holdLimitSeconds, host: source.name });
    });
  },

  verify: async ({ config, design, owner, source }) => {
    const reason = whyNone(config.snapshot, owner);
    if (reason !== undefined) return [{ name: 'snapshots', status: 'skip', reason }];
    const marks = await readSnapshots(source, config.name);
    return [
      ...design.datasets.map(({ name }) =>
        checkOf(
          name,
          marks.find(({ dataset }) => dataset.name === name),
          config.name,
        ),
      ),
      pauseCheck(marks),
    ];
  },
});

function whyNone(choice: ReadContext['config']['snapshot'], owner: ReadContext['owner']): string | undefined {
  if (choice === 'none') return 'snapshot: none in ecsodus.yaml';
  if (choice === 'ebs') return 'an EBS snapshot is taken by sync-data';
  return owner === 'target' ? 'the target owns the data now' : undefined;
}

function checkOf(dataset: string, mark: SnapshotMark | undefined, migration: string): Check {
  const name = `snapshot ${dataset}`;
  if (mark === undefined) return { name, status: 'fail', reason: 'there is none on the source' };
  const unsaved = mark.unsaved.map(
    (container) => `; ${container} could not be asked to save: it has its last own save`,
  );
  return { name, status: 'ok', reason: `${snapshotPath(migration, dataset)}${unsaved.join('')}` };
}

function pauseCheck(marks: readonly SnapshotMark[]): Check {
  const longest = longestPause(marks);
  if (longest === undefined) return { name: 'longest pause', status: 'ok', reason: 'nothing had to be paused' };
  const { pausedMilliseconds, dataset, holds } = longest;
  const who = holds.map(({ container, by }) => `${container} ${by === 'stop' ? 'stopped' : 'paused'}`).join(', ');
  return {
    name: 'longest pause',
    status: 'ok',
    reason: `${duration(pausedMilliseconds / 1000)} (${dataset.name}: ${who})`,
  };
}

/** All of a group are taken again where one is missing: they are of one moment. */
async function groupsWithout(context: ReadContext, rules: HoldRules): Promise<SnapshotGroup<Dataset>[]> {
  const { source, config, design } = context;
  const present = new Set((await readSnapshots(source, config.name)).map(({ dataset }) => dataset.name));
  if (design.datasets.every(({ name }) => present.has(name))) return [];
  const groups = groupsOf(await holdQuestions(context), rules);
  return groups.filter(({ datasets }) => datasets.some(({ name }) => !present.has(name)));
}

/** A reboot of the source removes them, and so does rollback. */
async function missingViews({ source, config, design }: ReadContext): Promise<Lift[]> {
  const wanted = new Set(design.datasets.flatMap(({ liftedFrom }) => liftedFrom ?? []));
  if (wanted.size === 0) return [];
  const mounted = await mountedViews(source, config.name);
  return [...wanted].filter((container) => !mounted.includes(container)).map((name) => lift(name, config.name));
}

const lift = (container: string, migration: string): Lift => ({
  id: `lift:${container}`,
  kind: 'lift',
  verb: 'create',
  target: `read-only mount ${viewPath(migration, container)} on the source`,
  reason: `shows what ${container} wrote outside of its volumes; mounted anew before each reading, gone at finish`,
  container,
});

const takeSnapshot = ({ datasets, holds }: SnapshotGroup<Dataset>, migration: string): TakeSnapshot => ({
  id: `snapshot:${datasets.map(({ name }) => name).join('+')}`,
  kind: 'snapshot',
  verb: 'copy',
  target: datasets.map(({ name }) => snapshotPath(migration, name)).join(', '),
  reason: [`a copy of ${datasets.map(({ source }) => source).join(', ')} to go back to`, holdsText(holds)]
    .filter((part) => part !== '')
    .join('; '),
  bytes: datasets.reduce((sum, { bytes }) => sum + bytes, 0),
  datasets: datasets.map(({ name, kind, source, liftedFrom }) => ({
    name,
    kind,
    source,
    ...(liftedFrom !== undefined && { liftedFrom }),
  })),
  holds,
});
