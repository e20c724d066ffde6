import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/secret.ts';
import { type ConnectOptions, connect } from '../../../src/ssh/connect.ts';
import { freePort, type PrivateSshd, sshdIsThere, startAgent, startSshd } from './private-sshd.ts';

describe.skipIf(!sshdIsThere)('logging in to a real sshd', { timeout: 60_000 }, () => {
  let sshd: PrivateSshd;
  const knownHosts = () => join(sshd.directory, 'known_hosts');
  const know = (type: string, key = sshd.hostKey(type)) =>
    writeFileSync(knownHosts(), `[127.0.0.1]:${sshd.port} ${key}\n`);
  const asked: string[] = [];

  const options = (
    changes: Partial<ConnectOptions['host']> = {},
    more: Partial<ConnectOptions> = {},
  ): ConnectOptions => ({
    host: { ...sshd.host, ...changes },
    confirmHostKey: async (_host, fingerprint) => {
      asked.push(fingerprint);
      return false;
    },
    askPassphrase: async () => undefined,
    readyTimeoutMs: 20_000,
    ...more,
  });

  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  test('a known key lets the login through', async () => {
    know('ed25519');
    const ssh = await connect(options());
    expect(await ssh.exec('echo hello')).toEqual({ stdout: 'hello\n', stderr: '', code: 0 });
    expect(ssh.remoteAddress).toBe('127.0.0.1');
    ssh.close();
  });

  test('of several host keys the server shows the one that is known', async () => {
    know('rsa');
    const ssh = await connect(options());
    ssh.close();
  });

  test('hashed known_hosts', async () => {
    know('ed25519');
    execFileSync('ssh-keygen', ['-H', '-f', knownHosts()], { stdio: 'ignore' });
    expect(readFileSync(knownHosts(), 'utf8')).toContain('|1|');
    const ssh = await connect(options());
    ssh.close();
  });

  test('HostKeyAlias', async () => {
    writeFileSync(knownHosts(), `droplet ${sshd.hostKey('ed25519')}\n`);
    (await connect(options({ hostKeyAlias: 'droplet' }))).close();
  });

  test('an unknown key is shown and refused where nobody confirms it', async () => {
    writeFileSync(knownHosts(), '');
    const shown = execFileSync('ssh-keygen', ['-lf', join(sshd.directory, 'host_ed25519.pub')], { encoding: 'utf8' });
    const fingerprint = shown.split(' ')[1] ?? '';
    const refused = connect(options());
    await expect(refused).rejects.toMatchObject({
      code: 'host-key-unknown',
      message: expect.stringContaining(fingerprint),
    });
    expect(asked).toEqual([fingerprint]);
    expect(readFileSync(knownHosts(), 'utf8')).toBe('');
  });

  test('a confirmed key is recorded so that ssh itself accepts it, and is not asked for again', async () => {
    writeFileSync(knownHosts(), '# no newline at the end');
    const ssh = await connect(options({}, { confirmHostKey: async () => true }));
    ssh.close();
    const again = await connect(options());
    again.close();
    const found = execFileSync('ssh-keygen', ['-F', `[127.0.0.1]:${sshd.port}`, '-f', knownHosts()], {
      encoding: 'utf8',
    });
    expect(found).toContain(sshd.hostKey('ed25519'));
  });

  test('a changed key is refused without asking, naming file and line', async () => {
    const other = sshd.newKey('other-host', '', false);
    know('ed25519', readFileSync(`${other}.pub`, 'utf8').trim());
    const refused = connect(options({}, { confirmHostKey: () => Promise.reject(new Error('must not ask')) }));
    await expect(refused).rejects.toMatchObject({
      code: 'host-key-changed',
      message: expect.stringContaining(`${knownHosts()}, line 1`),
      hint: expect.stringContaining(`ssh-keygen -R '[127.0.0.1]:${sshd.port}' -f ${knownHosts()}`),
    });
  });

  test('a revoked key is refused', async () => {
    writeFileSync(knownHosts(), `@revoked * ${sshd.hostKey('ed25519')}\n`);
    await expect(connect(options())).rejects.toMatchObject({ code: 'host-key-revoked' });
  });

  test('a key the server does not know', async () => {
    know('ed25519');
    const key = sshd.newKey('stranger', '', false);
    await expect(connect(options({ identityFiles: [key] }))).rejects.toMatchObject({
      code: 'ssh-auth-failed',
      hint: expect.stringContaining('ssh-copy-id'),
      evidence: [`refused: ${key}`, 'the server accepts: publickey'],
    });
    await expect(connect(options({ identityFiles: ['/no/such/key'] }))).rejects.toMatchObject({
      code: 'ssh-auth-failed',
      hint: expect.stringMatching(/^Make a key with ssh-keygen.*ssh-copy-id/),
      evidence: ['there was no key to offer', 'no key in /no/such/key'],
    });
  });

  test('an encrypted key: the passphrase is asked, a wrong one again, and without a terminal it is named', async () => {
    know('ed25519');
    const key = sshd.newKey('locked', 'open sesame');
    const answers = ['wrong', 'open sesame'];
    const files: string[] = [];
    const askPassphrase = async (file: string) => {
      files.push(file);
      return new Secret(answers.shift() ?? '');
    };
    const ssh = await connect(options({ identityFiles: [key] }, { askPassphrase }));
    ssh.close();
    expect(files).toEqual([key, key]);
    await expect(connect(options({ identityFiles: [key] }))).rejects.toMatchObject({
      code: 'ssh-key-locked',
      hint: expect.stringContaining(`ssh-add ${key}`),
    });
  });

  test('the time the operator takes for a passphrase does not count', async () => {
    const key = sshd.newKey('slow', 'later');
    const askPassphrase = () => new Promise<Secret>((resolve) => setTimeout(resolve, 1500, new Secret('later')));
    const ssh = await connect(options({ identityFiles: [key] }, { askPassphrase, readyTimeoutMs: 1000 }));
    ssh.close();
  });

  test('ssh-agent: the key of ssh_config alone is offered with IdentitiesOnly', async () => {
    const socket = join(sshd.directory, 'agent');
    const agent = await startAgent(socket);
    try {
      const add = (key: string) =>
        execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
      const strangers = Array.from({ length: 7 }, (_, index) => sshd.newKey(`stranger-${index}`, '', false));
      const good = sshd.newKey('in-agent');
      for (const key of [...strangers, good]) add(key);
      const onlyPublic = `${good}.pub`;
      const ssh = await connect(options({ agent: socket, identityFiles: [onlyPublic], identitiesOnly: true }));
      ssh.close();
      const preferred = await connect(options({ agent: socket, identityFiles: [onlyPublic], identitiesOnly: false }));
      preferred.close();
      await expect(connect(options({ agent: socket, identityFiles: [], identitiesOnly: false }))).rejects.toMatchObject(
        {
          code: 'ssh-auth-failed',
          hint: expect.stringContaining('IdentitiesOnly'),
        },
      );
    } finally {
      agent.kill();
    }
    const gone = await connect(options({ agent: socket }));
    gone.close();
  });

  test('through a jump host', async () => {
    know('ed25519');
    const ssh = await connect(options({ jumps: [{ ...sshd.host, alias: 'jump' }] }));
    expect((await ssh.exec('echo through')).stdout).toBe('through\n');
    ssh.close();
    const nowhere = options({ jumps: [{ ...sshd.host, alias: 'jump' }], port: await freePort() });
    await expect(connect(nowhere)).rejects.toMatchObject({ code: 'ssh-unreachable' });
  });

  test('no such name, nobody listening, a server that says nothing, one that speaks something else', async () => {
    await expect(connect(options({ hostName: 'no-such-host.invalid' }))).rejects.toMatchObject({
      code: 'ssh-unreachable',
    });
    await expect(connect(options({ port: await freePort() }))).rejects.toMatchObject({
      code: 'ssh-unreachable',
      message: expect.stringContaining('refused'),
      hint: expect.stringContaining('ssh -v private'),
    });
    for (const [greeting, code] of [
      ['', 'ssh-unreachable'],
      ['SSH-2.0-x\r\nnonsense, and more of it\r\n', 'ssh-handshake'],
    ] as const) {
      const server = createServer((socket) => {
        socket.on('error', () => {});
        if (greeting) socket.end(greeting);
      });
      const port = await new Promise<number>((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
      });
      await expect(connect(options({ port }, { readyTimeoutMs: 300 }))).rejects.toMatchObject({ code });
      server.close();
    }
  });
});
