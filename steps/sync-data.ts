import type { DiskSnapshot } from '../src/aws/aws.ts';
import { type AccessChange, makeAccess, missingAccess } from '../src/data-access.ts';
import { snapshotDataDisk } from '../src/data-disk.ts';
import { dataWayFindings } from '../src/data-way.ts';
import { type Dataset, datasetNamed } from '../src/design.ts';
import { fullSource } from '../src/full-source.ts';
import { holdQuestions } from '../src/hold-questions.ts';
import { findMark, readMarks, writeMark } from '../src/marks.ts';
import { dataRoot, markRoot } from '../src/names.ts';
import { readAhead } from '../src/proof/prove.ts';
import { groupsOf, strongest } from '../src/snapshot-groups.ts';
import { type Hold, type HoldRules, holdsText } from '../src/snapshot-holds.ts';
import { asStep, type Change, isKnown, type ReadContext, type WriteContext } from '../src/step.ts';
import { requireTarget } from '../src/target.ts';
import { copyDataset } from '../src/transfer.ts';
import { whileHeld } from '../src/while-held.ts';

interface CopyDataset extends Change {
  readonly kind: 'dataset';
  readonly dataset: string;
}

interface TakeDiskSnapshot extends Change {
  readonly kind: 'ebs';
  readonly holds: readonly Hold[];
}

type SyncChange = CopyDataset | TakeDiskSnapshot | AccessChange;

/** The bulk of the data goes over while the source keeps running. */
export const syncData = asStep<SyncChange>({
  id: 'sync-data',
  title: 'Copy the data while the source keeps running',
  needs: ['mount-data'],

  plan: async (context) => {
    if (context.owner === 'target') return { changes: [], outputs: {}, findings: [] };
    return {
      changes: [
        ...(await missingAccess('data', context)),
        ...(await missingPasses(context)).map(copy),
        ...(await missingDiskSnapshot(context)),
      ],
      outputs: {},
      findings: [...fullSource(context.design.datasets, context.sourceFacts), ...(await dataWayFindings(context))],
    };
  },

  apply: async (change, context) => {
    if (change.kind === 'dataset') return copyOne(change.dataset, context);
    if (change.kind === 'ebs') return takeDiskSnapshot(change.holds, context);
    return makeAccess('data', change.kind, context);
  },

  verify: async (context) => {
    if (context.owner === 'target') return [{ name: 'data', status: 'skip', reason: 'the target owns the data now' }];
    const missing = await missingPasses(context);
    return context.design.datasets.map((dataset) =>
      missing.includes(dataset)
        ? { name: `data ${dataset.name}`, status: 'fail', reason: 'no completed pass' }
        : { name: `data ${dataset.name}`, status: 'ok', reason: `${dataset.bytes} bytes in ${dataset.files} entries` },
    );
  },
});

async function missingPasses(context: ReadContext): Promise<readonly Dataset[]> {
  const { owner, design, instance } = context;
  const target = await context.target(instance);
  if (target === undefined || !isKnown(owner)) return design.datasets;
  const marks = await readMarks(target);
  return design.datasets.filter((dataset) => findMark(marks, 'pass', dataset) === undefined);
}

/** With `snapshot: ebs`, once: the data disk as the source's data were at one moment, while everything that writes stood still. */
async function missingDiskSnapshot(context: ReadContext): Promise<TakeDiskSnapshot[]> {
  const { aws, config, inventory } = context;
  if (config.snapshot !== 'ebs') return [];
  const found = await aws.findSnapshots(config.name);
  if (found.some(({ tags }) => tags['ecsodus:change'] === diskSnapshot)) return [];
  const rules: HoldRules = { snapshotBy: config.snapshotBy, containers: inventory.containers };
  const holds = strongest(groupsOf(await holdQuestions(context), rules).flatMap((group) => group.holds));
  return [
    {
      id: diskSnapshot,
      kind: 'ebs',
      verb: 'create',
      target: `EBS snapshot of ${dataRoot}`,
      reason: ["the source's data, to go back to, in place of copies on the source", holdsText(holds)]
        .filter((part) => part !== '')
        .join('; '),
      holds,
    },
  ];
}

const diskSnapshot = 'ebs-snapshot';

async function copyOne(name: string, context: WriteContext): Promise<void> {
  const dataset = datasetNamed(name, context.design);
  await copyDataset(dataset, 'first', context);
  await readAhead(dataset, context);
  await writeMark(await requireTarget(context), { kind: 'pass', dataset: name, stoppedAt: '' });
}

async function takeDiskSnapshot(holds: readonly Hold[], context: WriteContext): Promise<void> {
  let made: DiskSnapshot | undefined;
  try {
    await whileHeld(holds, context, async () => {
      await Promise.all(context.design.datasets.map((dataset) => copyDataset(dataset, 'still', context)));
      made = await snapshotDataDisk(diskSnapshot, 'as the source was at one moment', context);
    });
  } catch (error) {
    // Containers may have gone on before AWS had it: that is no snapshot of one moment.
    if (made !== undefined) await context.aws.deleteSnapshot(made.id);
    throw error;
  }
}

const copy = ({ name, source, bytes, files }: Dataset): SyncChange => ({
  id: `dataset:${name}`,
  kind: 'dataset',
  together: 'dataset',
  mayStop: true,
  verb: 'copy',
  target: `/data/${name}`,
  reason: `${files} entries of ${source}; marked in ${markRoot} when a pass is complete`,
  bytes,
  dataset: name,
});
