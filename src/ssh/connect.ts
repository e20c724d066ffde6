import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { MigrationError } from '../errors.ts';
import type { HostConfig } from './config.ts';
import { type Ssh, sshOver } from './connection.ts';
import { handshake, UnknownHostKey } from './handshake.ts';
import { readKnownHosts, rememberHostKey, unknownHostKey } from './host-key.ts';
import type { AskPassphrase } from './logins.ts';
import { unreachable } from './ssh-errors.ts';
import type { Client } from './ssh2.ts';

export interface ConnectOptions {
  readonly host: HostConfig;
  /** Asked only for keys that known_hosts does not contradict; yes records the key. Without a terminal: answer false. */
  readonly confirmHostKey: (host: string, fingerprint: string) => Promise<boolean>;
  /** Undefined without a terminal. Asked only when no other key works. */
  readonly askPassphrase: AskPassphrase;
  /** For the network alone: it stands still while the operator is asked. Default 20 s. */
  readonly readyTimeoutMs?: number;
  /** Four unanswered keepalives in a row count as a dropped connection. Default 15 s. */
  readonly keepaliveMs?: number;
}

/** Logs in, through jump hosts where ssh_config names any. Every failure is a MigrationError with something to type. */
export async function connect(options: ConnectOptions): Promise<Ssh> {
  const { host } = options;
  const clients: Client[] = [];
  const closeAll = () => {
    for (const client of [...clients].reverse()) client.end();
  };
  let address = host.hostName;
  try {
    for (const hop of [...host.jumps, host]) {
      const via = clients.at(-1);
      const open = async (): Promise<Socket | Duplex> => {
        if (via) return openThrough(via, hop);
        const socket = await openTcp(hop, options.readyTimeoutMs ?? 20_000);
        if (hop === host) address = socket.remoteAddress ?? address;
        return socket;
      };
      clients.push(await logIn(hop, open, options));
    }
  } catch (error) {
    closeAll();
    throw error;
  }
  return sshOver(clients.at(-1) as Client, { host: host.alias, remoteAddress: address, close: closeAll });
}

/** An unknown key ends the first try, so that the operator may take longer over it than sshd waits for a login. */
async function logIn(host: HostConfig, open: () => Promise<Socket | Duplex>, options: ConnectOptions): Promise<Client> {
  const entries = await readKnownHosts(host.knownHostsFiles);
  const attempt = async (confirmed?: Buffer) =>
    handshake({
      host,
      socket: await open(),
      entries,
      confirmed,
      askPassphrase: options.askPassphrase,
      timeoutMs: options.readyTimeoutMs ?? 20_000,
      keepaliveMs: options.keepaliveMs ?? 15_000,
    });
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof UnknownHostKey)) throw error;
    if (!(await options.confirmHostKey(host.alias, error.fingerprint))) throw unknownHostKey(host, error.key);
    await rememberHostKey(host, error.key);
    return attempt(error.key);
  }
}

function openTcp(host: HostConfig, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: host.hostName, port: host.port, noDelay: true, keepAlive: true });
    const timer = setTimeout(() => fail(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(unreachable(host, error));
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function openThrough(client: Client, host: HostConfig): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, host.hostName, host.port, (error, channel) => {
      if (error) reject(throughJump(host, error));
      else resolve(channel);
    });
  });
}

const throughJump = (host: HostConfig, cause: Error) =>
  new MigrationError(
    'ssh-unreachable',
    `The jump host cannot reach ${host.hostName} port ${host.port}: ${cause.message}`,
    {
      hint: `See where it fails: ssh -v ${host.alias}`,
      cause,
    },
  );
