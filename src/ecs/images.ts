import type { WantedImage } from '../design.ts';
import type { Container, Image } from '../inventory.ts';
import type { OutsideVolumes } from './workload.ts';

interface ImageSettings {
  readonly name: string;
  readonly registry: string;
  readonly outsideVolumes?: Readonly<Record<string, OutsideVolumes>> | undefined;
}

/** Every image the moved containers need, once. The tag is cut from the image id, so a tag that exists is the same image. */
export function wantedImages(
  containers: readonly Container[],
  images: readonly Image[],
  settings: ImageSettings,
): WantedImage[] {
  const isCommitted = ({ name }: Container) => settings.outsideVolumes?.[name] === 'commit';
  const plain = containers.filter((container) => !isCommitted(container));
  const first = new Map([...plain].reverse().map((container) => [container.imageId, container]));
  return [
    ...[...first.values()].reverse().map((container) => wantedImage(container, images, settings)),
    ...containers.filter(isCommitted).map((container) => committed(container, images, settings)),
  ];
}

function wantedImage({ imageId, imageName }: Container, images: readonly Image[], to: ImageSettings): WantedImage {
  const image = images.find(({ id }) => id === imageId);
  const repository = `${to.name}/${repositoryPart(imageName, image?.tags ?? [])}`;
  const tag = shortId(imageId);
  return { id: imageId, repository, tag, reference: `${to.registry}/${repository}:${tag}`, bytes: image?.bytes ?? 0 };
}

/** §0: what the container wrote, as a layer on top of its image. */
function committed(container: Container, images: readonly Image[], to: ImageSettings): WantedImage {
  const image = wantedImage(container, images, to);
  const tag = `${image.tag}-${shortId(container.id)}`;
  return {
    ...image,
    committedFrom: container.name,
    tag,
    reference: `${to.registry}/${image.repository}:${tag}`,
    bytes: image.bytes + container.writableBytes,
  };
}

const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/** The image that a container starts from on ECS. */
export const imageFor = ({ imageId, name }: Container, wanted: readonly WantedImage[]): WantedImage | undefined =>
  wanted.find(({ committedFrom }) => committedFrom === name) ??
  wanted.find(({ id, committedFrom }) => id === imageId && committedFrom === undefined);

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
