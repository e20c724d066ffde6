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
import { differences, type ManifestEntry, manifestEntries } from './differences.ts';
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

/** How many differences an error names. */
const shownDifferences = 10;

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

/** Shows that a dataset that stands still is the same on both sides, and throws `data-differs` with what is not. */
export async function proveDataset(dataset: Dataset, context: WriteContext): Promise<Manifest> {
  const { source, target } = await readBothSides(dataset, context);
  if (source.digest === target.digest) return source;
  throw new MigrationError('data-differs', `The copy of ${dataset.source} differs from the source.`, {
    evidence: await namedDifferences(dataset, context),
    hint: 'Copy it again: ecsodus run. If it differs once more, something else writes to it on the source.',
  });
}

async function namedDifferences(dataset: Dataset, context: WriteContext): Promise<readonly string[]> {
  const [source, target] = [manifestFile(dataset, 'source'), manifestFile(dataset, 'target')];
  await Promise.all([
    fetchManifest(context.source, sourceStore(context.config.name, dataset.name), source, context.state),
    fetchManifest(await requireTarget(context), targetStore(dataset.name), target, context.state),
  ]);
  return differences(keptManifest(source, context.state), keptManifest(target, context.state), shownDifferences);
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
