import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { dockerRefusal, dockerSocket } from '../../../src/docker/docker-socket.ts';
import { MigrationError } from '../../../src/errors.ts';
import { Secret } from '../../../src/secret.ts';
import type { Ssh } from '../../../src/ssh/connection.ts';

const stream = () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });

/** An SSH connection that notes what is asked of it. */
function fakeSsh(forward: () => Promise<Duplex>, probe = { stdout: '', stderr: '', code: 0 }) {
  const calls: string[] = [];
  const ssh: Ssh = {
    host: 'droplet',
    remoteAddress: '192.0.2.1',
    listen: () => Promise.reject(new Error('not here')),
    openPort: () => Promise.reject(new Error('no ports here')),
    isLost: () => false,
    close: () => {},
    openUnixSocket: (path) => {
      calls.push(`forward ${path}`);
      return forward();
    },
    exec: async (command, options) => {
      calls.push(`exec ${/docker \w+/.exec(command)?.[0]} ${JSON.stringify(options?.input)}`);
      return probe;
    },
    openCommand: async (command, greeting) => {
      calls.push(`stream ${/docker system dial-stdio/.exec(command)?.[0]} ${JSON.stringify(greeting)}`);
      return stream();
    },
  };
  return { ssh, calls };
}

describe('dockerSocket', () => {
  test('a forwarded socket where that works', async () => {
    const { ssh, calls } = fakeSsh(async () => stream());
    const open = dockerSocket(ssh, { kind: 'root' });
    await open();
    await open();
    expect(calls).toEqual(['forward /var/run/docker.sock', 'forward /var/run/docker.sock']);
  });

  test('otherwise dial-stdio as root, kept once it works, the password over standard input', async () => {
    const { ssh, calls } = fakeSsh(() => Promise.reject(new Error('prohibited')));
    const open = dockerSocket(ssh, { kind: 'sudo-password', password: new Secret('pw') });
    await open();
    await open();
    expect(calls).toEqual([
      'forward /var/run/docker.sock',
      'exec docker version "pw\\n"',
      'stream docker system dial-stdio "pw\\n"',
      'stream docker system dial-stdio "pw\\n"',
    ]);
  });

  test.each(['close', 'error'])('no more than six of those at once: the next after the %s of one', async (end) => {
    const { ssh, calls } = fakeSsh(() => Promise.reject(new Error('prohibited')));
    const open = dockerSocket(ssh, { kind: 'root' });
    const first = await open();
    for (let number = 0; number < 7; number++) void open();
    const dialled = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return calls.filter((call) => call.startsWith('stream')).length;
    };
    expect(await dialled()).toBe(6);
    first.on('error', () => {});
    first.emit(end);
    expect(await dialled()).toBe(7);
  });

  test('a lost connection is not a reason to try something else', async () => {
    const { ssh, calls } = fakeSsh(() => Promise.reject(new MigrationError('ssh-dropped', 'x')));
    await expect(dockerSocket(ssh, { kind: 'root' })()).rejects.toMatchObject({ code: 'ssh-dropped' });
    expect(calls).toHaveLength(1);
  });

  test('neither: the docker command says why', async () => {
    const { ssh } = fakeSsh(() => Promise.reject(new Error('connect failed')), {
      stdout: '',
      stderr: 'sh: docker: not found',
      code: 127,
    });
    await expect(dockerSocket(ssh, { kind: 'root' })()).rejects.toMatchObject({ code: 'docker-missing' });
  });
});

test.each([
  [127, 'sh: 1: docker: not found', 'docker-missing', 'no Docker'],
  [
    1,
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'docker-missing',
    'does not answer',
  ],
  [
    1,
    'failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory',
    'docker-missing',
    'does not answer',
  ],
  [1, 'permission denied while trying to connect to the Docker daemon socket', 'docker-not-permitted', 'may not'],
])('%i %j: %s', (code, stderr, expected, words) => {
  expect(dockerRefusal('droplet', code, stderr)).toMatchObject({
    code: expected,
    message: expect.stringContaining(words),
  });
});
