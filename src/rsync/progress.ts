import type { Progress } from '../step.ts';

const line = /^\s*(?<bytes>[\d.,]+)\s+\d+%\s+(?<rate>[\d.,]+)(?<unit>[kMGT]?B)\/s/;
const nextPass = /^pass (?<pass>\d+)$/;

const units: Readonly<Record<string, number>> = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

/**
 * Takes the output of a copy as it arrives, in pieces cut anywhere, and reports the last complete `--info=progress2` line
 * of each piece: rsync writes one for every file, which may be a million.
 * `totalBytes` is what the dataset was measured to hold, where all of it is to be sent: rsync's own percentage jumps about
 * while it still lists files. How much of it has changed, and how much a later pass has to send, nobody knows before it ends.
 */
export function progressParser(
  totalBytes: number | undefined,
  onProgress: (progress: Progress) => void,
): (chunk: string) => void {
  let rest = '';
  let pass = 1;
  // By stream, where several run: what each has sent, and how fast.
  const streams = new Map<string, NonNullable<ReturnType<typeof parseProgress>>>();
  return (chunk) => {
    const lines = (rest + chunk).split(/[\r\n]/);
    rest = lines.pop() ?? '';
    let latest: ReturnType<typeof parseProgress>;
    for (const text of lines) {
      pass = Number(nextPass.exec(text)?.groups?.pass ?? pass);
      const [, stream = '', said = ''] = ofStream.exec(text) ?? [];
      const progress = parseProgress(said);
      if (progress === undefined) continue;
      if (stream === '') streams.clear();
      streams.set(stream, progress);
      latest = sum([...streams.values()]);
    }
    if (latest === undefined) return;
    onProgress({ ...(pass === 1 ? firstPass(totalBytes, latest) : laterPass(pass)), ...latest });
  };
}

const firstPass = (totalBytes: number | undefined, { doneBytes }: { readonly doneBytes: number }): Progress => ({
  message: 'copying',
  ...(totalBytes !== undefined && { totalBytes: Math.max(totalBytes, doneBytes) }),
});

const laterPass = (pass: number): Progress => ({ message: `copying what changed, pass ${pass}:` });

const ofStream = /^(?:stream (\d) )?(.*)$/;

const sum = (all: readonly { readonly doneBytes: number; readonly bytesPerSecond: number }[]) => ({
  doneBytes: all.reduce((total, { doneBytes }) => total + doneBytes, 0),
  bytesPerSecond: all.reduce((total, { bytesPerSecond }) => total + bytesPerSecond, 0),
});

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
