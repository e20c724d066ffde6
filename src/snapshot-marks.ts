import type { HostReader } from './host.ts';
import { parseManifest } from './proof/manifest.ts';
import { existing, parseExisting, parseTexts, textsIn } from './queries/folders.ts';
import { type SnapshotDataset, snapshotMarks, snapshotPath } from './snapshot.ts';
import type { Hold } from './snapshot-holds.ts';

/** What a snapshot that is whole says of itself, on the source. */
export interface SnapshotMark {
  readonly dataset: Pick<SnapshotDataset, 'name' | 'kind' | 'source'>;
  readonly holds: readonly Pick<Hold, 'container' | 'by'>[];
  /** Whether its files share their blocks with the data. */
  readonly clones: boolean;
  /** Containers that could not be asked to save: the copy has what they had last saved by themselves. */
  readonly unsaved: readonly string[];
  /** How long the writers were held, until the last of them was let go. */
  readonly pausedMilliseconds: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
}

type Written = Pick<SnapshotMark, 'dataset' | 'holds' | 'pausedMilliseconds' | 'at'> & {
  readonly clones: 'yes' | 'no';
  readonly unsaved: string;
  /** As manifest.py prints it. */
  readonly manifest: string;
};

/** Undefined for marks of an earlier version, which have no manifest: such a snapshot is made again. */
export function parseSnapshotMark(text: string): SnapshotMark | undefined {
  const { manifest, clones, unsaved, ...rest } = JSON.parse(text) as Partial<Written>;
  if (manifest === undefined || rest.dataset === undefined) return undefined;
  const { digest, files, bytes } = parseManifest(manifest);
  return {
    ...(rest as Written),
    clones: clones === 'yes',
    unsaved: (unsaved ?? '').split(' ').filter((name) => name !== ''),
    digest,
    files,
    bytes,
  };
}

/** The snapshots there are on the source, by name; one whose copy was removed is none. */
export async function readSnapshots(source: HostReader, migration: string): Promise<readonly SnapshotMark[]> {
  const texts = parseTexts(await source.read(textsIn(snapshotMarks(migration))));
  const marks = texts.flatMap((text) => parseSnapshotMark(text) ?? []);
  const pathOf = ({ dataset }: SnapshotMark) => snapshotPath(migration, dataset.name);
  const present = new Set(parseExisting(await source.read(existing(marks.map(pathOf)))));
  return marks.filter((mark) => present.has(pathOf(mark))).sort((a, b) => (a.dataset.name < b.dataset.name ? -1 : 1));
}

/** The one that made containers wait longest; undefined where none had to. */
export const longestPause = (marks: readonly SnapshotMark[]): SnapshotMark | undefined =>
  marks
    .filter(({ pausedMilliseconds }) => pausedMilliseconds > 0)
    .sort((a, b) => b.pausedMilliseconds - a.pausedMilliseconds)[0];
