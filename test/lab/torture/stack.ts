import { projects } from './projects.ts';
import type { Row } from './row.ts';
import { settings } from './settings.ts';

/** Every container, in the order in which they are started. */
export const rows: readonly Row[] = [...projects, ...settings];

const prelude = `set -eu
for image in plain full; do docker build -q --network none -t torture/$image:1 -f /root/torture/Dockerfile.$image /root/torture; done
docker network create shop_default; docker network create blog_default; docker network create large_default
docker network create edge; docker network create pair
docker network create --ipv6 --subnet 172.30.7.0/24 --subnet fd00:7::/64 fixed
mkdir -p /srv/edge /srv/keeper/dir/deep /srv/keeper/shared /srv/keeper/device
echo 'location /shop { proxy_pass http://web:8080; } location /blog { proxy_pass http://app:8080; }' >/srv/edge/proxy.conf
echo setting >/srv/keeper/app.conf; echo file >/srv/keeper/dir/deep/file; echo device >/srv/keeper/device/file
ln -s dir/deep /srv/keeper/current; ln -s app.conf /srv/keeper/link.conf
mount --bind /srv/keeper/shared /srv/keeper/shared; mount --make-shared /srv/keeper/shared
for volume in shop_data blog_data kept.files; do
  echo $volume >"$(docker volume inspect -f '{{.Mountpoint}}' $(docker volume create $volume))/file"
done
set -- $(cat /sys/block/*/dev | head -1 | tr : ' '); mknod /dev/rootdisk b $1 $2
`;

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');

function start({ name, flags, image, args = '', connect = [], body, ends }: Row): string {
  const create =
    body === undefined
      ? `docker create --name ${name} -e WHO=${name} ${oneLine(flags)} torture/${image}:1 ${args}`
      : `curl -sSf --unix-socket /run/docker.sock -H 'Content-Type: application/json' 'http://d/containers/create?name=${name}' -d '${JSON.stringify({ Image: `torture/${image}:1`, Env: [`WHO=${name}`], ...body })}'`;
  const connects = connect.map((words) => `docker network connect ${words} ${name}`);
  return [create, ...connects, `docker start ${name}`, ...(ends ? [`docker wait ${name}`] : [])].join('\n');
}

/** The whole of it, as one script for the droplet. */
export const script = `${prelude}${rows.map(start).join('\n')}\n`;
