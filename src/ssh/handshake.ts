import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HostConfig } from './config.ts';
import { identityOf, refusedHostKey, statusOf } from './host-key.ts';
import { algorithmsFor, fingerprint, type KnownHost } from './known-hosts.ts';
import { type AskPassphrase, type Logins, logins } from './logins.ts';
import { authFailed, handshakeFailed, timedOut, unreachable } from './ssh-errors.ts';
import { type Client, hostKeyAlgorithms, startClient } from './ssh2.ts';

export interface HandshakeOptions {
  readonly host: HostConfig;
  readonly socket: Socket | Duplex;
  readonly entries: readonly KnownHost[];
  /** A key the operator has just confirmed. */
  readonly confirmed: Buffer | undefined;
  readonly askPassphrase: AskPassphrase;
  readonly timeoutMs: number;
  readonly keepaliveMs: number;
}

/** Ends a first try: somebody has to be asked. */
export class UnknownHostKey extends Error {
  readonly key: Buffer;
  readonly fingerprint: string;

  constructor(key: Buffer) {
    super('unknown host key');
    this.key = key;
    this.fingerprint = fingerprint(key);
  }
}

type SshError = Error & { readonly level?: string };

/** Speaks SSH on an open socket until logged in. */
export async function handshake(options: HandshakeOptions): Promise<Client> {
  const { host, socket, entries } = options;
  const timer = pausable(options.timeoutMs);
  const ways = await logins(host, (file) => timer.pausedWhile(() => options.askPassphrase(file)));
  let refusal: Error | undefined;
  let accepted: readonly string[] | undefined;
  const client = startClient({
    socket,
    user: host.user,
    algorithms: algorithmsFor(entries, identityOf(host), hostKeyAlgorithms),
    keepaliveMs: options.keepaliveMs,
    verifyHostKey: (key) => {
      refusal = refusalOf(key, options);
      return refusal === undefined;
    },
    nextLogin: (left) => {
      accepted = left ?? accepted;
      return ways.next();
    },
  });
  try {
    await ready(client, timer, (error) => refusal ?? explain(host, ways, accepted, error));
    return client;
  } catch (error) {
    client.end();
    socket.destroy();
    throw error === timer.expired ? timedOut(host, options.timeoutMs) : error;
  } finally {
    timer.stop();
  }
}

function refusalOf(key: Buffer, { host, entries, confirmed }: HandshakeOptions): Error | undefined {
  const status = statusOf(entries, host, key);
  if (status === 'known') return undefined;
  if (status !== 'unknown') return refusedHostKey(entries, host, key, status);
  return confirmed?.equals(key) ? undefined : new UnknownHostKey(key);
}

/** ssh2 may emit `error` at any time, also after its end: the listener stays for good. */
function ready(client: Client, timer: Timer, explained: (error: SshError | undefined) => Error): Promise<void> {
  return new Promise((resolve, reject) => {
    timer.start(reject);
    client.once('ready', resolve);
    client.on('error', (error: SshError) => {
      if (!isPassing(error)) reject(explained(error));
    });
    client.once('close', () => reject(explained(undefined)));
  });
}

/** Errors after which ssh2 goes on by itself to the next way of logging in. */
const isPassing = ({ level, message }: SshError): boolean =>
  level === 'agent' || (level === 'client-authentication' && !message.startsWith('All configured'));

function explain(
  host: HostConfig,
  ways: Logins,
  accepted: readonly string[] | undefined,
  error: SshError | undefined,
): Error {
  if (error === undefined) return unreachable(host, new Error('the server closed the connection before the login'));
  if (error.level === 'client-authentication' || /too many auth/i.test(error.message)) {
    return authFailed(host, ways, accepted, error);
  }
  // Words that are no SSH come without a level; network errors and limits have one.
  const isProtocol = error.level === undefined || ['handshake', 'protocol'].includes(error.level);
  return isProtocol ? handshakeFailed(host, error) : unreachable(host, error);
}

type Timer = ReturnType<typeof pausable>;

/** A time limit that stands still while somebody is asked. */
function pausable(timeoutMs: number) {
  const expired = new Error('timed out');
  let timeout: NodeJS.Timeout | undefined;
  let expire: (error: Error) => void = () => {};
  const stop = () => clearTimeout(timeout);
  const run = () => {
    timeout = setTimeout(() => expire(expired), timeoutMs);
  };
  return {
    expired,
    stop,
    start: (onExpired: (error: Error) => void) => {
      expire = onExpired;
      run();
    },
    pausedWhile: async <T>(asking: () => Promise<T>): Promise<T> => {
      stop();
      try {
        return await asking();
      } finally {
        run();
      }
    },
  };
}
