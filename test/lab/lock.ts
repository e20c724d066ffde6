import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One holder at a time on this machine. The lock is flock's, so it goes with its holder, however that ends. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const holder = spawn('flock', [path, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  holder.stdout.resume();
  await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
  if (holder.exitCode !== null) throw new Error(`cannot lock ${path}`);
  try {
    return await work();
  } finally {
    const released = once(holder, 'exit');
    holder.stdin.end();
    await released;
  }
}
