import type Docker from 'dockerode';
import type { Json } from './docker.ts';
import { configOnlyArchive } from './image-archive.ts';

/**
 * Commits what a container wrote, as one layer on top of its image, under `reference`; the container is paused meanwhile.
 *
 * `docker commit` alone would put the container's whole environment, labels and command into the image: into its Config
 * (moby merges whatever a given Config leaves out), into `container_config`, and the command into its history. So its
 * image serves for its layers only: the image that stays has those layers with the settings of the image beneath.
 */
export async function commitLayer(docker: Docker, container: string, reference: string): Promise<void> {
  const { Image: base } = await docker.getContainer(container).inspect();
  const beneath = (await docker.getImage(base).inspect()) as unknown as Json;
  const made = (await docker.getContainer(container).commit({ pause: true })) as { readonly Id: string };
  try {
    const { RootFS } = (await docker.getImage(made.Id).inspect()) as unknown as { RootFS: { Layers: string[] } };
    const config = configOf(beneath, RootFS.Layers);
    const answer = await docker.loadImage(configOnlyArchive(config, RootFS.Layers.length, reference) as never);
    await untilLoaded(answer as AsyncIterable<Buffer>);
  } finally {
    await docker.getImage(made.Id).remove({ noprune: true });
  }
}

/** One entry of history a layer: what made them may hold secrets, and registries want as many as there are layers. */
const configOf = ({ Config, Architecture, Variant, Os, Created }: Json, layers: readonly string[]): Json => ({
  architecture: Architecture,
  ...(Variant !== undefined && Variant !== '' && { variant: Variant }),
  os: Os,
  created: Created,
  config: Config,
  history: layers.map(() => ({ created: Created, created_by: 'ecsodus' })),
  rootfs: { type: 'layers', diff_ids: layers },
});

/** The engine answers 200 before it has looked at anything; what went wrong stands in the stream. */
async function untilLoaded(stream: AsyncIterable<Buffer>): Promise<void> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  const failed = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as { readonly error?: string })
    .find(({ error }) => error !== undefined);
  if (failed !== undefined) throw new Error(failed.error);
}
