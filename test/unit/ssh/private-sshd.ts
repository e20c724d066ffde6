import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { HostConfig } from '../../../src/ssh/config.ts';

export const sshdIsThere = existsSync('/usr/sbin/sshd');

/** A real sshd of the test's own on loopback, with a host key and a client key made for it. */
export interface PrivateSshd {
  readonly directory: string;
  readonly port: number;
  readonly host: HostConfig;
  /** Text of a public host key file, `ed25519` or `rsa`. */
  readonly hostKey: (type: string) => string;
  readonly newKey: (name: string, passphrase?: string, authorize?: boolean) => string;
  readonly restart: (extra?: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startSshd(extra = ''): Promise<PrivateSshd> {
  const directory = mkdtempSync(join(tmpdir(), 'ecsodus-sshd-'));
  const at = (name: string) => join(directory, name);
  const port = await freePort();
  writeFileSync(at('authorized_keys'), '');
  const newKey = (name: string, passphrase = '', authorize = true): string => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', at(name)]);
    if (authorize) writeFileSync(at('authorized_keys'), readFileSync(at(`${name}.pub`)), { flag: 'a' });
    return at(name);
  };
  for (const type of ['ed25519', 'rsa']) {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', at(`host_${type}`)]);
  }
  let child = await listen(directory, port, extra);
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.signalCode === null && child.kill()) await ended;
  };
  return {
    directory,
    port,
    host: {
      alias: 'private',
      hostName: '127.0.0.1',
      port,
      user: userInfo().username,
      identityFiles: [newKey('client')],
      identitiesOnly: true,
      agent: undefined,
      knownHostsFiles: [at('known_hosts')],
      hostKeyAlias: undefined,
      jumps: [],
    },
    hostKey: (type) =>
      readFileSync(at(`host_${type}.pub`), 'utf8')
        .split(' ')
        .slice(0, 2)
        .join(' '),
    newKey,
    restart: async (settings = '') => {
      await stop();
      child = await listen(directory, port, settings);
    },
    stop: async () => {
      await stop();
      rmSync(directory, { recursive: true });
    },
  };
}

async function listen(directory: string, port: number, extra: string): Promise<ChildProcess> {
  mkdirSync('/run/sshd', { recursive: true });
  const config = join(directory, 'sshd_config');
  // The first value of a keyword counts, so what a test adds comes first.
  writeFileSync(
    config,
    `${extra}
Port ${port}
ListenAddress 127.0.0.1
HostKey ${directory}/host_ed25519
HostKey ${directory}/host_rsa
AuthorizedKeysFile ${directory}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
`,
  );
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise<void>((resolve, reject) => {
    let log = '';
    child.stderr?.on('data', (text: Buffer) => {
      log += text;
      if (log.includes('Server listening')) resolve();
    });
    child.once('exit', () => reject(new Error(log)));
  });
  return child;
}

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

export async function startAgent(socket: string): Promise<ChildProcess> {
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => agent.stdout.once('data', resolve));
  return agent;
}
