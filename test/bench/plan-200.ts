import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { down } from '../lab/down.ts';
import { type Host, labHost } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { sshConfigPath } from '../lab/login.ts';
import { ecsodus, makeOperator } from '../lab/operator.ts';
import { startRelay } from '../lab/relay.ts';
import { up } from '../lab/up.ts';
import { inHostOrFail } from './engine.ts';

interface Planned {
  readonly droplet: string;
  readonly containers: number;
  readonly relayMs: number;
  /** The median of three plans, each of which takes its usage sample anew. */
  readonly seconds: number;
  /** Of these the usage sample, which everything else is read beside. */
  readonly sampleSeconds: number;
}

const name = 'bench-plan';
const containers = 200;
const relayMs = 20;
/** What ecsodus takes when nobody says otherwise. */
const sampleSeconds = 5;

/** How long `plan` takes on a droplet: the lab's own stack next door, and 200 containers far away. */
export async function plan200({ json }: { readonly json: boolean }): Promise<void> {
  try {
    const lab = await up(name);
    const stack = await planned(lab, 'the stack', 0, sshConfigPath(lab.dir));
    const droplet = await labHost(name, 'droplet');
    await startMany(droplet);
    const many = await planned(lab, 'many', relayMs, await farAway(lab, droplet));
    process.stdout.write(json ? `${JSON.stringify({ plans: [stack, many] })}\n` : text([stack, many]));
  } finally {
    await down(name);
  }
}

async function planned(lab: Lab, what: string, delayMs: number, sshConfig: string): Promise<Planned> {
  const operator = await makeOperator(lab, { document: 'name: bench\nsource: droplet\n' });
  const seconds: number[] = [];
  let found = 0;
  for (let round = 0; round < 3; round++) {
    await rm(join(operator.directory, '.ecsodus'), { recursive: true, force: true });
    const began = performance.now();
    const { code, stdout, stderr } = await ecsodus(operator, 'plan', '--json', '--ssh-config', sshConfig);
    if (code !== 0) throw new Error(`ecsodus plan: ${stderr}`);
    seconds.push((performance.now() - began) / 1000);
    found = JSON.parse(stdout).containers.length;
    process.stderr.write(`bench: ${what}: ${seconds.at(-1)?.toFixed(2)} s\n`);
  }
  const median = seconds.sort((a, b) => a - b)[1] ?? Number.NaN;
  return { droplet: what, containers: found, relayMs: delayMs, seconds: median, sampleSeconds };
}

/** The way to the droplet by which every round trip takes longer. */
async function farAway(lab: Lab, droplet: Host): Promise<string> {
  const { address } = droplet;
  await startRelay({
    on: droplet,
    listen: { address, port: 2222 },
    to: { address: '127.0.0.1', port: 22 },
    delayMs: relayMs,
  });
  const file = join(lab.dir, 'far_ssh_config');
  const near = await readFile(sshConfigPath(lab.dir), 'utf8');
  await writeFile(file, near.replaceAll(/^ {2}HostName .*$/gm, `$&\n  Port 2222\n  HostKeyAlias ${address}`));
  return file;
}

/**
 * Instead of the stack: eight on a network, each with a volume and a file of its own, each of which calls two others. The
 * first of the eight publishes a port, and writes outside of its volume.
 */
const startMany = (droplet: Host): Promise<string> =>
  inHostOrFail(
    droplet,
    ['bash', '-s'],
    `set -eu
docker ps -aq | xargs -r docker rm -fv >/dev/null
for network in $(seq 0 ${containers / 8 - 1}); do docker network create net-$network >/dev/null; done
mkdir -p /srv/many
start() {
  first=$(($1 / 8 * 8)) one=$(($1 / 8 * 8 + ($1 + 1) % 8)) other=$(($1 / 8 * 8 + ($1 + 3) % 8))
  echo "upstream http://svc-$one:8080/" >/srv/many/$1.conf
  docker run -d --name svc-$1 --network net-$(($1 / 8)) --restart unless-stopped -v data-$1:/data \\
    -v /srv/many/$1.conf:/etc/svc.conf:ro -e "NEXT=http://svc-$one:8080/" -e DB_HOST=svc-$other -e API_TOKEN=token-$1-3f9a8c \\
    $([ $1 = $first ] && echo "-p $((8000 + $1)):8080") example/static:1 \\
    sh -c "$([ $1 = $first ] && echo 'echo here >/opt/state;') exec sleep 1000000" >/dev/null
}
export -f start
seq 0 ${containers - 1} | xargs -P 4 -I {} bash -c 'start {}'
`,
  );

const text = (all: readonly Planned[]): string =>
  all
    .map(
      (each) =>
        `${each.seconds.toFixed(2).padStart(6)} s, of which the sample ${each.sampleSeconds}: ${each.containers} containers, ${each.relayMs} ms away\n`,
    )
    .join('');
