import type { Identity } from '../aws/aws.ts';
import type { Config } from '../config.ts';
import type { Design } from '../design.ts';
import { designMigration } from '../ecs/design-migration.ts';
import type { Finding } from '../finding.ts';
import type { HostFacts, Inventory } from '../inventory.ts';

/** What was seen of the source and of AWS, and what becomes of it. */
export interface Sight {
  readonly inventory: Inventory;
  readonly sourceFacts: HostFacts;
  readonly identity: Identity;
  readonly design: Design;
  /** Of all steps. A blocker is one here, accepted or not. */
  readonly findings: readonly Finding[];
}

/** What would become of it with other settings, without another look. */
export const designedAnew = (sight: Sight, config: Config): Sight => ({
  ...sight,
  design: designMigration(sight.inventory, { ...config, ...sight.identity }),
});
