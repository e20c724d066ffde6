import { createHash } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { exists, installPackages, makeDebian, recipe } from './debian.ts';
import { cacheDir } from './lab.ts';
import { withLock } from './lock.ts';

const packages = [
  'acl',
  'attr',
  'busybox-static',
  'ca-certificates',
  'curl',
  'docker.io',
  'e2fsprogs',
  'iproute2',
  'iptables',
  'openssh-client',
  'openssh-server',
  'procps',
  'python3-minimal',
  'rsync',
  'sudo',
  'util-linux',
];

/** Short name of a thing made from this, so that a change makes a new one. */
export const keyOf = (made: unknown): string =>
  createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 12);

export const rootfsKey = keyOf({ recipe, packages });

/** The minimal Debian under everything: hosts and images. */
export const baseRoot = (): Promise<string> =>
  cached(`debian-${keyOf(recipe)}`, 'a minimal Debian', (root) => makeDebian(root));

/** The read-only root file system every lab host boots over. */
export async function hostRoot(): Promise<string> {
  const base = await baseRoot();
  return cached(`host-${rootfsKey}`, 'the hosts\u2019 root file system', async (root) => {
    await run(['cp', '-a', '--reflink=auto', base, root]);
    await installPackages(root, packages);
    await run(['sh', '-c', 'rm -rf "$1"/var/lib/apt/lists/* "$1"/etc/ssh/ssh_host_* "$1"/etc/resolv.conf', 'sh', root]);
  });
}

/** A directory in the cache: made under another name and renamed, so that what is there is whole. */
export async function cached(name: string, what: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = join(cacheDir(), name);
  if (await exists(path)) return path;
  return withLock(join(cacheDir(), 'locks', name), async () => {
    if (await exists(path)) return path;
    const building = `${path}.building`;
    const began = Date.now();
    process.stderr.write(`lab: making ${what} (once) …\n`);
    await run(['rm', '-rf', '--one-file-system', building]);
    await mkdir(cacheDir(), { recursive: true });
    try {
      await make(building);
      await rename(building, path);
    } catch (error) {
      await rm(building, { recursive: true, force: true }).catch(() => {});
      throw error;
    }
    process.stderr.write(`lab: made ${what} in ${Math.round((Date.now() - began) / 1000)} s\n`);
    return path;
  });
}
