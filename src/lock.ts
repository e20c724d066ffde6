import { open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MigrationError } from './errors.ts';
import { makePrivate } from './state.ts';

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Start time of that process in clock ticks since boot, so that a reused pid is not taken for it. */
  readonly started: string | undefined;
  readonly since: string;
}

/**
 * Takes the migration's lock: one run at a time. A holder that lives is named; one that died on this machine is taken
 * over. Returns the function that lets go.
 */
export async function takeLock(directory: string, now: () => Date): Promise<() => Promise<void>> {
  await makePrivate(directory);
  const path = join(directory, 'lock');
  const mine: Holder = {
    host: hostname(),
    pid: process.pid,
    started: await startOf(process.pid),
    since: now().toISOString(),
  };
  if (!(await create(path, mine))) {
    await refuseLiving(path);
    await rm(path, { force: true });
    if (!(await create(path, mine))) await refuseLiving(path);
  }
  return () => rm(path, { force: true });
}

async function create(path: string, holder: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(JSON.stringify(holder));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new MigrationError('state-unwritable', `Cannot write ${path}: ${(error as Error).message}`, {
      hint: 'Make it writable, or name another folder with --state-dir DIR.',
      cause: error,
    });
  }
}

async function refuseLiving(path: string): Promise<void> {
  const holder = parseHolder(await readFile(path, 'utf8').catch(() => ''));
  if (holder === undefined) return;
  const elsewhere = holder.host !== hostname();
  if (!elsewhere && !(await isAlive(holder))) return;
  throw new MigrationError(
    'locked',
    `Another run holds this migration: process ${holder.pid} on ${holder.host}, since ${holder.since}.`,
    { hint: elsewhere ? `If that run is dead: rm ${path}` : `Wait for it, or end it: kill -INT ${holder.pid}` },
  );
}

function parseHolder(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return started === undefined || (await startOf(pid)) === started;
}

/** Field 22 of /proc/PID/stat (proc(5)); undefined where there is no /proc, as on macOS. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
