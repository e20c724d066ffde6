import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskDefinition } from './moto-state.ts';

const periodUs = 100_000;
const controllers = '/sys/fs/cgroup';

/** The cgroup that all containers of a task are in. `root` is the host's own, in which the lab finds and removes it. */
export const taskCgroup = (root: string, taskArn: string): string =>
  `${root}/ecstasks-${taskArn.split('/').at(-1)}.slice`;

/** Task `cpu` is a cap on the whole task, task `memory` its limit; the agent knows no other. */
export async function makeTaskCgroup(cgroup: string, { cpu, memory }: TaskDefinition): Promise<void> {
  const limits: readonly (readonly [controller: string, file: string, value: number | undefined])[] = [
    ['cpu', 'cpu.cfs_period_us', cpu === null ? undefined : periodUs],
    ['cpu', 'cpu.cfs_quota_us', cpu === null ? undefined : (units(cpu) / 1024) * periodUs],
    ['memory', 'memory.limit_in_bytes', memory === null ? undefined : units(memory) * 1024 ** 2],
  ];
  for (const [controller, file, value] of limits) {
    const directory = join(controllers, controller, cgroup);
    await mkdir(directory, { recursive: true });
    if (value !== undefined) await writeFile(join(directory, file), String(Math.round(value)));
  }
}

/** Once its containers are gone. What Docker made of it in other controllers goes with the host. */
export async function removeTaskCgroup(cgroup: string): Promise<void> {
  for (const controller of ['cpu', 'memory']) await rmdir(join(controllers, controller, cgroup)).catch(() => {});
}

/** "512", "0.5 vCPU", "1 GB". */
function units(text: string): number {
  const number = Number.parseFloat(text);
  return /[a-z]/i.test(text) ? number * 1024 : number;
}
