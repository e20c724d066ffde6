import type { HostReader } from './host.ts';
import { parseFile, readFile } from './queries/files.ts';

/** The text of a file on a host; empty where there is no such file. */
export const readText = async (host: Pick<HostReader, 'read'>, path: string): Promise<string> =>
  parseFile(await host.read(readFile(path))) ?? '';
