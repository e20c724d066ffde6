import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ECS } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/finding.ts';
import { clientView } from '../lab/client-view.ts';
import { run } from '../lab/command.ts';
import { down } from '../lab/down.ts';
import { type Host, inHost, inShell, labHost, waitForDocker } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { onTerminal } from '../lab/on-terminal.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { up } from '../lab/up.ts';
import { resources } from './resources.ts';

const name = 'failures';
let lab: Lab;
let droplet: Host;
/** A key that nobody lets in. */
let strangeKey: string;

beforeAll(async () => {
  lab = await up(name);
  droplet = await labHost(name, 'droplet');
  strangeKey = join(lab.dir, 'strange-key');
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', strangeKey]);
});

afterAll(() => down(name));

/** All that could have been changed: the source's containers, images and folders, AWS's resources, our journal. */
async function world(): Promise<object> {
  const ask = async (script: string) => (await inHost(droplet, ['sh', '-c', script])).stdout.split('\n').sort();
  return {
    containers: await ask(
      "docker ps -aq --no-trunc | xargs docker inspect -f '{{.Id}} {{.State.StartedAt}} {{.HostConfig.RestartPolicy}}'",
    ),
    images: await ask("docker images -a --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}}'"),
    ours: await ask('ls -R /var/lib/ecsodus /run/ecsodus 2>&1; iptables-save | grep ecsodus'),
    aws: await resources(lab),
    journal: await readFile(join(lab.dir, 'operator/.ecsodus/blog/journal.jsonl'), 'utf8').catch(() => ''),
  };
}

interface Trouble {
  /** The alias to log in by. */
  readonly source?: string;
  /** Instead of an alias: lines of ssh_config by which the droplet is to be reached. */
  readonly way?: string;
  /** More of ecsodus.yaml. */
  readonly extra?: string;
  /** Shell that breaks something on the droplet, and shell that puts it back. */
  readonly breaks?: string;
  readonly mends?: string;
}

/** An error's code, its message, and what it says to type. */
type Refusal = readonly [code: string, says: RegExp, hint: RegExp];

/** What `work` gives while the droplet is broken. Mended, everything is as before. */
async function during<T>({ breaks = ':', mends = ':' }: Trouble, work: () => Promise<T>): Promise<T> {
  const before = await world();
  await inShell(droplet, `set -e\n${breaks}`);
  const result = await work().finally(() => inShell(droplet, `set -e\n${mends}`));
  expect(await world()).toEqual(before);
  return result;
}

/** An operator in trouble, and what to add to each command. */
async function operatorIn({ source = 'droplet', way, extra = '' }: Trouble): Promise<[Operator, readonly string[]]> {
  if (way === undefined) return [await makeOperator(lab, { source, extra }), []];
  const file = join(lab.dir, 'elsewhere_config');
  const rest = `HostName ${lab.droplet.address}\nUserKnownHostsFile ${join(lab.dir, 'known_hosts')}\nIdentitiesOnly yes`;
  await writeFile(file, `Host elsewhere\n${way}\n${rest}\n`);
  return [await makeOperator(lab, { source: 'elsewhere', extra }), ['--ssh-config', file]];
}

/** The command ends with one error, told once to people and once to programs. Gives its evidence. */
async function fails(argv: Parameters<typeof ecsodus>, [code, says, hint]: Refusal): Promise<string[]> {
  const result = await ecsodus(...argv);
  const lines = result.stdout.trimEnd().split('\n');
  expect([result.code, lines.length], result.stderr).toEqual([1, 1]);
  const error = JSON.parse(lines[0] ?? '');
  const told = { message: expect.stringMatching(says), hint: expect.stringMatching(hint) };
  expect(error).toMatchObject({ type: 'error', code, ...told });
  expect(result.stderr.match(/^error /gm)).toHaveLength(1);
  return error.evidence;
}

/** `plan` and `run` end with the same error, and nothing has changed. */
async function refused(refusal: Refusal, trouble: Trouble = {}): Promise<void> {
  const [operator, words] = await operatorIn(trouble);
  await during(trouble, () =>
    Promise.all([
      fails([operator, 'plan', '--json', ...words], refusal),
      fails([operator, 'run', '--yes', '--json', ...words], refusal),
    ]),
  );
}

