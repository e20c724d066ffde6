import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../lab/command.ts';
import { down } from '../lab/down.ts';
import { inShell, labHost } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { up } from '../lab/up.ts';

const name = 'outside';
const settle = 'settleSeconds: 2\nhealthTimeoutSeconds: 120\n';
const chosen = `${settle}outsideVolumes:
  wiki: commit
  shop: { volume: /srv/app/up }
  scratch: ignore
`;
const secrets = ['lab-environment-secret', 'lab-argument-secret', 'lab-label-secret'];
let lab: Lab;

beforeAll(async () => {
  lab = await up(name);
  await inShell(await droplet(), startThree);
});

afterAll(() => down(name));

/** What shop holds in the directory is the image's in part, and its last word is written as it is stopped. */
const startThree = `set -e
docker build -q --network none -t example/app:1 - <<'DOCKERFILE'
FROM example/static:1
RUN mkdir -p /srv/app/up/empty && cd /srv/app/up && echo image > kept && echo image > deleted && echo image > replaced
DOCKERFILE
docker run -d --name shop --restart unless-stopped -e SHOP=1 example/app:1 sh -c '
  trap "echo last word >> /srv/app/up/ticks; exit 0" TERM
  while :; do date +%s%N >> /srv/app/up/ticks; sleep 0.05; done'
docker exec shop sh -c 'cd /srv/app/up && rm deleted && echo ours > replaced && mkdir -p 2026/ümläut &&
  echo photo > "2026/ümläut/a photo" && ln "2026/ümläut/a photo" 2026/linked && ln -s ../kept 2026/symbolic &&
  chown -R 33:1000 2026 && chmod 2750 2026 && chmod 640 2026/linked && touch -d "2001-02-03 04:05:06.789" kept'
docker run -d --name wiki --restart unless-stopped -e WIKI_PASSWORD=${secrets[0]} -e WIKI_MODE=edited \
  --label note=${secrets[2]} example/app:1 sh -c 'exec sleep 100000 # --password=${secrets[1]}'
docker exec wiki sh -c 'mkdir -p /opt/wiki && echo page > /opt/wiki/page && rm /srv/app/up/deleted && echo hot > /etc/debian_version'
docker run -d --name scratch --restart unless-stopped example/app:1 sleep 100000
docker exec scratch sh -c 'mkdir -p /opt/scratch && echo notes > /opt/scratch/notes'
docker run -d --name quiet --restart unless-stopped example/app:1 sleep 100000
docker exec quiet sh -c 'echo 1 > /run/quiet.pid; echo x > /tmp/x; echo line > /var/log/quiet.log'`;

const droplet = () => labHost(name, 'droplet');
const instance = () => labHost(name, 'instance');

/** Runs a command in one of our containers on the target, by the name it had. */
const onTarget = async (container: string, script: string): Promise<string> =>
  inShell(await instance(), `docker exec $(docker ps -q --filter name=-${container}-) sh -c '${script}'`);

const operatorWith = (extra: string): Promise<Operator> => makeOperator(lab, { extra });

async function succeeds(operator: Operator, command: string, ...words: string[]): Promise<void> {
  const { code, stderr, stdout } = await ecsodus(operator, command, '--yes', ...words);
  expect(code, stderr + stdout).toBe(0);
}

/** Everything about the entries of a directory but the ticks, which go on; in whole seconds, as `docker cp` gives them. */
const listing = (path: string) =>
  `cd ${path} && find . -mindepth 1 ! -name ticks -printf '%P %y %m %U:%G %n %s %Ts %l\\n' | sort && find . -type f ! -name ticks | sort | xargs -d '\\n' sha256sum`;

/** The source's own view of the stopped container, through nothing of ours. */
const exported = (path: string) =>
  `rm -rf /tmp/shop && mkdir /tmp/shop && docker cp -a shop:${path} - | tar -xp --numeric-owner -C /tmp/shop`;

const leftBehind = "grep -c ' /run/ecsodus/' /proc/self/mounts; ls -A /run/ecsodus/blog/lifted 2>/dev/null; :";

