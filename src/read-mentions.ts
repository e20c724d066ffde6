import { isHostPath } from './ecs/host-paths.ts';
import type { HostReader } from './host.ts';
import type { Container, Mention } from './inventory.ts';
import { mentions, parseMentions } from './queries/mentions.ts';

/** Which of these names and addresses stand in a container's bind-mounted configuration files. */
export async function readMentions(
  source: HostReader,
  { inspect }: Pick<Container, 'inspect'>,
  words: readonly string[],
): Promise<Mention[]> {
  const binds = inspect.Mounts.filter(({ Type, Source }) => Type === 'bind' && !isHostPath(Source));
  const found = await Promise.all(
    binds.map(async ({ Source }) => parseMentions(await source.read(mentions(Source, words)), words)),
  );
  return found.flat();
}
