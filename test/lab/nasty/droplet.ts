import { type Bare, boot } from '../droplet.ts';
import { type Host, inShell, waitForDocker, waitForSsh } from '../host.ts';
import { runScript } from './describe.ts';

/** Where the volume lies on the droplet, and on the target. */
export const volume = { source: '/var/lib/docker/volumes/nasty/_data', target: '/data/volumes/nasty' } as const;

/** Single files of the host that the container mounts, and where it sees them. */
export const files: Readonly<Record<string, string>> = {
  '/etc/localtime': '/etc/localtime',
  '/etc/keeper.conf': '/etc/keeper.conf',
  '/srv/keeper/its settings.ini': '/settings.ini',
};

/** The kinds may be described and copied by themselves: they are a directory of their own. */
export const kinds = 'kinds';

const begin = `set -eu
mkdir -p /srv/keeper ${volume.source}
ln -sf /usr/share/zoneinfo/Asia/Tokyo /etc/localtime
echo keep=all > /etc/keeper.conf && chmod 640 /etc/keeper.conf
printf 'no newline at its end' > '/srv/keeper/its settings.ini' && chown 70000:80000 '/srv/keeper/its settings.ini'
mkdir -p /tmp/busybox/bin && cp /bin/busybox /tmp/busybox/bin && chroot /tmp/busybox /bin/busybox --install -s /bin
tar -C /tmp/busybox -c . | docker import -c 'ENV PATH=/bin' - example/busybox:1
docker volume create nasty
mkdir ${volume.source}/restless`;

const start = `docker run -d --name keeper --init --restart unless-stopped -v nasty:/nasty \
  -v /etc/localtime:/etc/localtime:ro -v /etc/keeper.conf:/etc/keeper.conf:ro -v '/srv/keeper/its settings.ini:/settings.ini' \
  example/busybox:1 sleep 1000000`;

/** A droplet with one container and the worst volume there is. */
export async function startNasty(lab: Bare): Promise<Host> {
  const host = await boot(lab);
  await Promise.all([waitForDocker(host), waitForSsh(host)]);
  await inShell(host, begin);
  await runScript(host, 'kinds.sh', `${volume.source}/${kinds}`);
  await runScript(host, 'bulk.sh', volume.source);
  await inShell(host, start);
  return host;
}
