import type { Dataset } from './design.ts';
import type { Finding } from './finding.ts';
import type { HostFacts } from './inventory.ts';
import { bytes } from './report/units.ts';

/** For what is written besides: scripts' words, and how containers start again. */
const alwaysBytes = 64e6;
const alwaysFiles = 100;

/** What a line of a manifest takes up at the most, twice: a list is renewed beside the one before. */
const entryBytes = 512;

/** Whether /var/lib/ecsodus has room for what a migration keeps there besides snapshots. In the freeze it would be too late. */
export function fullSource(
  datasets: readonly Dataset[],
  { freeBytes, freeFiles, hostname }: Pick<HostFacts, 'freeBytes' | 'freeFiles' | 'hostname'>,
): Finding[] {
  const needed = alwaysBytes + datasets.reduce((sum, { files }) => sum + files * entryBytes, 0);
  if (needed <= freeBytes && alwaysFiles <= freeFiles) return [];
  const free = freeBytes < needed ? bytes(freeBytes) : `no more than ${freeFiles} names`;
  return [
    {
      level: 'blocker',
      code: 'source-full',
      subject: hostname,
      message: `/var/lib/ecsodus holds the lists of the data for its proof, and how containers start again. They need ${bytes(needed)}, and ${free} are free.`,
      remedy:
        'Make room. See what takes it, on the source: sudo du -xh / | sort -h | tail -n 30; sudo docker system df',
    },
  ];
}
