import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { clientView } from '../lab/client-view.ts';
import { down } from '../lab/down.ts';
import { inShell, labHost } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { openTerminal, type Terminal } from '../lab/terminal.ts';
import { up } from '../lab/up.ts';

const name = 'wizard';
let lab: Lab;
let operator: Operator;
let terminal: Terminal;
let untouched: string;

/** The flags that say where from, and where to. */
const where = ['--source', 'droplet', '--profile', 'lab', '--region', 'us-east-1', '--name', 'blog'];

const onDroplet = async (script: string) => inShell(await labHost(name, 'droplet'), script);

/** What Docker holds and runs, and whether there is anything of ours. */
const sight = () =>
  onDroplet(`docker ps -a --no-trunc --format '{{.ID}} {{.State}} {{.Names}}'; docker images -aq | sort; docker volume ls -q
    ls -d /var/lib/ecsodus /run/ecsodus 2>&1; docker diff shop; ls /etc/cron.d /root/.ssh`);

const shop = `docker run -d --name shop --restart unless-stopped -e SHOP_PASSWORD=k8Xp2vQz9LmTr4Wd example/static:1 sleep 100000 >/dev/null
  docker exec shop sh -c 'mkdir -p /srv/shop/uploads && echo photo > /srv/shop/uploads/photo'`;

beforeAll(async () => {
  lab = await up(name);
  await onDroplet(shop);
  untouched = await sight();
  operator = await operatorAtHome();
});

afterEach(() => terminal?.close());
afterAll(() => down(name));

/** A person who has nothing yet but an ssh_config and AWS's two files, and no ecsodus.yaml. */
async function operatorAtHome(): Promise<Operator> {
  const { directory, env, argv } = await makeOperator(lab);
  const { aws, sshConfig } = clientView(lab);
  await rm(join(directory, 'ecsodus.yaml'));
  await mkdir(join(directory, '.aws'));
  await writeFile(
    join(directory, '.aws/config'),
    `[profile lab]\nregion = ${aws.region}\n[profile empty]\nregion = eu-central-1\n`,
  );
  await writeFile(
    join(directory, '.aws/credentials'),
    `[lab]\naws_access_key_id = ${aws.accessKeyId}\naws_secret_access_key = ${aws.secretAccessKey}\n`,
  );
  const own = 'Host deaf\n  HostName 127.0.0.1\n  Port 9\n\n';
  await writeFile(join(directory, 'ssh_config'), own + (await readFile(sshConfig, 'utf8')), { mode: 0o600 });
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...rest } = env;
  return {
    directory,
    env: { ...rest, HOME: directory, TERM: 'xterm-256color' },
    argv: (command, ...words) => argv(command, ...words, '--ssh-config', join(directory, 'ssh_config')),
  };
}

const open = async (words: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}): Promise<void> => {
  terminal = await openTerminal({ ...operator, env: { ...operator.env, ...env } }, operator.argv(...words));
};

/** Presses the keys once this is asked. A question that was answered begins otherwise. */
async function at(question: string, ...keys: readonly string[]): Promise<string> {
  const shown = await terminal.sees(new RegExp(`^\\? ${question}`, 'm'));
  await terminal.press(...keys);
  return shown;
}

const document = () => readFile(join(operator.directory, 'ecsodus.yaml'), 'utf8');

/** From the table of containers to the summary, with what is proposed or was said before. */
const shape = [
  'What is to move',
  'Which containers',
  'Does',
  'Pages',
  'Which EC2',
  'How large',
  'Where do',
  'Where is',
];

async function acceptAll(questions: readonly string[]): Promise<void> {
  for (const question of questions) await at(question, 'Enter');
}

const ended = (code: number) => terminal.sees(new RegExp(`^exit ${code}$`, 'm'));

const fits = (shown: string) =>
  expect(
    shown
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line.length > 80),
  ).toEqual([]);

