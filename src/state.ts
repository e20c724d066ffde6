import { createWriteStream } from 'node:fs';
import { access, chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { MigrationError, messageOf } from './errors.ts';

/** The migration's folder on the operator's machine, `.ecsodus/<name>/` (0700). Paths are relative to it. */
export interface StateReader {
  readonly directory: string;
  /** Undefined where there is no such file. */
  readonly read: (file: string) => Promise<string | undefined>;
  readonly has: (file: string) => Promise<boolean>;
}

export interface StateWriter extends StateReader {
  /** Whole-file write, by rename, 0600, on the disk before it returns. */
  readonly write: (file: string, text: string) => Promise<void>;
  /** A file written in pieces, 0600; it appears under its name, on the disk, once it is closed. */
  readonly create: (file: string) => Promise<NewFile>;
  readonly remove: (file: string) => Promise<void>;
}

interface NewFile {
  readonly write: (piece: Buffer) => void;
  readonly close: () => Promise<void>;
}

/** Opens the state folder. Nothing is made before the first write, so that looking leaves no trace. */
export function openState(stateDir: string, migration: string): StateWriter {
  const directory = join(stateDir, migration);
  return {
    directory,
    read: (file) => readIfThere(join(directory, file)),
    has: (file) =>
      access(join(directory, file)).then(
        () => true,
        () => false,
      ),
    write: (file, text) => writeDurably(directory, file, text),
    create: (file) => createDurably(directory, file),
    remove: (file) => rm(join(directory, file), { force: true }),
  };
}

/** Makes the folder, for its owner alone. */
export async function makePrivate(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new MigrationError('state-unreadable', `Cannot read ${path}: ${messageOf(error)}`, {
      hint: `Look at its owner and mode: ls -la ${dirname(path)}`,
      cause: error,
    });
  }
}

async function writeDurably(directory: string, file: string, text: string): Promise<void> {
  await makePrivate(directory);
  const path = join(directory, file);
  try {
    const temporary = `${path}.new`;
    const handle = await open(temporary, 'w', 0o600);
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    await rename(temporary, path);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

async function createDurably(directory: string, file: string): Promise<NewFile> {
  const path = join(directory, file);
  await makePrivate(dirname(path));
  const out = createWriteStream(`${path}.new`, { mode: 0o600, flush: true });
  const ended = finished(out).catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
  ended.catch(() => {}); // told by `close`
  return {
    write: (piece) => out.write(piece),
    close: async () => {
      out.end();
      await ended;
      await rename(`${path}.new`, path);
    },
  };
}

const unwritable = (path: string, cause: unknown): MigrationError =>
  new MigrationError('state-unwritable', `Cannot write ${path}: ${messageOf(cause)}`, {
    hint: 'Make room or make it writable, or name another folder with --state-dir DIR.',
    cause,
  });
