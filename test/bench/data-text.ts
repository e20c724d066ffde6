import type { DataResult, Freeze } from './data.ts';

const columns = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
    .join('  ');

const s = (seconds: number): string => `${seconds.toFixed(1)} s`;
const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const times = (ratio: number): string => ratio.toFixed(2);

const freezeWidths = [22, 9, 9, 11, 9];
const copyWidths = [28, 7, 9, 10, 14, 10];

/** The figures as tables, ratios in their last columns. */
export function dataText({ freeze, plainWay, firstCopy, innodb }: DataResult): string {
  const smallest = freeze[0]?.seconds ?? Number.NaN;
  return [
    columns(['freeze', 'seconds', 'ratio', 'plain way', 'ratio'], freezeWidths),
    ...freeze.map(({ bytes, seconds }, index) => {
      const plain = plainWay[index]?.seconds ?? Number.NaN;
      return columns(
        [mb(bytes), s(seconds), times(seconds / smallest), s(plain), times(plain / seconds)],
        freezeWidths,
      );
    }),
    columns([`InnoDB, ${mb(innodb.bytes)}`, s(innodb.seconds)], freezeWidths),
    '',
    'what a freeze is made of',
    ...freeze.map(made),
    made(innodb),
    '',
    columns(['first copy', 'relay', 'ecsodus', 'rsync -az', 'tar | ssh tar', 'ratio'], copyWidths),
    ...firstCopy.map(({ dataset, relayMs, seconds, peers, ratioToBestPeer }) =>
      columns(
        [dataset, `${relayMs} ms`, s(seconds), ...Object.values(peers).map(s), times(ratioToBestPeer)],
        copyWidths,
      ),
    ),
  ].join('\n');
}

const made = ({ bytes, parts, mib }: Freeze): string => {
  const said = Object.entries(parts).map(([part, seconds]) => `${part} ${seconds.toFixed(2)}`);
  return `${mb(bytes).padStart(8)}  ${said.join(', ')}; ${mib.toFixed(0)} MiB in the operator's process`;
};
