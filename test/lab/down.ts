import { readFile } from 'node:fs/promises';
import { attempt, run } from './command.ts';
import { removeCgroups } from './host.ts';
import { volumesDir } from './instances-disks.ts';
import { labDir, lockPath } from './lab.ts';
import { withLock } from './lock.ts';
import { netnsOf, removeNetwork } from './network.ts';
import { endProcesses } from './processes.ts';

/** Takes a lab down; waits for one that is just coming up. */
export const down = (name: string): Promise<void> => withLock(lockPath(name), () => clean(name));

/**
 * Removes all there is of a lab, however far it came up and however it ended: works from what the kernel has, by the lab's
 * mark and names, not from its record.
 */
export async function clean(name: string): Promise<void> {
  const dir = labDir(name);
  await endProcesses(name);
  for (const mounted of await mountsUnder(dir)) {
    if (mounted === volumesDir(dir)) await detachDisks(mounted);
    await run(['umount', '--lazy', mounted]);
  }
  await removeNetwork(name);
  await removeCgroups(netnsOf(name, ''));
  await run(['rm', '-rf', '--one-file-system', dir]);
}

/** Deepest first. */
async function mountsUnder(dir: string): Promise<readonly string[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const paths = mounts.map((line) => (line.split(' ')[4] ?? '').replaceAll('\\040', ' '));
  return paths.filter((path) => path.startsWith(`${dir}/`)).reverse();
}

async function detachDisks(dir: string): Promise<void> {
  const { stdout } = await attempt(['losetup', '--list', '--noheadings', '--output', 'NAME,BACK-FILE']);
  const disks = stdout.split('\n').flatMap((line) => {
    const [device, file] = line.split(/\s+/);
    return device && file?.startsWith(`${dir}/`) ? [device] : [];
  });
  for (const device of disks) await run(['losetup', '--detach', device]);
}
