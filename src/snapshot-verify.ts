import { MigrationError } from './errors.ts';
import type { HostWriter } from './host.ts';
import { differences } from './proof/differences.ts';
import { type Manifest, makeManifest } from './proof/manifest.ts';
import { fetchManifest, keptManifest } from './proof/prove.ts';
import { existing, parseExisting } from './queries/folders.ts';
import { sh } from './shell.ts';
import { snapshotPath, snapshotStore } from './snapshot.ts';
import type { SnapshotMark } from './snapshot-marks.ts';
import type { StateWriter } from './state.ts';

/** How many differences are named of each snapshot. */
const shownDifferences = 10;

export interface Verified {
  readonly name: string;
  readonly ok: boolean;
  readonly files: number;
  readonly bytes: number;
  /** `ibdata1: sha256 3f… → 9a…`, at most ten. */
  readonly differences: readonly string[];
}

/** Reads a copy on the source to its end, and says what is not as it was when the snapshot was made. */
export async function verifyCopy(
  source: HostWriter,
  migration: string,
  mark: SnapshotMark,
  state: StateWriter,
  path = snapshotPath(migration, mark.dataset.name),
): Promise<Verified> {
  const { name } = mark.dataset;
  const made = snapshotStore(migration, name);
  const now = `${made}.now`;
  const manifest = await readAgain(source, path, mark, now);
  const ok = manifest.digest === mark.digest;
  const found = ok ? [] : await namedDifferences(source, { made, now }, name, state);
  await source.run(sh`rm -rf ${now}`);
  return { name, ok, files: manifest.files, bytes: manifest.bytes, differences: found };
}

/** Into a store of its own: what an earlier reading knows would not be read again. */
async function readAgain(
  source: HostWriter,
  path: string,
  { dataset: { kind } }: SnapshotMark,
  store: string,
): Promise<Manifest> {
  await source.run(sh`rm -rf ${store}`);
  return makeManifest(source, { path, kind, store, mode: 'still' });
}

async function namedDifferences(
  source: HostWriter,
  stores: { readonly made: string; readonly now: string },
  name: string,
  state: StateWriter,
): Promise<string[]> {
  const fileOf = (which: string) => `manifests/${encodeURIComponent(name)}.snapshot-${which}.gz`;
  const present = parseExisting(await source.read(existing([`${stores.made}/manifest`])));
  if (present.length === 0) return ['what it held when it was made is not on record any more'];
  await fetchManifest(source, stores.made, fileOf('made'), state);
  await fetchManifest(source, stores.now, fileOf('now'), state);
  const found = await differences(
    keptManifest(fileOf('made'), state),
    keptManifest(fileOf('now'), state),
    shownDifferences,
    {
      first: 'is missing',
      second: 'was not there',
    },
  );
  return found.flatMap(({ line }) => (line === '' ? [] : [line]));
}

/** Throws `snapshot-differs` where a copy is not what it was. */
export function refuseDifferent(verified: readonly Verified[]): void {
  const different = verified.filter(({ ok }) => !ok);
  if (different.length === 0) return;
  throw new MigrationError(
    'snapshot-differs',
    `${different.map(({ name }) => name).join(', ')}: the snapshot is not what it was when it was made.`,
    {
      evidence: different.flatMap(({ name, differences: found }) => found.map((line) => `${name}: ${line}`)),
      hint: 'Somebody wrote to it, or the disk is failing (dmesg). For a new one remove it, then: ecsodus run --step snapshot',
    },
  );
}
