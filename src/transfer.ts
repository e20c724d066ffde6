import { dirname } from 'node:path/posix';
import { dataKey } from './data-key.ts';
import { openWay } from './data-way.ts';
import type { Dataset } from './design.ts';
import { endJobScript, jobExitOf, runDetached } from './detached.ts';
import { isInterrupted, MigrationError } from './errors.ts';
import { refreshScript } from './lifted-view.ts';
import { compressionFile, measureLink } from './link.ts';
import { dataRoot, sourceRun, targetUser } from './names.ts';
import { sourceStore } from './proof/manifest.ts';
import { freeOn, parseFree } from './queries/disk.ts';
import { bytes } from './report/units.ts';
import { rsyncArguments, sparseInPlace, type Transfer } from './rsync/arguments.ts';
import { type Copy, copyScript, type LargeFiles, type Streams, streamLetters } from './rsync/copy-script.ts';
import { explainExit } from './rsync/exit-codes.ts';
import { progressParser } from './rsync/progress.ts';
import { sh } from './shell.ts';
import { slots } from './slots.ts';
import { isKnown, type WriteContext } from './step.ts';
import { publicAddress, requireTarget } from './target.ts';

/** While its containers run: a pass that sent less than `smallBytes` is the last; the freeze sends about as much again. */
const live = { live: true, passes: 5, smallBytes: 8 * 1024 * 1024, retries: 12 };

/** How a dataset is copied, by what its containers do. */
const ways = {
  first: live,
  live,
  still: { live: false, passes: 1, smallBytes: 0, retries: 3 },
} satisfies Record<string, Pick<Copy, 'live' | 'passes' | 'smallBytes' | 'retries'>>;

/** Datasets that are copied at once: more share the same disks and the same link without being faster. */
const streams = slots(4);

/**
 * Copies a dataset from the source to the target: in passes until little is left to send while its containers
 * run (`live`, or `first` where the target has nothing of it yet), or in the one last pass when they have stopped. It
 * goes on at the source when the operator's connection drops; a copy of the dataset that still runs is followed.
 */
export async function copyDataset(dataset: Dataset, way: keyof typeof ways, context: WriteContext): Promise<void> {
  const { source, config, signal, progress } = context;
  await openWay(context);
  if (way !== 'still') await measureLink(context);
  await streams(async () => {
    signal.throwIfAborted();
    await (await requireTarget(context)).run(makeParents(dataset));
    // One that an earlier run left behind would write to the same files.
    if (way === 'still') await source.run(endJobScript(sourceRun(config.name), jobOf('live', dataset)));
    const transfer = transferOf(dataset, context);
    const names = listOf(dataset, context);
    const limited = { ...transfer, bandwidthKibps: way === 'still' ? undefined : config.bwlimit };
    const isFile = dataset.kind === 'file';
    const mayBeInPlace = sparseInPlace(limited.rsyncVersion);
    const script = copyScript({
      ...ways[way],
      argv: rsyncArguments({ ...limited, inPlace: isFile && mayBeInPlace, distrustTimes: isFile && way === 'still' }),
      sparse: { root: dataset.source, answer: holesOf(dataset, context), look: way !== 'still' },
      streams: way === 'first' && !isFile ? streamsOf(dataset, limited, context) : undefined,
      large: isFile || !mayBeInPlace ? undefined : largeFiles(dataset, limited, context),
      refresh: await refreshScript(source, config.name, dataset),
      compression: compressionFile(config.name),
      byContent:
        way === 'still' && !isFile
          ? { names, argv: rsyncArguments({ ...transfer, names, distrustTimes: true }) }
          : undefined,
    });
    const onOutput = progressParser(bytesToSend(way, dataset), progress);
    await runDetached(source, {
      directory: sourceRun(config.name),
      id: jobOf(way, dataset),
      script,
      signal,
      onOutput,
    });
  }, signal).catch(async (error: unknown) => {
    // Were the link down, or another copy at fault, it would go on at the source; who stops it wants its load gone.
    if (isInterrupted(signal.reason)) await source.run(endJobScript(sourceRun(config.name), jobOf(way, dataset)));
    throw explained(error, dataset, source.name, await fullness(error, context));
  });
}

/** Of a delta nobody knows before it was sent. */
const bytesToSend = (way: keyof typeof ways, { bytes }: Dataset) => (way === 'first' ? bytes : undefined);

/** rsync's daemon says that it could not write, and keeps to itself why. */
async function fullness(error: unknown, context: WriteContext): Promise<readonly string[]> {
  if (jobExitOf(error) !== fileError) return [];
  const host = await context.target(context.instance).catch(() => undefined);
  const { freeBytes, freeFiles } = parseFree((await host?.read(freeOn(dataRoot)).catch(() => '')) ?? '');
  return freeBytes < 64e6 || freeFiles < 100
    ? [`No space left on the target: ${dataRoot} has ${bytes(freeBytes)} and ${freeFiles} files free.`]
    : [];
}

