import { runsDatabase, settingsInFile } from './ecs/database-memory.ts';
import type { HostReader } from './host.ts';
import type { Container, DatabaseMemory } from './inventory.ts';
import { databaseFiles, parseDatabaseFiles } from './queries/database-files.ts';

/** What the configuration files that a container mounts tell its database about memory. */
export async function readDatabaseMemory(
  source: HostReader,
  container: Pick<Container, 'imageName' | 'inspect'>,
): Promise<readonly DatabaseMemory[]> {
  const paths = container.inspect.Mounts.filter(({ Source }) => Source.startsWith('/')).map(({ Source }) => Source);
  if (paths.length === 0 || !runsDatabase(container)) return [];
  const files = parseDatabaseFiles(await source.read(databaseFiles(paths)));
  return files.flatMap(({ file, lines }) => settingsInFile(container, file, lines));
}
