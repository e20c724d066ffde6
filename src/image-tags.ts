import type { Change, ReadContext } from './step.ts';

export interface UntagImage extends Change {
  readonly kind: 'untag';
  readonly reference: string;
}

/** The tags that push-images gave; never the last one of an image, which would remove it. */
export async function pushedTags({ source, design }: Pick<ReadContext, 'source' | 'design'>): Promise<UntagImage[]> {
  const found = await Promise.all(
    design.images.map(async ({ reference }) => ({ reference, image: await source.docker.inspectImage(reference) })),
  );
  return found
    .filter(({ image }) => image !== undefined && (image.RepoTags as readonly string[] | null)?.some(isOther(found)))
    .map(({ reference }) => ({
      id: `untag:${reference}`,
      kind: 'untag',
      verb: 'delete',
      target: `tag ${reference} on the source`,
      reason: 'it was for the push; the image keeps its own',
      reference,
    }));
}

const isOther =
  (ours: readonly { readonly reference: string }[]) =>
  (tag: string): boolean =>
    !ours.some(({ reference }) => reference === tag);
