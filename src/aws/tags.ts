import { MigrationError } from '../errors.ts';
import type { Tags } from './aws.ts';
import { isOurs, migrationTag, notOurs } from './ours.ts';

/** EC2, SSM, ECR and IAM say Key and Value … */
export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** … ECS says key and value. */
export const ecsTagList = (tags: Tags): { key: string; value: string }[] =>
  Object.entries(tags).map(([key, value]) => ({ key, value }));

export const ecsTagsFrom = (
  list: readonly { key?: string | undefined; value?: string | undefined }[] | undefined,
): Tags => tagsFrom((list ?? []).map(({ key, value }) => ({ Key: key, Value: value })));

export const tagsFrom = (list: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): Tags =>
  Object.fromEntries((list ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));

/** EC2's names are tags, and any number of resources may carry one. */
export const byName = (name: string): { Name: string; Values: string[] } => ({ Name: 'tag:Name', Values: [name] });

/** Ours among those that carry its name. Two of ours: nobody but the operator can say which one has the data. */
export function onlyOne<T extends { readonly id: string; readonly tags: Tags }>(
  found: readonly T[],
  kind: string,
  name: string,
): T | undefined {
  const ours = found.filter(({ tags }) => isOurs(name, tags));
  if (ours.length === 0 && found[0]) throw notOurs(`${kind} ${name} (${found[0].id})`, found[0].tags);
  if (ours.length <= 1) return ours[0];
  const ids = ours.map(({ id }) => id).join(', ');
  throw new MigrationError('ambiguous', `There are ${ours.length} ${kind}s called ${name}: ${ids}.`, {
    hint: `Keep one. Take the tag off the others: aws ec2 delete-tags --resources <id> --tags Key=${migrationTag}`,
  });
}
