import { MigrationError } from '../errors.ts';
import type { Tags } from './aws.ts';

/** The tag every EC2 resource of ours carries; what lacks it is somebody else's, whatever its name. */
const migrationTag = 'ecsodus:migration';

/** EC2, SSM, ECR and IAM say Key and Value … */
export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** … ECS says key and value. */
export const ecsTagList = (tags: Tags): { key: string; value: string }[] =>
  Object.entries(tags).map(([key, value]) => ({ key, value }));

export const tagsFrom = (list: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): Tags =>
  Object.fromEntries((list ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));

/** Finds ours by its Name tag. */
export const oursByName = (name: string): { Name: string; Values: string[] }[] => [
  { Name: 'tag:Name', Values: [name] },
  { Name: 'tag-key', Values: [migrationTag] },
];

/** Two with one name: nobody but the operator can say which one has the data. */
export function onlyOne<T extends { readonly id: string }>(
  found: readonly T[],
  kind: string,
  name: string,
): T | undefined {
  if (found.length <= 1) return found[0];
  const ids = found.map(({ id }) => id).join(', ');
  throw new MigrationError('ambiguous', `There are ${found.length} ${kind} called ${name}: ${ids}.`, {
    hint: 'Keep one. Take the tag off the others: aws ec2 delete-tags --resources <id> --tags Key=ecsodus:migration',
  });
}
