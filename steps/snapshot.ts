import type { Dataset } from '../src/design.ts';
import { runDetached } from '../src/detached.ts';
import type { Finding } from '../src/finding.ts';
import type { HostFacts } from '../src/inventory.ts';
import { mountedViews, refreshScript, refreshView, viewPath } from '../src/lifted-view.ts';
import { sourceRun } from '../src/names.ts';
import { existing, parseExisting } from '../src/queries/folders.ts';
import { snapshotMark, snapshotPath, snapshotScript, writersOf } from '../src/snapshot.ts';
import { asStep, type Change, type ReadContext } from '../src/step.ts';

/** Longest time containers may stay paused for one dataset, in seconds. */
const pauseLimitSeconds = 120;

interface Lift extends Change {
  readonly kind: 'lift';
  readonly container: string;
}

interface TakeSnapshot extends Change {
  readonly kind: 'snapshot';
  readonly dataset: Pick<Dataset, 'name' | 'kind' | 'source' | 'liftedFrom'>;
  readonly pause: readonly string[];
}

/** A restorable copy of each dataset on the source, before anything else is touched. */
export const snapshot = asStep<Lift | TakeSnapshot>({
  id: 'snapshot',
  title: 'Snapshot the data on the source',
  needs: ['inventory'],

  plan: async (context) => {
    const { config, owner, sourceFacts, inventory } = context;
    if (owner === 'target') return { changes: [], outputs: {}, findings: [] };
    const lifts = await missingViews(context);
    if (config.snapshot === 'none') return { changes: lifts, outputs: {}, findings: [] };
    const missing = await datasetsWithout(context);
    return {
      changes: [
        ...lifts,
        ...missing.map((dataset) => takeSnapshot(dataset, writersOf(dataset, inventory), config.name)),
      ],
      outputs: {},
      findings: noRoom(missing, sourceFacts),
    };
  },

  apply: async (change, { source, config, sourceFacts, signal }) => {
    if (change.kind === 'lift') return refreshView(source, config.name, { liftedFrom: change.container });
    const { dataset, pause } = change;
    const refresh = await refreshScript(source, config.name, dataset);
    await runDetached(source, {
      directory: sourceRun(config.name),
      id: `snapshot-${dataset.name}`,
      script: snapshotScript({
        migration: config.name,
        dataset,
        pause,
        refresh,
        limitSeconds: pauseLimitSeconds,
        rsyncVersion: sourceFacts.rsyncVersion,
      }),
      signal,
    });
  },

  verify: async (context) => {
    const { config, design, owner } = context;
    if (config.snapshot === 'none')
      return [{ name: 'snapshots', status: 'skip', reason: 'snapshot: none in ecsodus.yaml' }];
    if (owner === 'target') return [{ name: 'snapshots', status: 'skip', reason: 'the target owns the data now' }];
    const missing = await datasetsWithout(context);
    return design.datasets.map(({ name }) =>
      missing.some((dataset) => dataset.name === name)
        ? { name: `snapshot ${name}`, status: 'fail', reason: 'there is none on the source' }
        : { name: `snapshot ${name}`, status: 'ok', reason: snapshotPath(config.name, name) },
    );
  },
});

async function datasetsWithout({ source, config, design }: ReadContext): Promise<Dataset[]> {
  const marks = design.datasets.map(({ name }) => snapshotMark(config.name, name));
  const present = parseExisting(await source.read(existing(marks)));
  return design.datasets.filter(({ name }) => !present.includes(snapshotMark(config.name, name)));
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

const takeSnapshot = (dataset: Dataset, pause: readonly string[], migration: string): TakeSnapshot => ({
  id: `snapshot:${dataset.name}`,
  kind: 'snapshot',
  verb: 'copy',
  target: snapshotPath(migration, dataset.name),
  reason: `a copy of ${dataset.source} to go back to${pause.length > 0 ? `; ${pause.join(', ')} paused for its last moments` : ''}`,
  bytes: dataset.bytes,
  dataset: {
    name: dataset.name,
    kind: dataset.kind,
    source: dataset.source,
    ...(dataset.liftedFrom !== undefined && { liftedFrom: dataset.liftedFrom }),
  },
  pause,
});

/** A tenth is left free: a full disk stops the very containers that are to be moved. */
function noRoom(datasets: readonly Dataset[], { freeBytes, hostname }: HostFacts): Finding[] {
  const bytes = datasets.reduce((sum, dataset) => sum + dataset.bytes, 0);
  if (bytes <= freeBytes * 0.9) return [];
  return [
    {
      level: 'blocker',
      code: 'no-room-for-snapshots',
      subject: hostname,
      message: `The snapshots need ${bytes} bytes and ${freeBytes} are free.`,
      remedy: 'Make room on the source, or write "snapshot: none" in ecsodus.yaml.',
    },
  ];
}
