import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { Dataset } from '../design.ts';
import { MigrationError } from '../errors.ts';
import type { HostWriter } from '../host.ts';
import { sh } from '../shell.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { WriteContext } from '../step.ts';
import { requireTarget } from '../target.ts';
import { differences, type ManifestEntry, manifestEntries } from './differences.ts';
import { type Manifest, type ManifestMode, makeManifest, sourceStore, targetStore } from './manifest.ts';

/** How many differences an error names. */
const shownDifferences = 10;

/** Reads a dataset on both hosts at once, beside the data; what has not changed since the last time is not read again. */
export async function readBothSides(
  { name, kind, source: from, target: to }: Dataset,
  mode: ManifestMode,
  context: WriteContext,
): Promise<{ readonly source: Manifest; readonly target: Manifest }> {
  const host = await requireTarget(context);
  const store = sourceStore(context.config.name, name);
  const [source, target] = await Promise.all([
    makeManifest(context.source, { path: from, kind, store, mode }),
    makeManifest(host, { path: to, kind, store: targetStore(name), mode }),
  ]);
  return { source, target };
}

/** Shows that a dataset that stands still is the same on both sides, and throws `data-differs` with what is not. */
export async function proveDataset(dataset: Dataset, context: WriteContext): Promise<Manifest> {
  const { source, target } = await readBothSides(dataset, 'still', context);
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
async function fetchManifest(host: HostWriter, store: string, file: string, state: StateWriter): Promise<void> {
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

const keptManifest = (file: string, { directory }: StateReader): AsyncIterable<ManifestEntry> =>
  manifestEntries(createReadStream(join(directory, file)).pipe(createGunzip()));
