import { dirname } from 'node:path/posix';
import type { Dataset } from './design.ts';
import type { Container, Inventory } from './inventory.ts';
import { sourceRoot } from './names.ts';
import { manifestCommand } from './proof/manifest.ts';
import { isAtLeast, wholeList } from './rsync/arguments.ts';
import { vanished } from './rsync/exit-codes.ts';
import { raw, sh } from './shell.ts';
import { holdDirectory, holdScript } from './snapshot-hold-script.ts';
import type { Hold } from './snapshot-holds.ts';

export const snapshotPath = (migration: string, dataset: string): string =>
  `${sourceRoot(migration)}/snapshots/${dataset}`;

export const snapshotMarks = (migration: string): string => `${sourceRoot(migration)}/marks`;

/** Written when the snapshot is whole: its presence is the proof that it was made. */
const snapshotMark = (migration: string, dataset: string): string =>
  `${snapshotMarks(migration)}/${encodeURIComponent(dataset)}.json`;

/** Where the list of everything in a snapshot is kept, as it was made. */
export const snapshotStore = (migration: string, dataset: string): string =>
  `${sourceRoot(migration)}/snapshot-manifests/${encodeURIComponent(dataset)}`;

/** Running containers that can write to a dataset: those to hold for it. */
export function writersOf(dataset: Dataset, { containers }: Pick<Inventory, 'containers'>): Container[] {
  return containers
    .filter(({ running, name }) => running && dataset.containers.includes(name))
    .filter(
      ({ name, inspect }) =>
        name === dataset.liftedFrom || inspect.Mounts.some(({ Source, RW }) => RW && isWithin(Source, dataset.source)),
    );
}

const isWithin = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}/`);

/** A dataset as a snapshot needs it, and as it goes into the journal. */
export type SnapshotDataset = Pick<Dataset, 'name' | 'kind' | 'source' | 'liftedFrom'>;

export interface Snapshot {
  readonly migration: string;
  /** Copied in one hold. `refresh` is the script that brings its source up to date before each pass; empty where it is so by itself. */
  readonly datasets: readonly (SnapshotDataset & { readonly refresh: string })[];
  /** Containers to pause or stop while the last pass runs. */
  readonly holds: readonly Hold[];
  /** They go on after this, whatever happens. */
  readonly limitSeconds: number;
  /** Version of the source's rsync. Default: a new one. */
  readonly rsyncVersion?: string | undefined;
}

/**
 * The script that makes the snapshots of one group on the source, detached from the operator: passes while everything runs,
 * until one is short, then the last one with the writers held. Where the file system shares blocks, one copy of that kind
 * in the hold is all. The copy becomes the snapshot by rename, so that half a copy never looks like one; the manifest is
 * made once the containers go on.
 */
export function snapshotScript(snapshot: Snapshot): string {
  const { migration, datasets, holds, limitSeconds } = snapshot;
  const record = `${holdDirectory(migration)}/${encodeURIComponent(datasets[0]?.name ?? '')}`;
  const copy = copyCommand(snapshot.rsyncVersion);
  const places = datasets.map((dataset) => placesOf(migration, dataset));
  const each = (part: (place: Places) => string): string => places.map(part).join('\n');
  return sh`set -eu
umask 077
${raw(holdScript(holds, { record, limitSeconds }))}
${raw(canClone)}
${raw(each(({ final, mark }) => sh`mkdir -p ${dirname(final)} ${dirname(mark)}; rm -f ${mark}; rm -rf ${final}`))}
clones=yes
${raw(each((place) => refreshed(place, sh`can_clone ${place.source} ${place.partial} ${place.kind} || clones=no`)))}
if [ "$clones" = no ]; then
${raw(each((place) => refreshed(place, passes(place, copy, holds))))}
fi
hold
if [ "$clones" = yes ]; then
${raw(each((place) => refreshed(place, sh`within_limit ${raw(clone(place))}`)))}
else
${raw(holds.length === 0 ? ':' : each((place) => refreshed(place, lastPass(place, copy))))}
fi
release
${raw(each(({ partial, final }) => sh`mv ${partial} ${final}`))}
${raw(each((place) => finish(place, migration, holds)))}
sync -f ${dirname(places[0]?.mark ?? '')}
${raw(each(({ mark }) => sh`mv ${`${mark}.new`} ${mark}`))}`;
}

interface Places {
  readonly dataset: Snapshot['datasets'][number];
  readonly kind: Dataset['kind'];
  readonly source: string;
  readonly final: string;
  readonly partial: string;
  readonly mark: string;
}

function placesOf(migration: string, dataset: Snapshot['datasets'][number]): Places {
  const final = snapshotPath(migration, dataset.name);
  const { kind, source } = dataset;
  return { dataset, kind, source, final, partial: `${final}.partial`, mark: snapshotMark(migration, dataset.name) };
}

const refreshed = ({ dataset: { refresh } }: Places, script: string): string =>
  refresh === '' ? script : `${refresh}\n${script}`;

/** How many passes while everything runs, at most, and how short the last of them should be, in seconds. */
const livePasses = ['1', '2', '3'];
const shortPassSeconds = 10;

/** What a container mounts is what a link leads to, as Docker followed it; a directory's slash does the same. */
const sidesOf = ({ kind, source, partial }: Places): { follow: string[]; from: string; to: string } =>
  kind === 'directory'
    ? { follow: [], from: `${source}/`, to: `${partial}/` }
    : { follow: ['--copy-links'], from: source, to: partial };

function passes(place: Places, copy: readonly string[], holds: readonly Hold[]): string {
  const { follow, from, to } = sidesOf(place);
  return sh`for pass in ${holds.length === 0 ? ['1'] : livePasses}; do
  started=$(date +%s)
  # A page that is dirty already can be written again without the times of its file moving; see the last pass.
  sync -f ${place.source} || :
  echo $((started - 2)) > ${`${place.mark}.since`}
  tries=0
  until
    code=0
    ${copy} --delete ${follow} -- ${from} ${to} || code=$?
    [ $code -ne ${waitedForItself} ] || [ $tries -ge 5 ]
  do tries=$((tries + 1)); done
  [ $code -eq 0 ] || [ $code -eq ${vanished} ] || exit $code
  [ $(($(date +%s) - started)) -ge ${shortPassSeconds} ] || break
