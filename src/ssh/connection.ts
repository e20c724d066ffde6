import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { MigrationError } from '../errors.ts';
import { slots } from '../slots.ts';
import { dropped } from './ssh-errors.ts';
import type { Client, ClientChannel } from './ssh2.ts';

interface ExecOptions {
  readonly input?: string;
  /** Takes standard output as it arrives; the result then holds none of it, however long it is. */
  readonly onOutput?: (text: string) => void;
  readonly signal?: AbortSignal;
}

interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  /** 128 and the signal's number for a command that a signal ended, as in a shell. */
  readonly code: number;
}

/** One SSH connection with many channels. Once it is lost, every call fails with `ssh-dropped` (see reconnect.ts). */
export interface Ssh {
  /** As the operator typed it. */
  readonly host: string;
  /** The address that was connected to; the configured name where a jump host stands between. */
  readonly remoteAddress: string;
  /** Runs a command line in the login shell. An exit code other than 0 is an answer, not an error. */
  readonly exec: (command: string, options?: ExecOptions) => Promise<ExecResult>;
  /** A running command as a stream: its input and output. `greeting` is written first. */
  readonly openCommand: (command: string, greeting?: string) => Promise<Duplex>;
  /** A connection to a Unix socket on the host. Does not count among the exec channels. */
  readonly openUnixSocket: (path: string) => Promise<Duplex>;
  /** A connection to a TCP port of the host's own loopback. */
  readonly openPort: (port: number) => Promise<Duplex>;
  /** Lets the host listen at a port of its own loopback, one that is free, and gives each connection that is made there. */
  readonly listen: (onConnection: (connection: Duplex) => void) => Promise<Listening>;
  readonly isLost: () => boolean;
  readonly close: () => void;
}

export interface Listening {
  readonly port: number;
  /** Settles when the connection is gone, and the port with it. */
  readonly ended: Promise<void>;
}

interface Connected {
  readonly host: string;
  readonly remoteAddress: string;
  readonly close: () => void;
}

/** sshd's MaxSessions is 10; two are left for whoever else shares the connection's limit. */
const execChannels = 8;

export function sshOver(client: Client, { host, remoteAddress, close }: Connected): Ssh {
  const limited = slots(execChannels);
  const life = lifeOf(client, host);
  return {
    host,
    remoteAddress,
    close,
    exec: (command, options = {}) =>
      limited(() => life.run((end) => exec(client, host, command, options, end)), options.signal),
    openCommand: (command, greeting) =>
      new Promise((resolve, reject) => {
        const hold = () =>
          life.run<void>((end) => {
            openSession(client, command, (error, channel) => {
              if (error) return end.failed(error);
              channel.stderr.resume();
              channel.on('close', () => end.done());
              if (greeting !== undefined) channel.write(greeting);
              resolve(life.adopt(channel));
            });
          });
        limited(hold).catch(reject);
      }),
    openUnixSocket: (path) =>
      life.run((end) => {
        client.openssh_forwardOutStreamLocal(path, (error, channel) => {
          if (error) end.failed(error);
          else end.done(life.adopt(channel));
        });
      }),
    openPort: (port) =>
      life.run((end) => {
        client.forwardOut('127.0.0.1', 0, '127.0.0.1', port, (error, channel) => {
          if (error) end.failed(error);
          else end.done(life.adopt(channel));
        });
      }),
    listen: async (onConnection) => {
      const port = await life.run<number>((end) => {
        client.forwardIn('127.0.0.1', 0, (error, given) => {
          if (error) end.failed(error);
          else end.done(given);
        });
      });
      client.on('tcp connection', ({ destPort }, accept) => {
        if (destPort === port) onConnection(life.adopt(accept()));
      });
      return { port, ended: life.run<void>(() => {}).catch(() => {}) };
    },
    isLost: life.isLost,
  };
}

interface End<T> {
  readonly done: (value: T) => void;
  readonly failed: (error: unknown) => void;
}

/** Everything under way on a connection, so that all of it fails at once and by name when the connection is lost. */
function lifeOf(client: Client, host: string) {
  const underWay = new Set<(error: Error) => void>();
  let lost: MigrationError | undefined;
  let cause: unknown;
  client.on('error', (error) => {
    cause = error;
  });
  client.on('close', () => {
    lost ??= dropped(host, cause);
    for (const fail of [...underWay]) fail(lost);
    underWay.clear();
  });
  return {
    isLost: () => lost !== undefined,
    run: <T>(start: (end: End<T>) => void): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        if (lost) return reject(lost);
        const failed = (error: unknown) => {
          underWay.delete(failed);
          reject(lost ?? error);
        };
        underWay.add(failed);
        const done = (value: T) => {
          underWay.delete(failed);
          resolve(value);
        };
        try {
          start({ done, failed });
        } catch (error) {
          // ssh2 throws "Not connected" where the socket has ended and its `close` is still to come.
          failed(error instanceof Error && error.message === 'Not connected' ? dropped(host, error) : error);
        }
      }),
    /** ssh2 ends the channels of a lost connection as if all had gone well; whoever reads one must learn the truth. */
    adopt: (channel: ClientChannel): ClientChannel => {
      const fail = (error: Error) => channel.emit('error', error);
      channel.on('error', () => {});
      underWay.add(fail);
      channel.on('close', () => underWay.delete(fail));
      return channel;
    },
  };
}

/** SSH_OPEN_CONNECT_FAILED: what sshd answers when it has no session left. */
const noSessionLeft = 2;
const openAgainMs = 50;
const openAttempts = 200;

/**
 * sshd may count a session that ended here for a moment longer, or allow fewer than ten: nothing ran yet, so that it is
 * simply asked again.
 */
function openSession(
  client: Client,
  command: string,
  done: Parameters<Client['exec']>[1],
  attempts = openAttempts,
): void {
  client.exec(command, (error, channel) => {
    const isFull = (error as { reason?: unknown } | undefined)?.reason === noSessionLeft;
    if (!isFull || attempts <= 1) return done(error, channel);
    setTimeout(() => {
      try {
        openSession(client, command, done, attempts - 1);
      } catch (thrown) {
        done(thrown as Error, channel);
      }
    }, openAgainMs);
  });
}

function exec(client: Client, host: string, command: string, options: ExecOptions, end: End<ExecResult>): void {
  openSession(client, command, (error, channel) => {
    if (error) return end.failed(error);
    const output = { stdout: '', stderr: '' };
    let code: number | undefined;
    channel.setEncoding('utf8').on('data', (text: string) => {
      if (options.onOutput) options.onOutput(text);
      else output.stdout += text;
    });
    channel.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text;
    });
    channel.on('error', () => {});
    channel.on('exit', (status: number | null, signal?: string) => {
      code = status ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
    });
    const abort = () => {
      // sshd passes signals on for every login but root's; there the command ends when it next writes.
      channel.signal('TERM');
      channel.close();
      end.failed(options.signal?.reason);
    };
    channel.on('close', () => {
      options.signal?.removeEventListener('abort', abort);
      if (code === undefined) end.failed(noStatus(host, command));
      else end.done({ ...output, code });
    });
    if (options.signal?.aborted) return abort();
    options.signal?.addEventListener('abort', abort, { once: true });
    channel.end(options.input ?? '');
  });
}

const noStatus = (host: string, command: string): MigrationError =>
  new MigrationError('ssh-dropped', `${host} ended a command without saying how it went: ${command.slice(0, 80)}`, {
    hint: 'Run the same command again: it goes on where it stopped.',
  });
