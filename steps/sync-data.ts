import type { DiskSnapshot } from '../src/aws/aws.ts';
import { knownHostsFile } from '../src/aws/host-keys.ts';
import {
  authorizedLine,
  authorizeScript,
  commandPath,
  dataKey,
  installCommandScript,
  keyComment,
  makeKeyScript,
  receiver,
} from '../src/data-key.ts';
import type { Dataset } from '../src/design.ts';
import { MigrationError } from '../src/errors.ts';
import { holdQuestions } from '../src/hold-questions.ts';
import { findMark, readMarks, writeMark } from '../src/marks.ts';
import { dataRoot, markRoot, namesOf, tagsOf, targetUser } from '../src/names.ts';
import { readAhead } from '../src/proof/prove.ts';
import { authorizedKeys } from '../src/queries/folders.ts';
import { sh } from '../src/shell.ts';
import { groupsOf, strongest } from '../src/snapshot-groups.ts';
import { type Hold, type HoldRules, holdsText } from '../src/snapshot-holds.ts';
import { asStep, type Change, isKnown, type ReadContext, type WriteContext } from '../src/step.ts';
import { requireTarget } from '../src/target.ts';
import { readText } from '../src/text-file.ts';
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

type SyncChange = CopyDataset | TakeDiskSnapshot | (Change & { readonly kind: 'receiver' | 'key' | 'allow' });

/** The bulk of the data goes over while the source keeps running, straight from source to target. */
export const syncData = asStep<SyncChange>({
  id: 'sync-data',
  title: 'Copy the data while the source keeps running',
  needs: ['mount-data'],

  plan: async (context) => {
    if (context.owner === 'target') return { changes: [], outputs: {}, findings: [] };
    return {
      changes: [
        ...(await missingKey(context)),
        ...(await missingPasses(context)).map(copy),
        ...(await missingDiskSnapshot(context)),
      ],
      outputs: {},
      findings: [],
    };
  },

  apply: async (change, context) => {
    if (change.kind === 'dataset') return copyOne(change.dataset, context);
    if (change.kind === 'ebs') return takeDiskSnapshot(change.holds, context);
    if (change.kind === 'receiver') return installReceiver(context);
    return change.kind === 'key' ? makeKey(context) : allowKey(context);
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

/** The three parts of the way in, from the far end to the near one; each looked for where it must be. */
async function missingKey(context: ReadContext): Promise<SyncChange[]> {
  const { source, config, instance } = context;
  const target = await context.target(instance);
  const publicKey = await readText(source, dataKey(config.name).publicKey);
  const pinned = await readText(source, dataKey(config.name).knownHosts);
  const keyStands = publicKey !== '' && pinned !== '' && pinned === (await context.state.read(knownHostsFile));
  const receiverStands = target !== undefined && (await readText(target, commandPath(config.name))) === receiver();
  const line = authorizedLine(config.name, publicKey);
  const allowed =
    keyStands && target !== undefined && (await target.read(authorizedKeys(targetUser))).split('\n').includes(line);
  return [
    ...(receiverStands ? [] : [installChange(config.name)]),
    ...(keyStands ? [] : [keyChange(config.name)]),
    ...(allowed ? [] : [allowChange(config.name)]),
  ];
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

async function takeDiskSnapshot(holds: readonly Hold[], context: WriteContext): Promise<void> {
  const { aws, config, design, volume } = context;
  if (!isKnown(volume)) throw new Error('the data disk is not known');
  const volumeId = volume.id;
  let made: DiskSnapshot | undefined;
  try {
    await whileHeld(holds, context, async () => {
      await Promise.all(design.datasets.map((dataset) => copyDataset(dataset, 'still', context)));
      await (await requireTarget(context)).run(sh`sync -f ${dataRoot}`);
      made = await aws.createSnapshot({
        volumeId,
        description: `ecsodus ${config.name}: ${dataRoot}, as the source was at one moment`,
        tags: { ...tagsOf(config.name, diskSnapshot), Name: namesOf(config.name).volume },
      });
    });
  } catch (error) {
    // Containers may have gone on before AWS had it: that is no snapshot of one moment.
    if (made !== undefined) await aws.deleteSnapshot(made.id);
    throw error;
  }
}

async function copyOne(name: string, context: WriteContext): Promise<void> {
  const dataset = context.design.datasets.find((other) => other.name === name);
  if (dataset === undefined) throw new Error(`no dataset ${name}`);
  await copyDataset(dataset, 'first', context);
  await readAhead(dataset, context);
  await writeMark(await requireTarget(context), { kind: 'pass', dataset: name, stoppedAt: '' });
}

async function installReceiver(context: WriteContext): Promise<void> {
  await (await requireTarget(context)).run(installCommandScript(commandPath(context.config.name)), {
    input: receiver(),
  });
}

async function makeKey({ source, config, state }: WriteContext): Promise<void> {
  const pinned = await state.read(knownHostsFile);
  if (pinned === undefined) throw notPinned();
  await source.run(makeKeyScript(config.name), { input: pinned });
}

async function allowKey(context: WriteContext): Promise<void> {
  const { source, config } = context;
  const publicKey = await readText(source, dataKey(config.name).publicKey);
  const line = authorizedLine(config.name, publicKey);
  await (await requireTarget(context)).run(authorizeScript(targetUser, config.name, line));
}

const notPinned = (): MigrationError =>
  new MigrationError('host-key-not-pinned', "The instance's host key is not known yet.", {
    hint: 'Run: ecsodus run --step provision',
  });

const installChange = (migration: string): SyncChange => ({
  id: 'receiver',
  kind: 'receiver',
  verb: 'create',
  target: `${commandPath(migration)} on the target`,
  reason: 'all that the temporary key may run: receive under /data while the fence says source',
});

const keyChange = (migration: string): SyncChange => ({
  id: 'key',
  kind: 'key',
  verb: 'create',
  target: `temporary key ${dataKey(migration).privateKey} on the source`,
  reason: 'the source sends straight to the target; gone at finish',
});

const allowChange = (migration: string): SyncChange => ({
  id: 'allow',
  kind: 'allow',
  verb: 'update',
  target: `authorized_keys of ${targetUser} on the target (${keyComment(migration)})`,
  reason: 'lets that key in, for receiving only',
});

const copy = ({ name, source, bytes, files }: Dataset): SyncChange => ({
  id: `dataset:${name}`,
  kind: 'dataset',
  together: 'dataset',
  verb: 'copy',
  target: `/data/${name}`,
  reason: `${files} entries of ${source}; marked in ${markRoot} when a pass is complete`,
  bytes,
  dataset: name,
});
