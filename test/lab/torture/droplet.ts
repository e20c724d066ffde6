import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bare, boot } from '../droplet.ts';
import { type Host, inHost, waitForDocker, waitForSsh } from '../host.ts';
import { script } from './stack.ts';

const image = join(import.meta.dirname, 'image');
const programs = ['sh', 'httpd', 'wget', 'sleep', 'true', 'cat', 'id', 'ls', 'env', 'nslookup'];

/** A droplet with the torture stack on it, made anew each time: it takes seconds. */
export async function startTorture(lab: Bare): Promise<Host> {
  const host = await boot(lab);
  await Promise.all([waitForDocker(host).then(() => install(host)), waitForSsh(host)]);
  return host;
}

async function install(host: Host): Promise<void> {
  await makeBusybox(host);
  const { code, stdout, stderr } = await inHost(host, ['sh', '-s'], { input: script });
  if (code !== 0) throw new Error(`the torture stack on ${host.name}: exit ${code}\n${stdout}${stderr}`);
}

/** One static program under the names that are used, and what says who a container is. */
async function makeBusybox(host: Host): Promise<void> {
  const context = join(host.root, 'root/torture');
  const root = join(context, 'busybox');
  for (const dir of ['bin', 'www/cgi-bin', 'tmp', 'etc', 'srv']) await mkdir(join(root, dir), { recursive: true });
  await cp(image, context, { recursive: true });
  await cp(join(host.root, 'bin/busybox'), join(root, 'bin/busybox'));
  for (const program of programs) await symlink('busybox', join(root, 'bin', program));
  const script = `set -e; cd /root/torture; chmod 755 serve who; cp serve busybox/bin; cp who busybox/www/cgi-bin; echo here >busybox/www/index.html
    chmod 1777 busybox/tmp; tar -C busybox -c . | docker import -c 'ENV PATH=/bin' - torture/busybox; rm -r busybox`;
  const { code, stderr } = await inHost(host, ['sh', '-c', script]);
  if (code !== 0) throw new Error(`torture/busybox: ${stderr}`);
}