/** `plan` shows these blockers, each with what to do about it; `run` ends with one error that names them all. */
async function blocked(blockers: Readonly<Record<string, RegExp>>, trouble: Trouble): Promise<void> {
  const [operator] = await operatorIn(trouble);
  const says = Object.keys(blockers).length === 1 ? /^A blocker stands/ : /^\d blockers stand/;
  const [shown, evidence] = await during(trouble, () =>
    Promise.all([
      ecsodus(operator, 'plan', '--json'),
      fails([operator, 'run', '--yes', '--json'], ['blocked', says, /Settle each as its line says/]),
    ]),
  );
  expect(shown.code, shown.stderr).toBe(0);
  const findings = (JSON.parse(shown.stdout).findings as Finding[]).filter(({ level }) => level === 'blocker');
  const wanted = Object.entries(blockers);
  expect(findings.map(({ code }) => code)).toEqual(wanted.map(([code]) => code));
  for (const [index, [code, remedy]] of wanted.entries()) {
    expect(findings[index]?.remedy).toMatch(remedy);
    expect(evidence[index]).toMatch(new RegExp(`^${code}:droplet: .*${remedy.source}`));
  }
}

const away = (...programs: readonly string[]): Pick<Trouble, 'breaks' | 'mends'> => ({
  breaks: programs.map((program) => `mv ${program} ${program}.away`).join('\n'),
  mends: programs.map((program) => `mv ${program}.away ${program}`).join('\n'),
});

describe('a login that leads nowhere', () => {
  it.each<[string, Refusal, Trouble]>([
    [
      'a port at which nobody listens',
      ['ssh-unreachable', /port 2222 refused the connection/, /ssh -v elsewhere/],
      { way: 'Port 2222' },
    ],
    [
      'an address that never answers',
      ['ssh-unreachable', /no answer within 20 s/, /ssh -v elsewhere/],
      {
        way: 'Port 2223',
        breaks: 'iptables -I INPUT -p tcp --dport 2223 -j DROP',
        mends: 'iptables -D INPUT -p tcp --dport 2223 -j DROP',
      },
    ],
    [
      'a user who is not there',
      ['ssh-auth-failed', /does not let nobody-here in/, /name the right one: User in your ssh_config/],
      { way: 'User nobody-here\nIdentityFile KEYS/id_ed25519' },
    ],
    [
      'a key that is not let in',
      ['ssh-auth-failed', /does not let root in/, /ssh-copy-id -p 22 root@/],
      { way: 'User root\nIdentityFile KEYS/strange-key' },
    ],
  ])('%s', async (_, refusal, { way = '', ...trouble }) => {
    await refused(refusal, { ...trouble, way: way.replace('KEYS', lab.dir) });
  });

  it('a host key that has changed', async () => {
    const [type, key] = (await readFile(`${strangeKey}.pub`, 'utf8')).split(' ');
    const knownHosts = join(lab.dir, 'changed_known_hosts');
    await writeFile(knownHosts, `${lab.droplet.address} ${type} ${key}\n`);
    const way = `UserKnownHostsFile ${knownHosts}`;
    await refused(['host-key-changed', /host key/i, /ssh-keygen -R/], { way });
  });
});

