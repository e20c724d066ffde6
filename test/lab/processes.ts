import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { labDir } from './lab.ts';

/** In the environment of every process a lab starts, and of theirs: it says whose they are, whatever is on record. */
const mark = 'ECSODUS_LAB_PROCESS';

/** Marks every process started meanwhile: if we are killed half-way, `down` finds what we left running. */
export async function marked<T>(lab: string, work: () => Promise<T>): Promise<T> {
  process.env[mark] = labDir(lab);
  try {
    return await work();
  } finally {
    delete process.env[mark];
  }
}

/** Starts a program that outlives us, with its output in a file. */
export function startProcess(lab: string, argv: readonly string[], log: string, env = process.env): number {
  const [file = '', ...args] = argv;
  const output = openSync(log, 'a');
  const child = spawn(file, args, {
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...env, [mark]: labDir(lab) },
  });
  child.on('error', (error) => process.stderr.write(`lab: ${file}: ${error.message}\n`));
  child.unref();
  if (!child.pid) throw new Error(`${file} did not start`);
  return child.pid;
}

/** True while the process runs and is this lab's: a number used again by the kernel is not. */
export async function isOurs(lab: string, pid: number): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return environment.split('\0').includes(`${mark}=${labDir(lab)}`);
}

export async function labProcesses(lab: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const ours = await Promise.all(pids.map((pid) => isOurs(lab, pid)));
  return pids.filter((pid, index) => ours[index] && pid !== process.pid);
}

/** Ends every process of a lab. A host's own go with its first one, which carries the mark. */
export async function endProcesses(lab: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (let pids = await labProcesses(lab); pids.length > 0; pids = await labProcesses(lab)) {
    if (Date.now() > deadline) throw new Error(`processes ${pids.join(', ')} of lab ${lab} do not end`);
    for (const pid of pids) endProcess(pid);
    await sleep(30);
  }
}

export function endProcess(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Polls until the answer is there; the wait's subject goes into the message. */
export async function until<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(40);
  }
  throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
}

export const logPath = (lab: string, name: string): string => join(labDir(lab), `${name}.log`);
