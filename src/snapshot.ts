import { dirname } from 'node:path/posix';
import type { Dataset } from './design.ts';
import type { Inventory } from './inventory.ts';
import { sourceRoot } from './names.ts';
import { isAtLeast } from './rsync/arguments.ts';
import { raw, sh } from './shell.ts';

export const snapshotPath = (migration: string, dataset: string): string =>
  `${sourceRoot(migration)}/snapshots/${dataset}`;

/** Written when the snapshot is whole: its presence is the proof that it was made. */
export const snapshotMark = (migration: string, dataset: string): string =>
  `${sourceRoot(migration)}/marks/${encodeURIComponent(dataset)}.json`;

/** Running containers that can write to a dataset: those to pause for it. */
export function writersOf(dataset: Dataset, { containers }: Pick<Inventory, 'containers'>): string[] {
  return containers
    .filter(({ running, name }) => running && dataset.containers.includes(name))
    .filter(
      ({ name, inspect }) =>
        name === dataset.liftedFrom || inspect.Mounts.some(({ Source, RW }) => RW && isWithin(Source, dataset.source)),
    )
    .map(({ name }) => name);
}

const isWithin = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}/`);

export interface Snapshot {
  readonly migration: string;
  readonly dataset: Pick<Dataset, 'name' | 'kind' | 'source'>;
  /** Containers to pause while the second pass runs. */
  readonly pause: readonly string[];
  /** Script that brings the dataset's source up to date, before each pass; empty where it is so by itself. */
  readonly refresh: string;
  /** The pause ends after this, whatever happens. */
  readonly limitSeconds: number;
  /** Version of the source's rsync. Default: a new one. */
  readonly rsyncVersion?: string | undefined;
}

/**
 * The script that makes one snapshot on the source: a pass while everything runs, then a short one with the writers
 * paused. Detached from the operator, and the pause is undone by a trap and a time limit of its own, so that nothing
 * stays paused whoever dies. The copy becomes the snapshot by rename, so that half a copy never looks like one.
 */
export function snapshotScript(snapshot: Snapshot): string {
  const { migration, dataset, pause, refresh, limitSeconds, rsyncVersion = '3.2.4' } = snapshot;
  const final = snapshotPath(migration, dataset.name);
  const partial = `${final}.partial`;
  const mark = snapshotMark(migration, dataset.name);
  const from = dataset.kind === 'directory' ? `${dataset.source}/` : dataset.source;
  const to = dataset.kind === 'directory' ? `${partial}/` : partial;
  // With whole seconds, rsync's default, the second pass would miss what was written again within the second of the first.
  const window = isAtLeast(rsyncVersion, [3, 1, 3]) ? ['--modify-window=-1'] : [];
  const copy = sh`rsync -aHAXS --numeric-ids ${window} --delete -- ${from} ${to}`;
  const second = pause.length === 0 ? raw('') : raw(pausedPass(refresh, copy, pause, limitSeconds));
  return sh`set -eu
umask 077
mkdir -p ${dirname(final)} ${dirname(mark)}
rm -rf ${final}
${raw(refresh)}
${raw(copy)} || [ $? -eq 24 ]
paused=0
${second}
mv ${partial} ${final}
printf '{"pausedMilliseconds":%s,"at":"%s"}\n' "$paused" "$(date -u +%FT%TZ)" > ${`${mark}.new`}
sync -f ${dirname(final)}
mv ${`${mark}.new`} ${mark}`;
}

/** `timeout` ends a copy that takes too long; the trap unpauses on the way out, however that comes about. */
const pausedPass = (
  refresh: string,
  copy: string,
  pause: readonly string[],
  limitSeconds: number,
): string => sh`began=$(date +%s%3N)
trap ${sh`docker unpause ${pause} >/dev/null 2>&1 || true`} EXIT
trap 'exit 143' HUP INT TERM
docker pause ${pause} >/dev/null
${raw(refresh)}
timeout ${limitSeconds} ${raw(copy)}
docker unpause ${pause} >/dev/null
trap - EXIT
paused=$(( $(date +%s%3N) - began ))`;
