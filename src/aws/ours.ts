import { MigrationError } from '../errors.ts';
import { namesOf } from '../names.ts';
import type { Tags } from './aws.ts';

/** The tag every resource of ours carries from the moment it is made; what lacks it is somebody else's, whatever its name. */
export const migrationTag = 'ecsodus:migration';

/** Whether what has this name was made by the migration that would give it this name. */
export function isOurs(name: string, tags: Tags): boolean {
  const migration = tags[migrationTag];
  if (migration === undefined) return false;
  return (Object.values(namesOf(migration)) as string[]).includes(name) || name.startsWith(`${migration}/`);
}

/** Nothing of somebody else's is taken for ours, and so nothing of theirs is ever changed. */
export function requireOurs(kind: string, name: string, tags: Tags): void {
  if (!isOurs(name, tags)) throw notOurs(`${kind} ${name}`, tags);
}

export function notOurs(what: string, tags: Tags): MigrationError {
  const owner = tags[migrationTag];
  const why = owner === undefined ? `has no tag ${migrationTag}` : `is of the migration "${owner}"`;
  return new MigrationError('not-ours', `There is the ${what} already, which this migration has not made: it ${why}.`, {
    hint: `Give this migration another "name" in ecsodus.yaml, then: ecsodus plan. Where it is this one's all the same, give it its tag ${migrationTag} back.`,
  });
}
