/** What `--stats` says of a finished pass. */
export interface PassStats {
  /** Entries on the source. */
  readonly files: number;
  readonly transferredFiles: number;
  readonly deletedFiles: number;
  readonly totalBytes: number;
  /** Content of the files that were sent, whole, before rsync's savings. */
  readonly transferredBytes: number;
  /** Over the wire. */
  readonly sentBytes: number;
}

/** Undefined where the pass was cut off before its statistics. A line that old versions lack counts as 0. */
export function parseStats(output: string): PassStats | undefined {
  const number = (label: string) => {
    const found = new RegExp(`^${label}: ([\\d.,]+)`, 'm').exec(output)?.[1];
    return found === undefined ? undefined : Number(found.replace(/[.,]/g, ''));
  };
  const files = number('Number of files');
  const sentBytes = number('Total bytes sent');
  if (files === undefined || sentBytes === undefined) return undefined;
  return {
    files,
    transferredFiles: number('Number of regular files transferred') ?? 0,
    deletedFiles: number('Number of deleted files') ?? 0,
    totalBytes: number('Total file size') ?? 0,
    transferredBytes: number('Total transferred file size') ?? 0,
    sentBytes,
  };
}

/** Entries that `--itemize-changes` reports: what a comparison found to differ, in rsync's code and the name. */
export const parseItemized = (output: string): readonly string[] =>
  output.split('\n').filter((line) => /^([<>ch.][fdLDS][^ ]{9,10}|\*deleting {2,}) ?\S/.test(line));
