import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from '../errors.ts';
import type { Ssh } from './connection.ts';

/** Waits between tries to reach a host again, in ms: about a minute and a half, in which a host reboots. */
const waits = [0, 1000, 2000, 5000, 10_000, 15_000, 20_000, 20_000, 20_000];

/**
 * A connection that is opened again when it is lost. The call that found it lost still fails: only its caller knows whether
 * it may be made twice.
 */
export function reconnecting(first: Ssh, open: () => Promise<Ssh>): Ssh {
  let current = first;
  let opening: Promise<Ssh> | undefined;
  let closed = false;
  const live = async (): Promise<Ssh> => {
    if (closed || !current.isLost()) return current;
    opening ??= openPatiently(open, () => closed).finally(() => {
      opening = undefined;
    });
    current = await opening;
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
    close: () => {
      closed = true;
      current.close();
    },
  };
}

async function openPatiently(open: () => Promise<Ssh>, isClosed: () => boolean): Promise<Ssh> {
  for (const [index, wait] of waits.entries()) {
    await delay(wait, undefined, { ref: false });
    try {
      return await open();
    } catch (error) {
      const hopeless = !(error instanceof MigrationError) || error.code !== 'ssh-unreachable';
      if (hopeless || isClosed() || index === waits.length - 1) throw error;
    }
  }
  throw new Error('unreachable');
}
