import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Environment, readHostConfig, resolveHost } from '../../../src/ssh/config.ts';

const machine: Environment = {
  home: '/home/me',
  user: 'me',
  variables: { SSH_AUTH_SOCK: '/run/agent', KEYS: '/keys' },
  exists: (file) => file === '/home/me/.ssh/id_ed25519' || file === '/home/me/.ssh/id_rsa',
};
const resolve = (text: string, destination: string) => resolveHost(text, destination, machine);

const config = `
Host droplet d?op
  HostName 203.0.113.7
  Port 2222
  User root
  IdentityFile ~/.ssh/droplet
  IdentityFile "\${KEYS}/%h of %r"
  UserKnownHostsFile ~/.ssh/kh1 /etc/kh2
  HostKeyAlias drop.example
Host *.example
  hostname=inner.%h
  ProxyJump bastion:2022,admin@droplet
Host bastion
  ProxyJump droplet
Host strict
  IdentitiesOnly yes
  IdentityAgent none
Host command
  ProxyCommand nc %h %p
Host loop
  ProxyJump loop
Host none
  ProxyJump none
  IdentityFile none
  UserKnownHostsFile none
Host *
  User everyone
`;

describe('resolveHost', () => {
  test('an alias with everything', () => {
    expect(resolve(config, 'droplet')).toEqual({
      alias: 'droplet',
      hostName: '203.0.113.7',
      port: 2222,
      user: 'root',
      identityFiles: ['/home/me/.ssh/droplet', '/keys/203.0.113.7 of root'],
      identitiesOnly: false,
      agent: '/run/agent',
      knownHostsFiles: ['/home/me/.ssh/kh1', '/etc/kh2', '/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
      hostKeyAlias: 'drop.example',
      jumps: [],
    });
  });

  test.each([
    ['192.0.2.1', { hostName: '192.0.2.1', user: 'everyone', port: 22 }],
    ['root@192.0.2.1', { hostName: '192.0.2.1', user: 'root', port: 22, alias: 'root@192.0.2.1' }],
    ['ssh://a@b:99', { hostName: 'b', user: 'a', port: 99 }],
    ['a@[2001:db8::1]:99', { hostName: '2001:db8::1', user: 'a', port: 99 }],
    ['2001:db8::1', { hostName: '2001:db8::1', port: 22 }],
    ['other@droplet', { hostName: '203.0.113.7', user: 'other', port: 2222 }],
  ])('%s', (destination, expected) => {
    expect(resolve(config, destination)).toMatchObject(expected);
  });

  test('without any file: the keys that exist, the agent, the usual known_hosts', () => {
    expect(resolve('', 'host')).toMatchObject({
      user: 'me',
      identityFiles: ['/home/me/.ssh/id_ed25519', '/home/me/.ssh/id_rsa'],
      agent: '/run/agent',
      knownHostsFiles: expect.arrayContaining(['/home/me/.ssh/known_hosts']),
    });
  });

  test('several jumps; the first is reached by its own ProxyJump', () => {
    const { hostName, jumps } = resolve(config, 'db.example');
    expect(hostName).toBe('inner.db.example');
    expect(jumps.map(({ user, hostName, port }) => `${user}@${hostName}:${port}`)).toEqual([
      'root@203.0.113.7:2222',
      'everyone@bastion:2022',
      'admin@203.0.113.7:2222',
    ]);
  });

  test('none means none', () => {
    const { jumps, identityFiles, knownHostsFiles } = resolve(config, 'none');
    expect({ jumps, identityFiles }).toEqual({ jumps: [], identityFiles: [] });
    expect(knownHostsFiles[0]).toBe('/etc/ssh/ssh_known_hosts');
    expect(resolve(config, 'strict')).toMatchObject({ identitiesOnly: true, agent: undefined });
  });

  test.each([
    ['command', 'ssh-proxy-command'],
    ['loop', 'ssh-config-loop'],
    ['', 'ssh-destination'],
    ['-oProxyCommand=x', 'ssh-destination'],
  ])('%j is refused: %s', (destination, code) => {
    expect(() => resolve(config, destination)).toThrow(expect.objectContaining({ code }));
  });
});

describe('readHostConfig', () => {
  test('Include, with what comes after it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ecsodus-config-'));
    const at = (name: string) => join(directory, name);
    writeFileSync(at('a.conf'), 'Host one\n  User first\nHost two\n  Port 2\n');
    writeFileSync(at('b.conf'), 'Host three\n  Port 3\n');
    writeFileSync(at('ignored'), 'Host one\n  Port 9\n');
    writeFileSync(at('config'), `Include ${directory}/*.conf\nUser all\nHost one\n  Port 1\n`);
    const read = async (host: string) => {
      const { user, port } = await readHostConfig(host, at('config'));
      return { user, port };
    };
    expect(await read('one')).toEqual({ user: 'first', port: 1 });
    expect(await read('two')).toEqual({ user: 'all', port: 2 });
    expect(await read('three')).toEqual({ user: 'all', port: 3 });
    expect(await read('four')).toEqual({ user: 'all', port: 22 });
  });

  test('a named file that is missing', async () => {
    await expect(readHostConfig('host', '/no/such/config')).rejects.toMatchObject({ code: 'ssh-config-unreadable' });
  });
});
