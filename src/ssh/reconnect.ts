import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from '../errors.ts';
import type { Ssh } from './connection.ts';

/** Waits between tries to reach a host again, in ms. */
const waits = {
  /** About as long as a droplet takes to reboot. */
  patient: [0, 1000, 2000, 5000, 10_000, 15_000, 20_000, 20_000],
  /** While the site is down for it, minutes count. */
  brief: [0, 2000, 5000],
} as const;

export type Patience = keyof typeof waits;

/** Who has just failed to answer is not asked again for so long: every call would wait for it anew. */
const coolDownMs = 20_000;

/**
 * A connection that is opened again when it is lost. The call that found it lost still fails: only its caller knows whether
 * it may be made twice.
 */
export function reconnecting(first: Ssh, open: () => Promise<Ssh>, patience: Patience): Ssh {
  let current = first;
  let opening: Promise<Ssh> | undefined;
  let failed: { readonly error: unknown; readonly at: number } | undefined;
  const closing = new AbortController();
  const live = async (): Promise<Ssh> => {
    if (closing.signal.aborted || !current.isLost()) return current;
    if (failed !== undefined && Date.now() - failed.at < coolDownMs) throw failed.error;
    opening ??= openAgain(open, waits[patience], closing.signal).finally(() => {
      opening = undefined;
    });
    try {
      current = await opening;
    } catch (error) {
      failed = { error, at: Date.now() };
      throw error;
    }
    return current;
  };
  return {
    host: first.host,
    remoteAddress: first.remoteAddress,
    isLost: () => current.isLost(),
    exec: async (command, options) => (await live()).exec(command, options),
    openCommand: async (command, greeting) => (await live()).openCommand(command, greeting),
    openUnixSocket: async (path) => (await live()).openUnixSocket(path),
    openPort: async (port) => (await live()).openPort(port),
    listen: async (onConnection) => (await live()).listen(onConnection),
    close: () => {
      closing.abort();
      current.close();
    },
  };
}

/** The waits keep the process alive: with the connection gone, there may be nothing else that does. */
async function openAgain(open: () => Promise<Ssh>, pauses: readonly number[], closing: AbortSignal): Promise<Ssh> {
  let last: unknown;
  for (const pause of pauses) {
    await delay(pause, undefined, { signal: closing });
    try {
      return await open();
    } catch (error) {
      last = error;
      if (closing.aborted || !(error instanceof MigrationError) || error.code !== 'ssh-unreachable') break;
    }
  }
  throw last;
}
