import type { Progress } from '../step.ts';
import { parseStats } from './stats.ts';

const line = /^\s*(?<bytes>[\d.,]+)\s+\d+%\s+(?<rate>[\d.,]+)(?<unit>[kMGT]?B)\/s/;

const units: Readonly<Record<string, number>> = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

/**
 * Takes rsync's output as it arrives, in pieces cut anywhere, and reports each complete `--info=progress2` line.
 * `totalBytes` is what the dataset was measured to hold: rsync's own percentage jumps about while it still lists files.
 */
export function progressParser(totalBytes: number, onProgress: (progress: Progress) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split(/[\r\n]/);
    rest = lines.pop() ?? '';
    for (const text of lines) {
      const progress = parseProgress(text);
      if (progress === undefined) continue;
      const total = Math.max(totalBytes, progress.doneBytes);
      onProgress({ message: 'copying', ...progress, totalBytes: total });
    }
  };
}

/** One line of `--info=progress2`; undefined for anything else. */
export function parseProgress(
  text: string,
): { readonly doneBytes: number; readonly bytesPerSecond: number } | undefined {
  const { bytes, rate, unit } = line.exec(text)?.groups ?? {};
  if (bytes === undefined || rate === undefined) return undefined;
  return {
    doneBytes: Number(bytes.replace(/[.,]/g, '')),
    bytesPerSecond: Math.round(Number(rate.replace(',', '.')) * (units[unit ?? 'B'] ?? 1)),
  };
}

/** Bytes a pass sent over the wire; without statistics it counts as infinitely many, so that another pass follows. */
export const parseSentBytes = (output: string): number => parseStats(output)?.sentBytes ?? Number.POSITIVE_INFINITY;
