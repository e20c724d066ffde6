import type { Config } from '../config.ts';
import { MigrationError } from '../errors.ts';
import type { HostWriter } from '../host.ts';
import { nearest } from '../nearest.ts';
import { aligned } from '../report/aligned.ts';
import { bytes, count, duration } from '../report/units.ts';
import { snapshotPath } from '../snapshot.ts';
import { readSnapshots, type SnapshotMark } from '../snapshot-marks.ts';
import { restoreSnapshot } from '../snapshot-restore.ts';
import { refuseDifferent, type Verified, verifyCopy } from '../snapshot-verify.ts';
import type { StateWriter } from '../state.ts';
import type { Options } from './options.ts';
import { print } from './output.ts';
import { openFolder, openSource } from './session.ts';

interface Snapshots {
  readonly config: Config;
  readonly state: StateWriter;
  readonly source: HostWriter;
  readonly marks: readonly SnapshotMark[];
}

/** `ecsodus snapshot list` */
export const listSnapshots = (options: Options): Promise<void> =>
  withSnapshots(options, async ({ config, source, marks }) => {
    const snapshots = marks.map((mark) => ({ ...summaryOf(mark), path: snapshotPath(config.name, mark.dataset.name) }));
    print(options, { migration: config.name, source: source.name, snapshots }, () =>
      marks.length === 0
        ? `${source.name} has no snapshots of ${config.name}. Make them: ecsodus run --until snapshot`
        : aligned([heading, ...marks.map(rowOf)]).join('\n'),
    );
  });

/** `ecsodus snapshot verify [NAME]`: fails where one is not as it was made. */
export const verifySnapshots = (options: Options, name: string | undefined): Promise<void> =>
  withSnapshots(options, async ({ config, state, source, marks }) => {
    const wanted = name === undefined ? marks : [findSnapshot(marks, name)];
    const verified: Verified[] = [];
    for (const mark of wanted) verified.push(await verifyCopy(source, config.name, mark, state));
    refuseDifferent(verified);
    print(options, { migration: config.name, snapshots: verified }, () =>
      verified.length === 0
        ? `${source.name} has no snapshots of ${config.name}.`
        : verified
            .map((each) => `${each.name}: ${count(each.files, 'file')}, ${bytes(each.bytes)} as they were made`)
            .join('\n'),
    );
  });

/** `ecsodus snapshot restore NAME --to DIR`: a copy beside the live data, on the source. */
export const restoreCommand = (options: Options & { readonly to: string }, name: string): Promise<void> =>
  withSnapshots(options, async ({ config, state, source, marks }) => {
    const mark = findSnapshot(marks, name);
    const { signal } = new AbortController();
    const path = await restoreSnapshot(source, { migration: config.name, mark, to: options.to, marks, signal });
    const verified = await verifyCopy(source, config.name, mark, state, path);
    if (!verified.ok) throw restoredDifferent(path, verified.differences);
    print(options, { migration: config.name, host: source.name, path, ...verified }, () =>
      [
        `${name} is in ${path} on ${source.name}: ${count(verified.files, 'file')}, ${bytes(verified.bytes)}, the same as in the snapshot.`,
        `The live data in ${mark.dataset.source} is as it was.`,
      ].join('\n'),
    );
  });

async function withSnapshots(options: Options, work: (snapshots: Snapshots) => Promise<void>): Promise<void> {
  const { config, state } = await openFolder(options);
  const { source, close } = await openSource(options, config);
  try {
    await work({ config, state, source, marks: await readSnapshots(source, config.name) });
  } finally {
    close();
  }
}

const summaryOf = ({
  dataset,
  holds,
  clones,
  unsaved,
  pausedMilliseconds,
  at,
  digest,
  files,
  bytes,
}: SnapshotMark) => ({
  name: dataset.name,
  kind: dataset.kind,
  source: dataset.source,
  files,
  bytes,
  at,
  pausedMilliseconds,
  holds,
  clones,
  unsaved,
  digest,
});

const heading = ['NAME', 'SOURCE', 'SIZE', 'FILES', 'MADE', 'PAUSE', 'DIGEST'];

const rowOf = ({ dataset, bytes: size, files, at, holds, pausedMilliseconds, digest }: SnapshotMark): string[] => [
  dataset.name,
  dataset.source,
  bytes(size),
  String(files),
  at,
  holds.length === 0 ? 'none' : duration(pausedMilliseconds / 1000),
  digest.slice(0, 12),
];

export function findSnapshot(marks: readonly SnapshotMark[], name: string): SnapshotMark {
  const found = marks.find(({ dataset }) => dataset.name === name);
  if (found !== undefined) return found;
  const names = marks.map(({ dataset }) => dataset.name);
  const guess = nearest(name, names) ?? names.find((each) => each.endsWith(`/${name}`));
  throw new MigrationError('snapshot-unknown', `There is no snapshot "${name}" on the source.`, {
    hint: guess === undefined ? 'See what there is: ecsodus snapshot list' : `Did you mean "${guess}"?`,
    evidence: guess === undefined ? names : [],
  });
}

const restoredDifferent = (path: string, evidence: readonly string[]): MigrationError =>
  new MigrationError('restore-differs', `The copy in ${path} is not what the snapshot held when it was made.`, {
    evidence,
    hint: 'Is the snapshot itself whole? ecsodus snapshot verify',
  });