describe('a login that cannot become root', () => {
  const toRoot = /"source: root@droplet-\w+" in ecsodus\.yaml.*apt-get install -y sudo && echo '[\w-]+ ALL=/;
  it.each<[string, Refusal, Trouble]>([
    [
      'sudo wants a password, with nobody to ask',
      ['sudo-password-needed', /password/, /terminal.*sudo/],
      { source: 'droplet-stranger' },
    ],
    [
      'there is no sudo',
      ['sudo-needed', /there is no sudo/, toRoot],
      { source: 'droplet-deploy', ...away('/usr/bin/sudo') },
    ],
    [
      'there is no sudo, and the socket of Docker is not for this login',
      ['docker-not-permitted', /may not use Docker.*there is no sudo/, toRoot],
      { source: 'droplet-stranger', ...away('/usr/bin/sudo') },
    ],
  ])('%s', async (_, refusal, trouble) => {
    await refused(refusal, trouble);
  });

  it.each([
    [
      'a wrong password of sudo',
      'droplet-careful',
      'gu3ssed',
      /did not accept the sudo password/,
      /ssh -t \S+ sudo -v/,
    ],
    ['a right one, of somebody who may not', 'droplet-stranger', 'str4nger', /may not use Docker/, /"source: root@/],
  ])('%s', async (_, source, typed, says, hint) => {
    const [{ env, ...operator }] = await operatorIn({ source });
    const plain = { ...operator, env: { ...env, NO_COLOR: '1' } };
    const breaks = "echo 'nobody-special:str4nger' | chpasswd";
    const { code, screen } = await during({ breaks, mends: 'passwd -l nobody-special' }, () =>
      onTerminal(plain, ['run', '--yes'], [{ question: /Password of sudo on/, typed }]),
    );
    expect(code, screen).toBe(1);
    expect(screen.match(/error /g)).toHaveLength(1);
    expect(screen).toMatch(says);
    expect(screen).toMatch(hint);
    expect(screen).not.toContain(typed);
  });
});

describe('a droplet that lacks something', () => {
  it('Docker', async () => {
    const trouble = away('/usr/bin/docker', '/run/docker.sock');
    await refused(['docker-missing', /There is no Docker on droplet/, /ssh droplet docker version/], trouble);
  });

  const remedies = {
    'docker-command-missing': /ssh droplet sudo docker version/,
    'rsync-missing': /ssh droplet sudo apt-get install -y rsync/,
    'python-missing': /ssh droplet sudo apt-get install -y python3-minimal/,
  };
  it.each([
    ['rsync', ['rsync-missing'], ['/usr/bin/rsync']],
    [
      'Python, rsync and the docker command',
      Object.keys(remedies),
      ['/usr/bin/python3', '/usr/bin/rsync', '/usr/bin/docker'],
    ],
  ])('%s', async (_, codes, programs) => {
    const wanted = Object.entries(remedies).filter(([code]) => codes.includes(code));
    await blocked(Object.fromEntries(wanted), away(...programs));
  });

  const disk = (size: string, more = ':') => ({
    breaks: `mkdir /var/lib/ecsodus; mount -t tmpfs -o size=${size} full /var/lib/ecsodus; ${more}`,
    mends: 'test -z "$(ls /var/lib/ecsodus | grep -v ^filled$)"; umount /var/lib/ecsodus; rmdir /var/lib/ecsodus',
  });

  it('room for snapshots', async () => {
    await blocked({ 'no-room-for-snapshots': /snapshot: ebs/ }, disk('80m'));
  });

  it('a single byte', async () => {
    const full = disk('64k', 'yes > /var/lib/ecsodus/filled || test -s /var/lib/ecsodus/filled');
    await blocked({ 'source-full': /sudo du -xh/ }, { ...full, extra: 'snapshot: none\n' });
  });
});

describe('a world that is not as it should be', () => {
  it('a saved plan of a world that has moved since', async () => {
    const operator = await makeOperator(lab);
    const saved = await ecsodus(operator, 'plan', '--out', 'plan.json');
    expect(saved.code, saved.stderr).toBe(0);
    await inShell(droplet, 'docker run -d --name newcomer --restart always example/static:1 sleep 100000');
    const moved: Refusal = ['plan-changed', /world has moved/, /plan --out plan.json/];
    expect(await during({}, () => fails([operator, 'run', '--plan', 'plan.json', '--json'], moved))).toEqual(
      expect.arrayContaining(['container newcomer is new', expect.stringMatching(/not in the plan: cut-over: stop /)]),
    );
    await inHost(droplet, ['docker', 'rm', '-f', 'newcomer']);
  });

  it('an ECS cluster of that name, which somebody else has made', async () => {
    const { aws } = clientView(lab);
    const ecs = new ECS({ region: aws.region, endpoint: String(aws.endpoint), credentials: aws });
    await ecs.createCluster({ clusterName: 'ecsodus-blog', tags: [{ key: 'owner', value: 'ann' }] });
    await refused(['not-ours', /ECS cluster ecsodus-blog.*has no tag ecsodus:migration/, /another "name"/]);
    const [cluster] = (await ecs.describeClusters({ clusters: ['ecsodus-blog'], include: ['TAGS'] })).clusters ?? [];
    expect(cluster?.tags).toEqual([{ key: 'owner', value: 'ann' }]);
    await ecs.deleteCluster({ cluster: 'ecsodus-blog' });
  });

  it('a registry that refuses the password', async () => {
    const htpasswd = join(lab.dir, 'registry/htpasswd');
    const right = await readFile(htpasswd, 'utf8');
    await writeFile(htpasswd, await run(['htpasswd', '-niB', 'AWS'], { input: 'another password' }));
    try {
      await refused(['registry-denied', /refused|denied/, /./]);
    } finally {
      await writeFile(htpasswd, right);
    }
  });

  /** Last: containers stop with it, and come back by their own restart policies. */
  it('a Docker daemon that does not run', async () => {
    await inShell(droplet, 'lab-service stop docker');
    try {
      await refused(['docker-missing', /Docker on droplet does not answer/, /ssh droplet sudo systemctl start docker/]);
    } finally {
      await inShell(droplet, 'lab-service start docker');
      await waitForDocker(droplet);
    }
  });
});
