import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt } from './command.ts';
import { type Host, inHost } from './host.ts';
import { buildImages, stackDir } from './images.ts';
import { until } from './processes.ts';
import { keyOf, rootfsKey } from './rootfs.ts';

/** The pages by which the stack is known: the same before and after a move. */
export const sites = [
  { host: 'blog.example.test', paths: ['/', '/count', '/posts/1', '/posts/52000', '/uploads/photo-001.jpg'] },
  { host: 'static.example.test', paths: ['/', '/pages/7.html', '/downloads/ten-megabytes.bin'] },
] as const;

/** Changes with anything the stack is made of. */
export async function stackKey(): Promise<string> {
  const entries = await readdir(stackDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.sort().map(async (path) => [path.slice(stackDir.length), await text(path)]));
  return keyOf({ rootfsKey, contents });
}

/** From an empty Docker to the whole stack, started; `contexts` as `makeContexts` left them. */
export async function installStack(host: Host, contexts: string): Promise<void> {
  await buildImages(host, contexts);
  await mkdir(join(host.root, 'srv/proxy/nginx'), { recursive: true });
  await copyFile(join(stackDir, 'proxy/nginx/sites.conf'), join(host.root, 'srv/proxy/nginx/sites.conf'));
  await mustInHost(host, ['bash', '-s', '/srv/static/www'], 'www.sh');
  await mustInHost(host, ['docker', 'volume', 'create', 'blog-uploads']);
  await mustInHost(host, ['bash', '-s', '/var/lib/docker/volumes/blog-uploads/_data'], 'uploads.sh');
  await mustInHost(host, ['sh', '-s'], 'run.sh');
}

/** Waits until the first page of every site answers at the droplet's address. */
export async function waitForSites(address: string, timeoutMs: number): Promise<void> {
  for (const { host } of sites) {
    await until(`http://${host}/ on ${address}`, timeoutMs, async () => {
      const { code } = await attempt([
        'curl',
        '-sf',
        '-m',
        '5',
        '-o',
        '/dev/null',
        '-H',
        `Host: ${host}`,
        `http://${address}/`,
      ]);
      return code === 0 ? true : undefined;
    });
  }
}

async function mustInHost(host: Host, argv: readonly string[], script?: string): Promise<void> {
  const input = script ? { input: await text(join(stackDir, script)) } : {};
  const { code, stdout, stderr } = await inHost(host, argv, input);
  if (code !== 0) throw new Error(`${script ?? argv.join(' ')} on ${host.name}: exit ${code}\n${stdout}${stderr}`);
}

const text = (path: string): Promise<string> => readFile(path, 'utf8');
