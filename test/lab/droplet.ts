import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { type Host, hostDir, inHost, startHost, stopHost, waitForDocker, waitForSsh } from './host.ts';
import { makeContexts } from './images.ts';
import type { Lab } from './lab.ts';
import { authorize, logins, sudoPassword } from './login.ts';
import { registryEntry, trustRegistry } from './registry.ts';
import { cached } from './rootfs.ts';
import { installStack, stackKey, waitForSites } from './stack.ts';

export type Bare = Pick<Lab, 'name' | 'dir' | 'droplet' | 'registry'>;

/** Written anew at each start: never part of what the cache keeps. */
const perLab = ['etc/hosts', 'etc/ssh/ssh_host_*', 'etc/docker', 'root/.ssh', 'home/*/.ssh', 'var/log/*.log'];

/** Its first program and what that starts. */
export const dropletBoot = ['lab-init', 'ssh', 'docker'];

const systemctl = join(import.meta.dirname, 'droplet/systemctl');

/** Boots the droplet with its stack, which comes back by its own restart policies as after any reboot. */
export async function startDroplet(lab: Bare): Promise<Host> {
  const kept = await cached(`droplet-${await stackKey()}`, 'the droplet with its stack', (path) => build(lab, path));
  const dir = hostDir(lab.name, 'droplet');
  await mkdir(dir, { recursive: true });
  await run(['cp', '-a', '--reflink=auto', join(kept, 'upper'), join(kept, 'docker'), dir]);
  const host = await boot(lab);
  await waitForSites(lab.droplet.address, 60_000);
  await waitForSsh(host);
  return host;
}

/** The droplet with nothing on it; its Docker may not answer yet. */
export async function boot(lab: Bare): Promise<Host> {
  return startHost({
    lab: lab.name,
    name: 'droplet',
    address: lab.droplet.address,
    hosts: registryEntry(lab.registry),
    prepare: async (root) => {
      await run(['chroot', root, 'sh', '-s'], { input: addUsers });
      for (const user of Object.values(logins)) await authorize(root, user, lab.dir);
      await trustRegistry(root, lab.registry);
      await copyFile(systemctl, join(root, 'usr/bin/systemctl'));
      await chmod(join(root, 'usr/bin/systemctl'), 0o755);
    },
    boot: dropletBoot,
  });
}

/** Makes the stack once, on this lab's own droplet, and keeps its files after a clean end. */
async function build(lab: Bare, path: string): Promise<void> {
  const dir = hostDir(lab.name, 'droplet');
  const contexts = join(lab.dir, 'build');
  const [host] = await Promise.all([boot(lab), makeContexts(contexts)]);
  await waitForDocker(host);
  await installStack(host, contexts);
  await waitForSites(lab.droplet.address, 120_000);
  // Ended by a signal to dockerd, containers keep their wish to run; `docker stop` would take it from them.
  await inHost(host, ['lab-service', 'stop', 'docker']);
  await stopHost(host);
  await run(['sh', '-c', `cd "$1" && rm -rf ${perLab.join(' ')}`, 'sh', join(dir, 'upper')]);
  await mkdir(path, { recursive: true });
  await run(['mv', join(dir, 'upper'), join(dir, 'docker'), path]);
  for (const left of [dir, contexts]) await rm(left, { recursive: true, force: true });
}

const addUsers = `set -eu
id deploy >/dev/null 2>&1 && exit
useradd -m -s /bin/bash -G docker deploy
echo 'deploy ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/deploy
chmod 440 /etc/sudoers.d/deploy
useradd -m -s /bin/bash -G sudo careful
echo 'careful:${sudoPassword}' | chpasswd
useradd -m -s /bin/bash nobody-special
`;
