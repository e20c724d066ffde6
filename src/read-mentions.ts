import { isHostPath } from './ecs/host-paths.ts';
import type { HostReader } from './host.ts';
import type { Container, Mention } from './inventory.ts';
import { mentions, parseMentions } from './queries/mentions.ts';
import { readAll } from './read-all.ts';

/** Which of a container's `words`, names and addresses, stand in its bind-mounted configuration files; by container. */
export async function readMentions<C extends Pick<Container, 'inspect'>>(
  source: HostReader,
  containers: readonly C[],
  words: (container: C) => readonly string[],
): Promise<Mention[][]> {
  const asked = containers.flatMap((container) =>
    container.inspect.Mounts.filter(({ Type, Source }) => Type === 'bind' && !isHostPath(Source)).map(({ Source }) => ({
      container,
      path: Source,
      words: words(container),
    })),
  );
  const texts = await readAll(
    source,
    asked.map((each) => mentions(each.path, each.words)),
  );
  const found = asked.map((each, index) => ({
    of: each.container,
    all: parseMentions(texts[index] ?? '', each.words),
  }));
  return containers.map((container) => found.filter(({ of }) => of === container).flatMap(({ all }) => all));
}
