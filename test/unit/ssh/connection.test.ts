import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerOver } from '../../../src/docker/engine.ts';
import { query } from '../../../src/query.ts';
import { Secret } from '../../../src/secret.ts';
import { connect } from '../../../src/ssh/connect.ts';
import type { Ssh } from '../../../src/ssh/connection.ts';
import { exitCodeOf, remoteHost } from '../../../src/ssh/remote-host.ts';
import { type PrivateSshd, sshdIsThere, startSshd } from './private-sshd.ts';

describe.skipIf(!sshdIsThere)('channels on a connection to a real sshd', { timeout: 60_000 }, () => {
  let sshd: PrivateSshd;
  let ssh: Ssh;
  const login = () =>
    connect({
      host: sshd.host,
      confirmHostKey: async () => true,
      askPassphrase: async () => undefined,
      keepaliveMs: 200,
    });

  beforeAll(async () => {
    sshd = await startSshd();
    ssh = await login();
  });
  afterAll(async () => {
    ssh.close();
    await sshd.stop();
  });

  test('input, output, error output and exit code', async () => {
    const result = await ssh.exec('cat; echo problem >&2; exit 7', { input: 'in ünïcødé\n' });
    expect(result).toEqual({ stdout: 'in ünïcødé\n', stderr: 'problem\n', code: 7 });
  });

  test('a command that a signal ends', async () => {
    expect((await ssh.exec('kill -9 $$')).code).toBe(137);
  });

  test('output as it arrives, and in full however long', async () => {
    const pieces: string[] = [];
    const { stdout } = await ssh.exec('seq 1 300000', { onOutput: (text) => pieces.push(text) });
    expect(pieces.length).toBeGreaterThan(1);
    expect(stdout, 'not kept twice').toBe('');
    expect(pieces.join('')).toBe((await ssh.exec('seq 1 300000')).stdout);
    expect(pieces.join('')).toHaveLength(1_988_895);
  });

  test('input that nobody reads', async () => {
    expect((await ssh.exec('exit 3', { input: 'x'.repeat(5_000_000) })).code).toBe(3);
  });

  test('forty commands at once, though sshd allows ten sessions', async () => {
    const results = await Promise.all(Array.from({ length: 40 }, (_, index) => ssh.exec(`sleep 0.05; echo ${index}`)));
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(Array.from({ length: 40 }, (_, index) => String(index)));
  });

  test('more commands at once than sshd gives sessions', async () => {
    const strict = await startSshd('MaxSessions 2');
    const there = await connect({
      host: strict.host,
      confirmHostKey: async () => true,
      askPassphrase: async () => undefined,
    });
    const codes = await Promise.all(Array.from({ length: 12 }, async () => (await there.exec('exit 4')).code));
    there.close();
    await strict.stop();
    expect(codes).toEqual(Array.from({ length: 12 }, () => 4));
  });

  test('an aborted command ends on the host too, and a waiting one never starts', async () => {
    const controller = new AbortController();
    const file = join(sshd.directory, 'aborted');
    const running = ssh.exec(`echo $$ > ${file}; while echo alive; do sleep 0.05; done`, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 300);
    await expect(running).rejects.toThrow('enough');
    await expect(ssh.exec('echo never', { signal: controller.signal })).rejects.toThrow('enough');
    await expect
      .poll(async () => (await ssh.exec(`kill -0 $(cat ${file}) 2>/dev/null; echo $?`)).stdout.trim(), {
        timeout: 20_000,
      })
      .toBe('1');
  });

  test('forwarded Unix sockets do not count as sessions; a missing one is an error', async () => {
    const path = join(sshd.directory, 'echo.sock');
    const server: Server = createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const sockets = await Promise.all(Array.from({ length: 20 }, () => ssh.openUnixSocket(path)));
    const answers = sockets.map(
      (socket, index) =>
        new Promise<string>((resolve) => {
          socket.once('data', (data: Buffer) => resolve(data.toString()));
          socket.write(`ping ${index}`);
        }),
    );
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 20 }, (_, index) => `ping ${index}`));
    for (const socket of sockets) socket.end();
    server.close();
    await expect(ssh.openUnixSocket('/no/such.sock')).rejects.toThrow('Channel open failure');
  });

  test('a command as a stream', async () => {
    const stream = await ssh.openCommand('read first; echo "$first"; cat', 'greeting\n');
    stream.end('more');
    let text = '';
    for await (const chunk of stream) text += chunk;
    expect(text).toBe('greeting\nmore');
  });

  test('a lost connection fails what is under way and what comes later, by name', async () => {
    const doomed = await login();
    const pid = (await doomed.exec('echo $PPID')).stdout.trim();
    const pending = doomed.exec('sleep 60');
    const queued = Promise.allSettled(Array.from({ length: 12 }, () => doomed.exec('sleep 60')));
    const stream = await doomed.openUnixSocket('/var/run/docker.sock').catch(() => undefined);
    process.kill(Number(pid), 'SIGKILL');
    await expect(pending).rejects.toMatchObject({ code: 'ssh-dropped', hint: expect.stringContaining('ssh private') });
    expect((await queued).map((result) => result.status === 'rejected' && result.reason.code)).toEqual(
      Array(12).fill('ssh-dropped'),
    );
    await expect(doomed.exec('echo later')).rejects.toMatchObject({ code: 'ssh-dropped' });
    await expect(doomed.openUnixSocket('/tmp/x')).rejects.toMatchObject({ code: 'ssh-dropped' });
    expect(stream?.destroyed ?? true).toBeDefined();
  });

  test.each(['no answer yet', 'in the middle of an answer'])(
    'a lost connection fails a request to the engine: %s',
    async (moment) => {
      const path = join(sshd.directory, 'engine.sock');
      const engine = createHttpServer((_, response) => {
        if (moment !== 'no answer yet') response.write('{"status":"Pushing"}\n');
        reached();
      });
      let reached = () => {};
      const arrived = new Promise<void>((resolve) => {
        reached = resolve;
      });
      await new Promise<void>((resolve) => engine.listen(path, resolve));
      const doomed = await login();
      const pid = (await doomed.exec('echo $PPID')).stdout.trim();
      const credentials = { host: 'r.example', username: 'x', password: new Secret('y') };
      const pushing = dockerOver(() => doomed.openUnixSocket(path), 'private').push(
        'r.example/a:b',
        credentials,
        () => {},
      );
      pushing.catch(() => {});
      await arrived;
      await new Promise((resolve) => setTimeout(resolve, 200));
      process.kill(Number(pid), 'SIGKILL');
      await expect(pushing).rejects.toMatchObject({ code: 'ssh-dropped' });
      engine.closeAllConnections();
      engine.close();
    },
  );

  test('a host runs scripts as root, with secrets over standard input alone', async () => {
    const host = await remoteHost(ssh, { sudoPassword: async () => undefined });
    expect(host.name).toBe('private');
    expect(await host.run('id -u; echo "it\'s $LC_ALL"')).toBe("0\nit's C\n");
    expect(await host.run('cat', { input: new Secret('hush') })).toBe('hush');
    expect((await host.read(query('echo "$SSH_CLIENT"'))).split(' ')[0]).toBe('127.0.0.1');
  });

  test('a failing script is a command-failed whose exit code can be had', async () => {
    const host = await remoteHost(ssh, { sudoPassword: async () => undefined });
    const failure = await host.run('echo reason >&2\nexit 23').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'command-failed', evidence: ['command: echo reason >&2', 'reason'] });
    expect(exitCodeOf(failure)).toBe(23);
    expect(exitCodeOf(new Error())).toBeUndefined();
  });
});
