import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

/** Containers on record as stopped for a snapshot, one a line, where `directory` holds such records. */
export const heldContainers = (directory: string): Query =>
  query(sh`for record in ${directory}/*; do
  if [ -f "$record" ]; then sed -n 's/^stop[a-z]* [^ ]* //p' "$record"; fi
done | sort -u`);

export const parseHeld = (text: string): string[] => text.split('\n').filter((line) => line !== '');
