import type { Design } from '../design.ts';
import type { Finding } from '../finding.ts';
import type { Inventory } from '../inventory.ts';
import type { EcsNames } from './ecs-names.ts';
import type { Surroundings } from './surroundings.ts';

/** A finding about the host, and the lines that settle it where they stand in `instance.setup`. */
export interface Noticed extends Finding {
  readonly setup?: string;
}

/** What the rules look at. */
export interface Scene {
  readonly inventory: Inventory;
  readonly around: Surroundings;
  readonly workloads: Design['workloads'];
  readonly names: EcsNames;
}

/** A file as a shell script writes it; the delimiter is in no text of ours. */
export const writeFile = (path: string, text: string): string => `cat >${path} <<'ECSODUS'\n${text}\nECSODUS`;