it('a first time: each answer is checked at once, and what runs is shown', async () => {
  await open(['init']);
  expect(await at('Which droplet', 'Enter')).toMatch(/❯ deaf\n {2}droplet\n/);
  await terminal.sees(/127\.0\.0\.1 port 9 refused the connection/);
  await at('Which droplet', 'Down', 'Enter');
  await terminal.sees(/✔ droplet answers: Docker \S+, 6 containers/);
  await at('Which AWS profile', 'Down', 'Enter');
  await terminal.sees(/^error .*credentials/m);
  await at('Which AWS profile', 'Enter');
  await terminal.sees(/✔ account 123456789012 in us-east-1, as arn:/);
  await acceptAll(['To which region']);
  await at('What is the migration called', 'C-u');
  await terminal.type('blog');
  await terminal.press('Enter');
  const table = await at('What is to move', 'Escape');
  expect(table).toMatch(/^ +CONTAINER +IMAGE +MEMORY +VOLUMES +PORTS *$/m);
  expect(table).toMatch(/◉ db +mariadb:10\.11 +\d\S* MB +\d\S* MB db-data +3306/);
  expect(table).toMatch(/◉ proxy +nginx:1\.22 +\d\S* [kM]B +\S+ \S+ nginx +80/);
  await at('What is the migration called', 'Enter');
  // The static pages stay: but the proxy calls them.
  await at('What is to move', 'Down', 'Down', 'Down', 'Space', 'Enter');
  await acceptAll(shape.slice(1));
  const outside = await at('What becomes of what shop wrote', 'Enter');
  expect(outside).toMatch(/\/srv\/shop\S* +\d+ B/);
  const apart = await at('left-apart', 'Enter');
  expect(apart).toMatch(/proxy calls static/);
  await at('What is to move', 'Down', 'Down', 'Down', 'Space', 'Enter');
  const summary = await at('Is this right', ...Array(11).fill('Down'), 'Enter');
  expect(summary).toMatch(/instance type +t3\.\w+/);
  await at('Where do values go', 'Down', 'Down', 'Enter');
  await at('Is this right', 'Enter');
  fits(await ended(0));
  expect(await terminal.shown()).toMatch(/ecsodus\.yaml is written\.\n6 containers in 2 tasks, /);
  const text = await document();
  expect(text).toMatch(/^# Where environment values that look secret go\. One of: ssm,/m);
  expect(parseConfig(text)).toMatchObject({
    name: 'blog',
    source: 'droplet',
    profile: 'lab',
    region: 'us-east-1',
    leave: [],
    secrets: 'plain',
    snapshot: 'local',
    outsideVolumes: { shop: { volume: ['/srv/shop'] } },
    instance: { type: expect.stringMatching(/^t3\./) },
    disk: { sizeGib: 8 },
  });
});

it('another time it starts from the earlier answers, and Escape goes back', async () => {
  const before = await document();
  await open(['init']);
  expect(await at('Which droplet', 'Enter')).toMatch(/❯ droplet\n/);
  await acceptAll(['Which AWS profile', 'To which region', 'What is the migration called', ...shape.slice(0, 4)]);
  await at('Which EC2', 'Escape');
  await at('Pages');
  await terminal.press('C-u');
  await terminal.type('http://blog.example.test/');
  await terminal.press('Enter');
  await acceptAll([...shape.slice(4), 'What becomes of what shop wrote']);
  await at('Is this right', 'Enter');
  await ended(0);
  expect((await document()).replace('checks:\n  - http://blog.example.test/\n', 'checks: []\n')).toBe(before);
});

it('Ctrl-C at a question: 130, and nothing is written', async () => {
  const before = await document();
  await open(['init'], { NO_COLOR: '1' });
  await at('Which droplet', 'Enter');
  await at('Which AWS profile', 'Escape');
  await at('Which droplet', 'C-c');
  expect(await ended(130)).toMatch(/Stopped at a question; nothing was changed/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what colours are made of
  expect(await terminal.painted()).not.toMatch(/\x1b\[[0-9;]*m/);
  expect(await document()).toBe(before);
});

it('alone it goes on to the plan, and asks before anything is changed', async () => {
  await open(['--verbose', ...where, '--secrets', 'ssm']);
  await acceptAll(shape.filter((each) => each !== 'Where do'));
  await acceptAll(['What becomes of what shop wrote', 'Is this right']);
  expect(await at('Make these \\d+ changes', 'Enter')).toMatch(/provision {2}Make the cluster/);
  expect(await ended(1)).toMatch(/Nothing was changed/);
  expect(parseConfig(await document()).secrets).toBe('ssm');
});

it('in a pipe, flags answer, and nothing is asked', async () => {
  const asked = await ecsodus(operator, 'init');
  expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining('--yes')]);
  await rm(join(operator.directory, 'ecsodus.yaml'));
  const flags = [...where, '--yes', '--json'];
  const done = await ecsodus(operator, 'init', ...flags, '--outside-volumes', 'shop=ignore', '--disk-gib', '9');
  expect([done.code, JSON.parse(done.stdout).file], done.stderr).toEqual([0, 'ecsodus.yaml']);
  expect(parseConfig(await document())).toMatchObject({ disk: { sizeGib: 9 }, outsideVolumes: { shop: 'ignore' } });
});

it('the droplet is as it was, and on this side there are the file and the plan', async () => {
  expect(await sight()).toBe(untouched);
  expect((await readdir(join(operator.directory, '.ecsodus/blog'))).sort()).toEqual(
    expect.arrayContaining(['inventory.json', 'plan.json']),
  );
});