const fileError = 11;

/** Brings a dataset back from the target, over what the source holds; nothing may run on either side. */
export async function fetchDataset(dataset: Dataset, context: WriteContext): Promise<void> {
  const { source, config, signal, progress } = context;
  await openWay(context);
  const { privateKey } = dataKey(config.name, 'back');
  const argv = rsyncArguments({
    ...transferOf(dataset, context),
    direction: 'pull',
    key: privateKey,
    // The source may mount the very file: a new one in its place would not be seen.
    inPlace: dataset.kind === 'file' && sparseInPlace(context.sourceFacts.rsyncVersion),
  });
  const script = copyScript({
    ...ways.still,
    argv,
    refresh: '',
    compression: compressionFile(config.name),
    sparse: { root: dataset.source, answer: holesOf(dataset, context), look: false },
  });
  const onOutput = progressParser(undefined, progress);
  const job = { directory: sourceRun(config.name), id: `back-${dataset.name}`, script, signal, onOutput };
  await streams(() => runDetached(source, job), signal).catch((error: unknown) => {
    throw explained(error, dataset, source.name);
  });
}

const jobOf = (way: keyof typeof ways, { name }: Dataset): string =>
  `copy-${way === 'still' ? 'still' : 'live'}-${name}`;

/** Sends these entries (names below a directory's root) again by what is in them, whatever their sizes and times say. */
export async function copyByContent(dataset: Dataset, names: readonly Buffer[], context: WriteContext): Promise<void> {
  if (dataset.kind === 'directory') {
    const list = Buffer.concat(names.flatMap((name) => [name, Buffer.from([0])]));
    const file = listOf(dataset, context);
    await context.source.run(sh`umask 077; base64 -d > ${file}`, { input: list.toString('base64') });
  }
  await copyDataset(dataset, 'still', context);
  await context.source.run(sh`rm -f ${listOf(dataset, context)}`);
}

/** Fewer files than this are sent by one stream before a second is there. */
const filesForStreams = 2000;

/** Not where the operator limits the rate: each would take as much. */
function streamsOf(
  { name, source, files }: Dataset,
  transfer: Transfer,
  { config }: WriteContext,
): Streams | undefined {
  if (files < filesForStreams || config.bwlimit !== undefined) return undefined;
  const lists = streamLetters.map((letter) => `${sourceRun(config.name)}/stream-${encodeURIComponent(name)}-${letter}`);
  return { root: source, lists, argv: lists.map((names) => rsyncArguments({ ...transfer, names, recursive: true })) };
}

/** What had a second name once is kept as long as the manifests are. */
function largeFiles({ name, source }: Dataset, transfer: Transfer, { config }: WriteContext): LargeFiles {
  const names = `${sourceRun(config.name)}/large-${encodeURIComponent(name)}`;
  const linked = `${sourceStore(config.name, name)}/linked`;
  return { root: source, names, linked, argv: rsyncArguments({ ...transfer, names, inPlace: true }) };
}

const holesOf = ({ name }: Dataset, { config }: Pick<WriteContext, 'config'>): string =>
  `${sourceRun(config.name)}/holes-${encodeURIComponent(name)}`;

const listOf = ({ name }: Dataset, { config }: Pick<WriteContext, 'config'>): string =>
  `${sourceRun(config.name)}/by-content-${encodeURIComponent(name)}`;

function transferOf({ kind, source, name }: Dataset, { config, instance, sourceFacts }: WriteContext): Transfer {
  const address = publicAddress(instance);
  if (address === undefined || !isKnown(instance)) throw new Error('the instance has no address');
  const { privateKey, knownHosts, route } = dataKey(config.name);
  return {
    kind,
    from: source,
    to: name,
    user: targetUser,
    address,
    key: privateKey,
    knownHosts,
    route,
    hostKeyAlias: instance.id,
    rsyncVersion: sourceFacts.rsyncVersion,
  };
}

/** rsync makes the last directory of a path, and no more. */
const makeParents = ({ name, kind }: Dataset): string => {
  const parent = kind === 'directory' ? `${dataRoot}/${name}` : dirname(`${dataRoot}/${name}`);
  return sh`set -eu; mountpoint -q ${dataRoot}; mkdir -p ${parent}`;
};

function explained(error: unknown, dataset: Dataset, host: string, found: readonly string[] = []): unknown {
  const code = jobExitOf(error);
  if (code === undefined || !(error instanceof MigrationError)) return error;
  return new MigrationError(
    'copy-failed',
    `Copying ${dataset.source} failed: rsync says "${explainExit(code)}" (exit code ${code}).`,
    {
      evidence: [...found, ...error.evidence],
      hint: `Mend what it says on ${host}, then go on: ecsodus run`,
      cause: error,
    },
  );
}