done`;
}

/**
 * Size and time tell what has changed since the pass before, but for files that were written while it ran: whatever was
 * changed since that pass began is copied whatever its time says.
 */
function lastPass(place: Places, copy: readonly string[]): string {
  const { follow, from, to } = sidesOf(place);
  const { kind, source, mark } = place;
  if (kind === 'file') return sh`within_limit ${copy} ${follow} --ignore-times -- ${from} ${to}`;
  const list = `${mark}.changed`;
  return sh`within_limit find ${`${source}/`} -type f -newerct "@$(cat ${`${mark}.since`})" -printf '%P\0' > ${list}
[ ! -s ${list} ] || within_limit ${copy} --ignore-times --from0 ${`--files-from=${list}`} -- ${from} ${to}
within_limit ${copy} --delete -- ${from} ${to}
rm -f ${list}`;
}

const clone = ({ kind, source, partial }: Places): string =>
  kind === 'directory'
    ? sh`cp -a --reflink=always -T -- ${`${source}/.`} ${partial}`
    : sh`cp -aL --reflink=always -T -- ${source} ${partial}`;

/** rsync 3.5.0 may wait for itself for ever where files change under it: then it ends with this, and the pass is made again. */
const waitedForItself = 30;
const timeoutSeconds = 60;

function copyCommand(rsyncVersion = '3.2.4'): string[] {
  // With whole seconds, rsync's default, a pass would miss what was written again within the second of the one before.
  const window = isAtLeast(rsyncVersion, [3, 1, 3]) ? ['--modify-window=-1'] : [];
  return ['rsync', '-aHAXS', '--numeric-ids', wholeList, `--timeout=${timeoutSeconds}`, ...window];
}

/**
 * Tries with one file, then with all, while everything runs: files on another file system, or without copy on write, show
 * themselves before anything is held.
 */
const canClone = sh`can_clone() {
  one=$(find -H "$1" -type f -size +0 -print -quit 2>/dev/null) || return 1
  [ -n "$one" ] || return 1
  if ! cp --reflink=always -- "$one" "$2.clone" 2>/dev/null; then rm -f "$2.clone"; return 1; fi
  rm -f "$2.clone"
  rm -rf "$2"
  status=0
  if [ "$3" = directory ]; then cp -a --reflink=always -T -- "$1/." "$2" 2>/dev/null || status=1; fi
  rm -rf "$2"
  return "$status"
}`;

/** The manifest, and the mark that says so; nothing of it while anything is held. */
function finish({ dataset, kind, final, mark }: Places, migration: string, holds: readonly Hold[]): string {
  const store = snapshotStore(migration, dataset.name);
  const known = {
    dataset: { name: dataset.name, kind, source: dataset.source },
    holds: holds.map(({ container, by }) => ({ container, by })),
  };
  return sh`rm -rf ${store}
manifest=$(${raw(manifestCommand({ path: final, kind, store, mode: 'still' }))})
rm -f ${`${mark}.since`}
printf '%s,"clones":"%s","unsaved":"%s","pausedMilliseconds":%s,"at":"%s","manifest":"%s"}\n' ${JSON.stringify(known).slice(0, -1)} \
  "$clones" "\${unsaved# }" "$held_ms" "$(date -u +%FT%TZ)" "$manifest" > ${`${mark}.new`}`;
}
