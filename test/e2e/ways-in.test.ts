import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../lab/command.ts';
import { down } from '../lab/down.ts';
import { inShell, labHost } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { sudoPassword } from '../lab/login.ts';
import { onTerminal } from '../lab/on-terminal.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { up } from '../lab/up.ts';

const name = 'ways-in';
const passphrase = 'lab key passphrase';
let lab: Lab;
let seen: string;

beforeAll(async () => {
  lab = await up(name);
  seen = containersIn((await ecsodus(await operatorAs('droplet'), 'inventory', '--json')).stdout);
});

afterAll(() => down(name));

const operatorAs = (source: string): Promise<Operator> =>
  makeOperator(lab, { source, extra: 'snapshot: none\nsettleSeconds: 1\nsampleSeconds: 0\n' });

const containersIn = (stdout: string): string =>
  JSON.stringify(JSON.parse(stdout).containers.map((each: { id: string; name: string }) => [each.id, each.name]));

/** An ssh_config of one more host, that is the droplet by another way. */
async function another(lines: string): Promise<readonly string[]> {
  const file = join(lab.dir, 'another-config');
  const known = await readFile(join(lab.dir, 'ssh_config'), 'utf8');
  await writeFile(file, `Host another\n${lines}\n\n${known}`, { mode: 0o600 });
  return ['--ssh-config', file];
}

/** A key of the lab's user `deploy`, with a passphrase. */
async function lockedKey(): Promise<string> {
  const key = join(lab.dir, 'locked');
  await run(['rm', '-f', key, `${key}.pub`]);
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', passphrase, '-f', key]);
  await inShell(
    await labHost(name, 'droplet'),
    `echo '${(await readFile(`${key}.pub`, 'utf8')).trim()}' >> /home/deploy/.ssh/authorized_keys`,
  );
  return key;
}

const toDroplet = () =>
  `  HostName ${lab.droplet.address}\n  User deploy\n  UserKnownHostsFile ${join(lab.dir, 'known_hosts')}`;

describe('a login that is not root', () => {
  it('with sudo that wants no password', async () => {
    const { code, stdout, stderr } = await ecsodus(await operatorAs('droplet-deploy'), 'inventory', '--json');
    expect(code, stderr).toBe(0);
    expect(containersIn(stdout)).toBe(seen);
  });

  it('with sudo that wants one: asked once, for everything up to the pushed images', async () => {
    const words = ['run', '--yes', '--until', 'push-images'] as const;
    const { code, screen } = await onTerminal(await operatorAs('droplet-careful'), words, [
      { question: /Password of sudo on droplet-careful/, typed: sudoPassword },
    ]);
    expect(code, screen).toBe(0);
    expect(screen).not.toContain(sudoPassword);
    expect(new Set(screen.match(/Password of sudo on \S+:/g))).toHaveLength(1);
  });

  it('with sudo that wants one, and no terminal to ask on', async () => {
    const { code, stdout } = await ecsodus(await operatorAs('droplet-careful'), 'inventory', '--json');
    expect([code, JSON.parse(stdout).code]).toEqual([1, 'sudo-password-needed']);
  });
});

describe('as ssh_config says', () => {
  it('a key with a passphrase', async () => {
    const config = await another(`${toDroplet()}\n  IdentityFile ${await lockedKey()}\n  IdentitiesOnly yes`);
    const answers = [{ question: /Passphrase of/, typed: passphrase }];
    const { code, screen } = await onTerminal(await operatorAs('another'), ['inventory', ...config], answers);
    expect(code, screen).toBe(0);
    expect(screen).toContain('blog');
  });

  it('a key that ssh-agent holds', async () => {
    const config = await another(toDroplet());
    const operator = await operatorAs('another');
    const socket = join(lab.dir, 'agent');
    const answer = `#!/bin/sh\necho '${passphrase}'`;
    await writeFile(join(lab.dir, 'askpass'), answer, { mode: 0o700 });
    const pid = /AGENT_PID=(\d+)/.exec(await run(['ssh-agent', '-s', '-a', socket]))?.[1] ?? '';
    try {
      const env = {
        ...process.env,
        SSH_AUTH_SOCK: socket,
        SSH_ASKPASS: join(lab.dir, 'askpass'),
        SSH_ASKPASS_REQUIRE: 'force',
      };
      await run(['ssh-add', '-q', await lockedKey()], { env });
      const withAgent = { ...operator, env: { ...operator.env, SSH_AUTH_SOCK: socket } };
      const { code, stdout, stderr } = await ecsodus(withAgent, 'inventory', '--json', ...config);
      expect(code, stderr + stdout).toBe(0);
      expect(containersIn(stdout)).toBe(seen);
    } finally {
      process.kill(Number(pid));
    }
  });

  it('a jump host, a host key alias and hashed names of hosts', async () => {
    const known = join(lab.dir, 'hashed');
    await run(['cp', join(lab.dir, 'known_hosts'), known]);
    await run(['ssh-keygen', '-q', '-H', '-f', known]);
    const config = await another(
      `  HostName 127.0.0.1\n  User deploy\n  HostKeyAlias ${lab.droplet.address}\n  UserKnownHostsFile ${known}\n  IdentityFile ${join(lab.dir, 'id_ed25519')}\n  ProxyJump droplet`,
    );
    const { code, stdout, stderr } = await ecsodus(await operatorAs('another'), 'inventory', '--json', ...config);
    expect(code, stderr + stdout).toBe(0);
    expect(containersIn(stdout)).toBe(seen);
  });
});

it('a whole run logs in once to each host', async () => {
  const logins = async (which: 'droplet' | 'instance') =>
    Number(
      await inShell(
        await labHost(name, which),
        `grep -c 'Accepted publickey.* from ${lab.prefix}.1 ' /var/log/sshd.log || :`,
      ),
    );
  const before = await logins('droplet');
  const { code, stderr } = await ecsodus(await operatorAs('droplet-deploy'), 'run', '--yes');
  expect(code, stderr).toBe(0);
  expect([(await logins('droplet')) - before, await logins('instance')]).toEqual([1, 1]);
});