describe('data outside of volumes', () => {
  it('blocks the run until each container has a choice, and says what to write', async () => {
    const operator = await operatorWith(settle);
    const { stdout, stderr, code } = await ecsodus(operator, 'plan', '--json');
    expect(code, stderr).toBe(0);
    const { findings, accounting } = JSON.parse(stdout);
    const blockers = findings.filter(({ level }: { level: string }) => level === 'blocker');
    expect(blockers.map(({ code, subject }: { code: string; subject: string }) => `${code}:${subject}`).sort()).toEqual(
      ['scratch', 'shop', 'wiki'].map((container) => `data-outside-volumes:${container}`),
    );
    const shop = blockers.find(({ subject }: { subject: string }) => subject === 'shop');
    expect(shop.message).toContain('/srv/app/up/ticks (');
    for (const way of ['{ shop: commit }', '{ shop: { volume: /srv/app/up', '{ shop: ignore }'])
      expect(shop.remedy).toContain(`outsideVolumes: ${way}`);
    expect(findings).toContainEqual(
      expect.objectContaining({ level: 'info', code: 'writable-layer', subject: 'quiet' }),
    );
    expect(accounting.filter(({ setting }: { setting: string }) => setting === 'Layer')).toContainEqual(
      expect.objectContaining({ container: 'scratch', outcome: 'lost' }),
    );
    const refused = await ecsodus(operator, 'run', '--yes', '--json');
    expect([refused.code, JSON.parse(refused.stdout).code]).toEqual([1, 'blocked']);
    expect(await inShell(await droplet(), leftBehind)).toBe('0\n');
  });

  it('carries each as it was chosen', async () => {
    const operator = await operatorWith(chosen);
    await succeeds(operator, 'run');
    const host = await instance();
    await inShell(await droplet(), exported('/srv/app/up'));
    const there = await inShell(await droplet(), listing('/tmp/shop/up'));
    expect(there).toMatch(/^2026\/linked f 640 33:1000 2 6 /m);
    expect(there).not.toMatch(/^deleted/m);
    expect(await inShell(host, listing('/data/volumes/shop-srv-app-up'))).toBe(there);
    expect(await inShell(host, 'stat -c %y /data/volumes/shop-srv-app-up/kept')).toMatch(
      /^2001-02-03 04:05:06\.789000000/,
    );
    const ticks = await inShell(await droplet(), 'cat /tmp/shop/up/ticks');
    expect(ticks).toMatch(/last word\n$/);
    expect((await inShell(host, 'cat /data/volumes/shop-srv-app-up/ticks')).startsWith(ticks)).toBe(true);
    expect(await onTarget('wiki', 'cat /opt/wiki/page /etc/debian_version; ls /srv/app/up; echo $WIKI_MODE')).toBe(
      'page\nhot\nempty\nkept\nreplaced\nedited\n',
    );
    expect(await onTarget('scratch', 'ls -A /opt')).toBe('');
    expect(await onTarget('shop', 'ls /srv/app/up')).toMatch(/2026\nempty\nkept\nreplaced\nticks/);
  });

  it('puts nothing of the container’s settings into the committed image', async () => {
    const image = await inShell(
      await instance(),
      `docker inspect -f '{{.Config.Image}}' $(docker ps -q --filter name=-wiki-)`,
    );
    const held = await inShell(
      await droplet(),
      `docker image inspect ${image.trim()}; docker history --no-trunc ${image.trim()}; docker save ${image.trim()} | tar -xO; docker images -aqf dangling=true`,
    );
    for (const secret of [...secrets, 'WIKI_']) expect(held).not.toContain(secret);
    expect(held).toContain('page');
    const inRegistry = await run(['grep', '-rlE', secrets.join('|'), `${lab.dir}/registry`]).catch(() => '');
    expect(inRegistry).toBe('');
    const config = (reference: string) => `docker image inspect -f '{{json .Config}}' ${reference}`;
    expect(await inShell(await droplet(), config(image.trim()))).toBe(
      await inShell(await droplet(), config('example/app:1')),
    );
    expect(await inShell(await droplet(), 'docker images -qf dangling=true')).toBe('');
  });

  it('rollback leaves no mount, and what is written afterwards goes over the next time', async () => {
    const operator = await operatorWith(chosen);
    await succeeds(operator, 'rollback', '--leave-data');
    expect(await inShell(await droplet(), leftBehind)).toBe('0\n');
    await inShell(await droplet(), "docker exec shop sh -c 'cd /srv/app/up; echo again > again; rm -r 2026; rm kept'");
    await succeeds(operator, 'run');
    const files = await inShell(
      await instance(),
      'ls /data/volumes/shop-srv-app-up; cat /data/volumes/shop-srv-app-up/again',
    );
    expect(files).toBe('again\nempty\nreplaced\nticks\nagain\n');
  });

  it('finish leaves no mount', async () => {
    const operator = await operatorWith(chosen);
    await inShell(await droplet(), "grep ' /run/ecsodus/blog/lifted/shop ' /proc/self/mounts");
    await succeeds(operator, 'finish');
    expect(await inShell(await droplet(), leftBehind)).toBe('0\n');
    expect(await inShell(await droplet(), 'ls -A /run/ecsodus')).toBe('');
    expect(await inShell(await droplet(), "docker inspect -f '{{.State.Status}}' shop")).toBe('exited\n');
  });
});
