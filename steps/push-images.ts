import type { WantedImage } from '../src/design.ts';
import { withRegistry } from '../src/docker/with-registry.ts';
import type { HostWriter } from '../src/host.ts';
import { tagsOf } from '../src/names.ts';
import { asStep, type Change, type ReadContext } from '../src/step.ts';

type ImageChange = Change & { readonly image: WantedImage } & {
  readonly kind: 'repository' | 'commit' | 'tag' | 'push';
};

/** Images go to the registry straight from the source's own engine; what is there already is not sent again. */
export const pushImages = asStep<ImageChange>({
  id: 'push-images',
  title: 'Push the images to the registry',
  needs: ['inventory'],

  plan: async (context) => {
    const missing = await missingImages(context);
    const repositories = await missingRepositories(missing, context);
    const unnamed = await withoutName(missing, context);
    return {
      changes: [
        ...repositories.map(createRepository),
        ...missing.flatMap((image) => [...(unnamed.includes(image) ? [naming(image)] : []), push(image)]),
      ],
      outputs: {},
      findings: [],
    };
  },

  apply: async (change, { aws, source, config, progress, signal }) => {
    const { image } = change;
    if (change.kind === 'repository') return aws.createRepository(image.repository, tagsOf(config.name, change.id));
    if (change.kind === 'commit') return commitOnce(image, source);
    if (change.kind === 'tag') return source.docker.tag(image.id, image.reference.replace(/:[^:/]*$/, ''), image.tag);
    const onSent = (sent: object) => progress({ message: 'pushing', ...sent });
    return withRegistry(aws, (credentials) => source.docker.push(image.reference, credentials, onSent, signal), signal);
  },

  verify: async (context) => {
    const missing = await missingImages(context);
    return context.design.images.map((image) =>
      missing.includes(image)
        ? { name: `image ${image.repository}`, status: 'fail', reason: `${image.reference} is not in the registry` }
        : { name: `image ${image.repository}`, status: 'ok', reason: image.reference },
    );
  },
});

async function missingImages({ source, aws, design }: ReadContext): Promise<WantedImage[]> {
  const held = await Promise.all(
    design.images.map(({ reference }) =>
      withRegistry(aws, (credentials) => source.docker.registryHas(reference, credentials)),
    ),
  );
  return design.images.filter((_, index) => !held[index]);
}

async function missingRepositories(images: readonly WantedImage[], { aws }: ReadContext): Promise<WantedImage[]> {
  const first = images.filter(
    ({ repository }, index) => images.findIndex((other) => other.repository === repository) === index,
  );
  const there = await Promise.all(first.map(({ repository }) => aws.hasRepository(repository)));
  return first.filter((_, index) => !there[index]);
}

/** Those that the source's engine does not know by the name they are pushed under. */
async function withoutName(images: readonly WantedImage[], { source }: ReadContext): Promise<WantedImage[]> {
  const tagged = await Promise.all(
    images.map(async ({ reference }) => (await source.docker.inspectImage(reference)) !== undefined),
  );
  return images.filter((_, index) => !tagged[index]);
}

/** What was committed stays as it was: a second image under one tag would be another than the one that was pushed. */
async function commitOnce({ committedFrom, reference }: WantedImage, source: HostWriter): Promise<void> {
  if (committedFrom === undefined || (await source.docker.inspectImage(reference)) !== undefined) return;
  await source.docker.commit(committedFrom, reference);
}

const naming = (image: WantedImage): ImageChange =>
  image.committedFrom === undefined ? tag(image) : commit(image, image.committedFrom);

const commit = (image: WantedImage, container: string): ImageChange => ({
  id: `commit:${container}`,
  kind: 'commit',
  verb: 'create',
  target: `image ${image.reference} on the source`,
  reason: `what ${container} wrote outside of its volumes, on top of its image; ${container} is paused meanwhile`,
  image,
});

const createRepository = (image: WantedImage): ImageChange => ({
  id: `repository:${image.repository}`,
  kind: 'repository',
  verb: 'create',
  target: `repository ${image.repository}`,
  reason: 'the registry has none of that name',
  image,
});

const tag = (image: WantedImage): ImageChange => ({
  id: `tag:${image.repository}:${image.tag}`,
  kind: 'tag',
  verb: 'create',
  target: `tag ${image.reference} on the source`,
  reason: 'an engine pushes by tag',
  image,
});

const push = (image: WantedImage): ImageChange => ({
  id: `push:${image.repository}:${image.tag}`,
  kind: 'push',
  mayStop: true,
  verb: 'copy',
  target: image.reference,
  reason: 'the registry does not hold this image yet',
  bytes: image.bytes,
  image,
});
