import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { installPackages } from './debian.ts';
import { enterHost, type Host, withTree } from './host.ts';
import { baseRoot } from './rootfs.ts';

export const stackDir = join(import.meta.dirname, 'stack');

const tags: Readonly<Record<string, string>> = {
  blog: 'example/blog:1.4.2',
  cache: 'example/redis:7',
  db: 'example/mariadb:10.11',
  proxy: 'example/nginx:1.22',
  static: 'example/static:1',
};

/** Not part of an image: what apt needs and leaves, and what the build put in to keep services from starting. */
const excluded = [
  'etc/resolv.conf',
  'var/lib/apt/lists/*',
  'var/cache/*',
  'var/log/apt',
  'var/log/*.log',
  'proc/*',
  'tmp/*',
  'run/*',
];
const tarOptions = ['--numeric-owner', '--xattrs', '--anchored', ...excluded.map((path) => `--exclude=./${path}`)];

/**
 * Builds each image's context: its files and, as a layer, its Debian packages on top of the minimal Debian.
 * Nothing reaches Debian from inside a host, so packages are installed out here.
 */
export async function makeContexts(dir: string): Promise<void> {
  const packages: Record<string, string[]> = JSON.parse(await readFile(join(stackDir, 'packages.json'), 'utf8'));
  const base = await baseRoot();
  for (const [name, wanted] of Object.entries(packages)) await makeContext(base, dir, name, wanted);
}

/** Builds the images with the droplet's own Docker, without a network. */
export async function buildImages(host: Host, dir: string): Promise<void> {
  const docker = `${enterHost(host).join(' ')} docker`;
  const base = ['sh', '-c', `tar "$@" . | ${docker} import --change 'CMD ["/bin/sh"]' - debian-base:12`, 'sh'];
  await run([...base, ...tarOptions, '-C', await baseRoot(), '-c']);
  for (const [name, tag] of Object.entries(tags)) {
    await run(['sh', '-c', `tar -C "$1" -c . | ${docker} build --network none -t "$2" -`, 'sh', join(dir, name), tag]);
  }
}

async function makeContext(base: string, dir: string, name: string, packages: readonly string[]): Promise<void> {
  const layer = join(dir, 'layers', name);
  const context = join(dir, name);
  for (const path of [context, ...['upper', 'work', 'root'].map((part) => join(layer, part))])
    await mkdir(path, { recursive: true });
  await withTree(base, layer, (root) => installPackages(root, packages));
  const upper = join(layer, 'upper');
  await run(['find', upper, '-type', 'c', '-delete']);
  await run(['tar', ...tarOptions, '-C', upper, '-c', '-f', join(context, 'packages.tar'), '.']);
  await run(['rm', '-rf', layer]);
  for (const entry of await readdir(join(stackDir, name), { withFileTypes: true })) {
    if (entry.isFile()) await copyFile(join(stackDir, name, entry.name), join(context, entry.name));
  }
}
