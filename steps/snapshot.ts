import type { Dataset } from '../src/design.ts';
import { runDetached } from '../src/detached.ts';
import type { Finding } from '../src/finding.ts';
import type { HostFacts } from '../src/inventory.ts';
import { sourceRun } from '../src/names.ts';
import { existing, parseExisting } from '../src/queries/folders.ts';
import { snapshotMark, snapshotPath, snapshotScript, writersOf } from '../src/snapshot.ts';
import { asStep, type Change, type ReadContext } from '../src/step.ts';

/** Longest time containers may stay paused for one dataset, in seconds. */
const pauseLimitSeconds = 120;

interface TakeSnapshot extends Change {
  readonly dataset: Pick<Dataset, 'name' | 'kind' | 'source'>;
  readonly pause: readonly string[];
}

/** A restorable copy of each dataset on the source, before anything else is touched. */
export const snapshot = asStep<TakeSnapshot>({
  id: 'snapshot',
  title: 'Snapshot the data on the source',
  needs: ['inventory'],

  plan: async (context) => {
    const { config, owner, sourceFacts, inventory } = context;
    if (config.snapshot === 'none' || owner === 'target') return { changes: [], outputs: {}, findings: [] };
    const missing = await datasetsWithout(context);
    return {
      changes: missing.map((dataset) => takeSnapshot(dataset, writersOf(dataset, inventory), config.name)),
      outputs: {},
      findings: noRoom(missing, sourceFacts),
    };
  },

  apply: async ({ dataset, pause }, { source, config, signal }) =>
    runDetached(source, {
      directory: sourceRun(config.name),
      id: `snapshot-${dataset.name}`,
      script: snapshotScript({ migration: config.name, dataset, pause, limitSeconds: pauseLimitSeconds }),
      signal,
    }),

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

const takeSnapshot = (dataset: Dataset, pause: readonly string[], migration: string): TakeSnapshot => ({
  id: `snapshot:${dataset.name}`,
  verb: 'copy',
  target: snapshotPath(migration, dataset.name),
  reason: `a copy of ${dataset.source} to go back to${pause.length > 0 ? `; ${pause.join(', ')} paused for its last moments` : ''}`,
  bytes: dataset.bytes,
  dataset: { name: dataset.name, kind: dataset.kind, source: dataset.source },
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
