import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { Dataset } from '../design.ts';
import { MigrationError } from '../errors.ts';
import type { HostWriter } from '../host.ts';
import { sourceRun } from '../names.ts';
import { sh } from '../shell.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { WriteContext } from '../step.ts';
import { requireTarget } from '../target.ts';
import { copyByContent } from '../transfer.ts';
import { type Difference, differences, type ManifestEntry, manifestEntries } from './differences.ts';
import {
  type Manifest,
  type ManifestMode,
  type ManifestRequest,
  makeManifest,
  makeManifestDetached,
  type ReadingJob,
  sourceStore,
  targetStore,
} from './manifest.ts';

/** How many differences an error names, and how many are sent again at the most. */
const shownDifferences = 10;
const mostDifferences = 100_000;

/**
 * Reads a dataset on both hosts while its containers run, beside the data, so that little is left to read in the freeze.
 * Goes on when the operator's connection drops.
 */
export async function readAhead(dataset: Dataset, context: WriteContext): Promise<void> {
  const { config, signal, progress } = context;
  const read = { source: 0, target: 0 };
  const jobOn = (side: keyof typeof read): ReadingJob => ({
    directory: sourceRun(config.name),
    id: `manifest-${dataset.name}`,
    signal,
    onRead: (bytes) => {
      read[side] = bytes;
      const doneBytes = Math.min(read.source, read.target);
      progress({
        message: 'reading both sides for the proof:',
        doneBytes,
        totalBytes: Math.max(doneBytes, dataset.bytes),
      });
    },
  });
  progress({ message: 'reading both sides for the proof' });
  const [source, target] = sides(dataset, 'live', context);
  await Promise.all([
    makeManifestDetached(context.source, source, jobOn('source')),
    makeManifestDetached(await requireTarget(context), target, jobOn('target')),
  ]);
}

/** Reads a dataset that stands still on both hosts at once; what has not changed since the last time is not read again. */
export async function readBothSides(
  dataset: Dataset,
  context: WriteContext,
): Promise<{ readonly source: Manifest; readonly target: Manifest }> {
  const [here, there] = sides(dataset, 'still', context);
  const host = await requireTarget(context);
  const [source, target] = await Promise.all([makeManifest(context.source, here), makeManifest(host, there)]);
  return { source, target };
}

const sides = (
  { name, kind, source, target }: Dataset,
  mode: ManifestMode,
  { config }: WriteContext,
): readonly [ManifestRequest, ManifestRequest] => [
  { path: source, kind, store: sourceStore(config.name, name), mode },
  { path: target, kind, store: targetStore(name), mode },
];

/**
 * Shows that a dataset that stands still is the same on both sides. rsync takes a file for the same by size and time; one
 * that was changed behind those is found here by its content, and is sent again once. Throws `data-differs` with what then
 * still differs.
 */
export async function proveDataset(dataset: Dataset, context: WriteContext): Promise<Manifest> {
  const first = await compareSides(dataset, context);
  if (first.differing.length > 0) {
    context.progress({ message: `sending ${first.differing.length} entries again by their content` });
    await copyByContent(
      dataset,
      first.differing.map(({ name }) => name),
      context,
    );
  }
  const { source, differing } = first.differing.length === 0 ? first : await compareSides(dataset, context);
  if (differing.length === 0) return source;
  throw differs(dataset, differing);
}

/** As `proveDataset`, and nothing is sent. */
export async function requireSame(dataset: Dataset, context: WriteContext): Promise<void> {
  const { differing } = await compareSides(dataset, context);
  if (differing.length > 0) throw differs(dataset, differing);
}

const differs = ({ source }: Dataset, differing: readonly Difference[]): MigrationError =>
  new MigrationError('data-differs', `The copy of ${source} differs from the source.`, {
    evidence: differing.flatMap(({ line }) => (line === '' ? [] : [line])).slice(0, shownDifferences),
    hint: 'Something else writes to it. Find out what (fuser, lsof), then: ecsodus run',
  });

interface Compared {
  readonly source: Manifest;
  /** None where both sides are the same; at most `mostDifferences`. */
  readonly differing: readonly Difference[];
}

async function compareSides(dataset: Dataset, context: WriteContext): Promise<Compared> {
  const { source, target } = await readBothSides(dataset, context);
  return { source, differing: source.digest === target.digest ? [] : await differencesOf(dataset, context) };
}

async function differencesOf(dataset: Dataset, context: WriteContext): Promise<readonly Difference[]> {
  const [source, target] = [manifestFile(dataset, 'source'), manifestFile(dataset, 'target')];
  await Promise.all([
    fetchManifest(context.source, sourceStore(context.config.name, dataset.name), source, context.state),
    fetchManifest(await requireTarget(context), targetStore(dataset.name), target, context.state),
  ]);
  const { state } = context;
  const found = await differences(keptManifest(source, state), keptManifest(target, state), mostDifferences);
  await Promise.all([state.remove(source), state.remove(target)]);
  return found;
}

/** Keeps a copy of a dataset's manifest in the state folder: both sides have the same one when it is proved. */
export const keepManifest = (dataset: Dataset, { source, config, state }: WriteContext): Promise<void> =>
  fetchManifest(source, sourceStore(config.name, dataset.name), manifestFile(dataset, 'source'), state);

/** Names of the datasets whose manifests the state folder holds. */
export async function keptManifests(datasets: readonly Dataset[], state: StateReader): Promise<string[]> {
  const found = await Promise.all(datasets.map((dataset) => state.has(manifestFile(dataset, 'source'))));
  return datasets.filter((_, index) => found[index]).map(({ name }) => name);
}

/** Its name in the state folder. */
const manifestFile = ({ name }: Pick<Dataset, 'name'>, side: 'source' | 'target'): string =>
  `manifests/${encodeURIComponent(name)}.${side}.gz`;

/** Straight to the disk: a manifest of a million files does not fit into a laptop's memory twice. */
export async function fetchManifest(host: HostWriter, store: string, file: string, state: StateWriter): Promise<void> {
  const kept = await state.create(file);
  let rest = '';
  const onOutput = (text: string) => {
    // Four characters of base64 are three bytes.
    const whole = rest + text;
    const end = whole.length - (whole.length % 4);
    kept.write(Buffer.from(whole.slice(0, end), 'base64'));
    rest = whole.slice(end);
  };
  await host.run(sh`set -e; test -s ${`${store}/manifest`}; gzip -1 -c ${`${store}/manifest`} | base64 -w 0`, {
    onOutput,
  });
  await kept.close();
}

/** A manifest that was fetched into the state folder. */
export const keptManifest = (file: string, { directory }: StateReader): AsyncIterable<ManifestEntry> =>
  manifestEntries(createReadStream(join(directory, file)).pipe(createGunzip()));
