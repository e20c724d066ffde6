import type { Dataset } from './design.ts';
import type { HostReader, HostWriter } from './host.ts';
import { markRoot } from './names.ts';
import { parseTexts, textsIn } from './queries/folders.ts';
import { sh } from './shell.ts';

/** What a completed pass over a dataset left on the data disk. */
export interface Mark {
  readonly kind: 'pass' | 'final' | 'proof';
  readonly dataset: string;
  /** Last time a container using the dataset stopped, RFC 3339; empty for a pass made while they ran. */
  readonly stoppedAt: string;
  readonly files?: number;
  readonly bytes?: number;
  /** SHA-256 of the dataset's manifest, hex. */
  readonly digest?: string;
}

const directory = `${markRoot}/marks`;

const fileOf = ({ kind, dataset }: Pick<Mark, 'kind' | 'dataset'>): string =>
  `${kind}-${encodeURIComponent(dataset)}.json`;

export async function readMarks(target: HostReader): Promise<readonly Mark[]> {
  return parseTexts(await target.read(textsIn(directory))).map((text) => JSON.parse(text) as Mark);
}

/** Durable before it returns. */
export async function writeMark(target: HostWriter, mark: Mark): Promise<void> {
  const path = `${directory}/${fileOf(mark)}`;
  await target.run(
    sh`set -eu; mountpoint -q /data; mkdir -p ${directory}; cat > ${`${path}.new`}; sync ${`${path}.new`}; mv ${`${path}.new`} ${path}`,
    { input: `${JSON.stringify(mark)}\n` },
  );
}

/** The mark that still holds: one made in an earlier freeze does not, since containers ran again after it. */
export const findMark = (
  marks: readonly Mark[],
  kind: Mark['kind'],
  dataset: Pick<Dataset, 'name'>,
  stoppedAt?: string,
): Mark | undefined =>
  marks.find(
    (mark) =>
      mark.kind === kind && mark.dataset === dataset.name && (stoppedAt === undefined || mark.stoppedAt === stoppedAt),
  );
