import { createHash } from 'node:crypto';
import { basename } from 'node:path/posix';
import { runDetached } from './detached.ts';
import { MigrationError } from './errors.ts';
import type { HostWriter } from './host.ts';
import { sourceRoot, sourceRun } from './names.ts';
import { parseRestorePlace, type RestorePlace, restorePlace } from './queries/restore-place.ts';
import { bytes } from './report/units.ts';
import { sh } from './shell.ts';
import { snapshotPath } from './snapshot.ts';
import type { SnapshotMark } from './snapshot-marks.ts';

export interface Restore {
  readonly migration: string;
  readonly mark: SnapshotMark;
  /** Absolute, on the source. */
  readonly to: string;
  /** Everything there is a snapshot of: never written into. */
  readonly marks: readonly SnapshotMark[];
  readonly signal: AbortSignal;
}

/** Copies a snapshot into a directory of its own on the source; returns where the copy is. */
export async function restoreSnapshot(
  source: HostWriter,
  { migration, mark, to, marks, signal }: Restore,
): Promise<string> {
  if (!to.startsWith('/')) throw notAbsolute(to, source.name);
  const from = snapshotPath(migration, mark.dataset.name);
  const place = parseRestorePlace(await source.read(restorePlace(to, from)));
  refusePlace(place, [...marks.map(({ dataset }) => dataset.source), sourceRoot(migration)], source.name);
  const copy = copyOf(mark, place.path);
  await runDetached(source, {
    directory: sourceRun(migration),
    id: `restore-${createHash('sha256').update(`${from}\0${copy}`).digest('hex').slice(0, 12)}`,
    script: restoreScript(mark, from, place.path),
    signal,
  });
  return copy;
}

/** A file goes into the directory under its own name. */
const copyOf = ({ dataset: { kind, source } }: SnapshotMark, directory: string): string =>
  kind === 'directory' ? directory : `${directory}/${basename(source)}`;

export const restoreScript = (mark: SnapshotMark, from: string, directory: string): string => {
  const slash = mark.dataset.kind === 'directory' ? '/' : '';
  return sh`set -eu
mkdir -p ${directory}
rsync -aHAXS --numeric-ids -- ${from + slash} ${copyOf(mark, directory) + slash}`;
};

/** Throws where a copy would write over anything, or fill the disk. */
export function refusePlace(place: RestorePlace, live: readonly string[], host: string): void {
  const { path, state, freeBytes, neededBytes } = place;
  const within = live.find((data) => path === data || path.startsWith(`${data}/`));
  if (within !== undefined)
    throw new MigrationError('restore-into-data', `${path} belongs to ${within}, which is in use.`, {
      hint: 'Name a directory of its own: --to /root/restored',
    });
  if (state === 'taken')
    throw new MigrationError('restore-not-empty', `${path} on ${host} is there already and holds something.`, {
      hint: 'Name a directory that is not there, or is empty: --to DIR',
    });
  if (neededBytes > freeBytes)
    throw new MigrationError(
      'restore-no-room',
      `The copy needs ${bytes(neededBytes)}, and ${bytes(freeBytes)} are free at ${path} on ${host}.`,
      { hint: 'Name a directory on another disk: --to DIR' },
    );
}

const notAbsolute = (to: string, host: string): MigrationError =>
  new MigrationError('restore-relative', `"${to}" is no absolute path, and the copy is made on ${host}.`, {
    hint: 'Write it from the root on: --to /root/restored',
  });
