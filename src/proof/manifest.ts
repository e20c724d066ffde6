import { readFileSync } from 'node:fs';
import type { DatasetKind } from '../design.ts';
import { type Job, runDetached } from '../detached.ts';
import { MigrationError } from '../errors.ts';
import type { HostWriter } from '../host.ts';
import { markRoot, sourceRoot } from '../names.ts';
import { sh } from '../shell.ts';

/** What one reading of a dataset found, as manifest.py prints it. */
export interface Manifest {
  /** SHA-256 over every entry: the same on both sides exactly when the data is. */
  readonly digest: string;
  /** Entries of every type, the dataset's own root included. */
  readonly files: number;
  /** Content of regular files, in bytes; a file with several names counts once. */
  readonly bytes: number;
  /** Files and bytes that were read this time; the others have not changed since the manifest before. */
  readonly readFiles: number;
  readonly readBytes: number;
}

/** `live`: containers run, what vanishes is no error. `still`: nothing may change while it is read. */
export type ManifestMode = 'live' | 'still';

export interface ManifestRequest {
  /** Absolute path on the host. */
  readonly path: string;
  readonly kind: DatasetKind;
  /** The directory on the host where the list is kept from one reading to the next. */
  readonly store: string;
  readonly mode: ManifestMode;
}

const program = readFileSync(new URL('./manifest.py', import.meta.url), 'utf8');

/** The command that makes or renews a manifest, for a shell run by root. */
export const manifestCommand = ({ path, kind, store, mode }: ManifestRequest): string =>
  sh`python3 -c ${program} ${kind} ${path} ${store} ${mode}`;

/** What a reading that takes its time needs besides: see `runDetached`. */
export type ReadingJob = Omit<Job, 'script' | 'onOutput'> & { readonly onRead: (bytes: number) => void };

/** Makes or renews a manifest beside the data. What cannot be read is a MigrationError `command-failed`. */
export const makeManifest = async (host: HostWriter, request: ManifestRequest): Promise<Manifest> =>
  parseManifest(await host.run(manifestCommand(request)));

/**
 * The same, for data that may take hours to read: it goes on when the operator's connection drops. Reports the bytes read,
 * once a second. What cannot be read is a MigrationError `script-failed`.
 */
export async function makeManifestDetached(
  host: HostWriter,
  request: ManifestRequest,
  { onRead, ...job }: ReadingJob,
): Promise<Manifest> {
  let said = '';
  const onOutput = (text: string) => {
    said = (said + text).slice(-1000);
    const read = [...said.matchAll(/^read (\d+)$/gm)].at(-1)?.[1];
    if (read !== undefined) onRead(Number(read));
  };
  await runDetached(host, { ...job, script: manifestCommand(request), onOutput });
  return parseManifest(said);
}

export function parseManifest(text: string): Manifest {
  const match = /^([0-9a-f]{64}) (\d+) (\d+) (\d+) (\d+)\n?$/m.exec(text);
  if (!match)
    throw new MigrationError('manifest-unreadable', 'A dataset could not be read to the end for its manifest.', {
      hint: 'Run the same command again.',
      evidence: text.split('\n').slice(0, 5),
    });
  const [files = 0, bytes = 0, readFiles = 0, readBytes = 0] = match.slice(2).map(Number);
  return { digest: String(match[1]), files, bytes, readFiles, readBytes };
}

/** Where a dataset's manifest is kept on the source, and on the data disk. */
export const sourceStore = (migration: string, dataset: string): string => storeIn(sourceRoot(migration), dataset);
export const targetStore = (dataset: string): string => storeIn(markRoot, dataset);

const storeIn = (root: string, dataset: string): string => `${root}/manifests/${encodeURIComponent(dataset)}`;
