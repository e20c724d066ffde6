import type { WantedImage } from '../design.ts';
import type { Container, Image } from '../inventory.ts';

/** Every image the moved containers need, once. The tag is cut from the image id, so a tag that exists is the same image. */
export function wantedImages(
  containers: readonly Container[],
  images: readonly Image[],
  { name, registry }: { readonly name: string; readonly registry: string },
): WantedImage[] {
  const first = new Map([...containers].reverse().map((container) => [container.imageId, container]));
  return [...first.values()].reverse().map((container) => {
    const image = images.find(({ id }) => id === container.imageId);
    const repository = `${name}/${repositoryPart(container.imageName, image?.tags ?? [])}`;
    const tag = container.imageId.replace(/^sha256:/, '').slice(0, 12);
    return {
      id: container.imageId,
      repository,
      tag,
      reference: `${registry}/${repository}:${tag}`,
      bytes: image?.bytes ?? 0,
    };
  });
}

/** The image's own name without registry, folders, tag and digest, by ECR's rules: a-z, 0-9 and single . _ - between them. */
export function repositoryPart(imageName: string, tags: readonly string[]): string {
  const isId = /^(sha256:)?[0-9a-f]{12,64}$/.test(imageName);
  const named = isId ? (tags[0] ?? '') : imageName;
  const base = named.replace(/@.*$/, '').split('/').at(-1)?.replace(/:.*$/, '') ?? '';
  const clean = base
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/[._-]{2,}/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '');
  return clean === '' ? 'untagged' : clean.slice(0, 128);
}
