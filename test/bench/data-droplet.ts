import { labHost } from '../lab/host.ts';
import { inHostOrFail } from './engine.ts';

export const lab = 'bench-data';

/** Where the container's data lies on the droplet. */
export const source = '/var/lib/docker/volumes/files/_data';

export const page = 'http://data.example.test/';

const mib = 2 ** 20;

/** Every data set has these, alike: what changes in the freeze does not grow with the data. */
const hotFiles = 10;
const hotMib = 8;

/** Answers over HTTP; told to stop, it first rewrites a MiB of each hot file, in pieces, as a database flushes what it holds. */
const program = `busybox httpd -p 8080 -h /files/www
flush() {
  for file in $(seq ${hotFiles}); do for piece in 1 9 17 25; do
    dd if=/dev/urandom of=/files/hot-$file bs=256k count=1 seek=$piece conv=notrunc status=none
  done; done
  exit 0
}
trap flush TERM
while :; do sleep 1000 & wait $!; done`;

/** A script as root on the droplet, told `input`. */
export const onDroplet = async (script: string, input = ''): Promise<string> =>
  inHostOrFail(await labHost(lab, 'droplet'), ['sh', '-euc', script], input);

export const onInstance = async (script: string, input = ''): Promise<string> =>
  inHostOrFail(await labHost(lab, 'instance'), ['sh', '-euc', script], input);

/** The lab's own stack makes room. */
export const clearDroplet = (): Promise<string> =>
  onDroplet(`docker ps -aq | xargs -r docker rm -f >/dev/null
docker volume ls -q | xargs -r docker volume rm >/dev/null`);

export const startFiles = (): Promise<string> =>
  onDroplet(`docker volume create files >/dev/null
cd ${source}
mkdir -p www small
echo here >www/index.html
for file in $(seq ${hotFiles}); do head -c ${hotMib}M /dev/urandom >hot-$file; done
for file in $(seq 200); do head -c $((file * 20)) /dev/urandom >small/$file; done
docker run -d --name files --restart unless-stopped -v files:/files -p 80:8080 example/static:1 sh -c '${program}' >/dev/null`);

/** Adds files of 64 MiB, the last one smaller, until there are so many MiB in all. */
export const growFiles = (toMib: number): Promise<string> =>
  onDroplet(`cd ${source}
left=$((${toMib - hotFiles * hotMib} - $(cat cold-* 2>/dev/null | wc -c) / ${mib}))
while [ $left -gt 0 ]; do
  head -c $((left < 64 ? left : 64))M /dev/urandom >cold-$(date +%s%N)
  left=$((left - 64))
done
sync`);

export const bytesOf = async (path: string): Promise<number> =>
  Number((await onDroplet(`find ${path} -type f -printf '%s\\n' | awk '{ sum += $1 } END { print sum + 0 }'`)).trim());
