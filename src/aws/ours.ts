import { MigrationError } from '../errors.ts';
import type { Finding } from '../finding.ts';
import { namesOf } from '../names.ts';
import type { RegisteredDefinition, Tags } from './aws.ts';

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

/** Families are named after workloads alone, and whoever goes by the newest revision of theirs would get ours. */
export const foreignFamilies = (found: RegisteredFamilies, migration: string): Finding[] =>
  Object.entries(found)
    .filter(([, definition]) => definition && definition.tags[migrationTag] !== migration)
    .map(([subject, definition]) => ({
      level: 'blocker',
      code: 'family-taken',
      subject,
      message: `The account has a task definition ${subject} already, which ${whose(definition?.tags ?? {})}: a revision of ours would become its newest.`,
      remedy: `Give the workload another name in ecsodus.yaml: workloads: {<name>: [<its containers>]}. Its revisions: aws ecs list-task-definitions --family-prefix ${subject}`,
    }));

/** The newest active definition by family; undefined where there is none. */
export type RegisteredFamilies = Readonly<Record<string, RegisteredDefinition | undefined>>;

const whose = (tags: Tags): string => {
  const owner = tags[migrationTag];
  return owner === undefined ? `has no tag ${migrationTag}` : `is of the migration "${owner}"`;
};

export function notOurs(what: string, tags: Tags): MigrationError {
  return new MigrationError(
    'not-ours',
    `There is the ${what} already, which this migration has not made: it ${whose(tags)}.`,
    {
      hint: `Give this migration another "name" in ecsodus.yaml, then: ecsodus plan. Where it is this one's all the same, give it its tag ${migrationTag} back.`,
    },
  );
}
