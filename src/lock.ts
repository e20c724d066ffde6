import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
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
  for (let tries = 0; !(await create(path, mine)); tries++) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text !== '') await refuseLiving(path, text);
    if (tries > 2) throw new Error(`the lock ${path} cannot be had`);
    await clearAway(path, text);
  }
  return () => rm(path, { force: true });
}

/** The lock appears with its text in it, or not at all: an empty one would be taken for a dead one. */
async function create(path: string, holder: Holder): Promise<boolean> {
  const own = `${path}.${randomUUID()}`;
  try {
    await writeFile(own, JSON.stringify(holder), { mode: 0o600, flush: true });
    await link(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new MigrationError('state-unwritable', `Cannot write ${path}: ${(error as Error).message}`, {
      hint: 'Make room or make it writable, or name another folder with --state-dir DIR.',
      cause: error,
    });
  } finally {
    await rm(own, { force: true }).catch(() => {});
  }
}

/** Takes a dead holder's lock away; one that somebody else has put in its place meanwhile goes back. */
async function clearAway(path: string, dead: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => {});
  const found = await readFile(aside, 'utf8').catch(() => dead);
  if (found !== dead) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

async function refuseLiving(path: string, text: string): Promise<void> {
  const holder = parseHolder(text);
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
