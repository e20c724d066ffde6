import type { Dataset } from './design.ts';
import { MigrationError } from './errors.ts';
import type { HostReader } from './host.ts';
import { type Manifest, manifest, manifestDifferences, manifestText, parseManifest } from './queries/manifest.ts';

/** Shows that a dataset is the same on both sides: one digest over every entry and every byte, made near the data. */
export async function proveDataset(dataset: Dataset, source: HostReader, target: HostReader): Promise<Manifest> {
  const [before, after] = await Promise.all([
    source.read(manifest(dataset.source, dataset.kind)),
    target.read(manifest(dataset.target, dataset.kind)),
  ]);
  const proof = parseManifest(after);
  if (parseManifest(before).digest === proof.digest) return proof;
  throw new MigrationError('data-differs', `The copy of ${dataset.source} differs from the source.`, {
    evidence: await firstDifferences(dataset, source, target),
    hint: 'Copy it again: ecsodus run --step sync-data. If it differs once more, something else writes to it on the source.',
  });
}

async function firstDifferences(dataset: Dataset, source: HostReader, target: HostReader): Promise<string[]> {
  const [before, after] = await Promise.all([
    source.read(manifestText(dataset.source, dataset.kind)),
    target.read(manifestText(dataset.target, dataset.kind)),
  ]);
  return [...manifestDifferences(before, after, 10)];
}
