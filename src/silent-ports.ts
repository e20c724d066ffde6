import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** A connection that still stands after this long has found somebody. */
const hangUpMs = 200;

/** TCP ports at which nobody listens, in the order given. */
export async function silentPorts(
  ports: readonly number[],
  openPort: (port: number) => Promise<Duplex>,
): Promise<number[]> {
  const answers = await Promise.all(ports.map((port) => isHeld(port, openPort)));
  return ports.filter((_, index) => !answers[index]);
}

/** Docker's proxy opens a port before the container does, and hangs up at once, without a word. */
async function isHeld(port: number, openPort: (port: number) => Promise<Duplex>): Promise<boolean> {
  const stream = await openPort(port).catch(() => undefined);
  if (stream === undefined) return false;
  const held = new Promise<boolean>((resolve) => {
    stream.once('data', () => resolve(true));
    stream.once('end', () => resolve(false)).once('close', () => resolve(false));
    stream.on('error', () => resolve(false));
  });
  const outcome = await Promise.race([held, delay(hangUpMs, true)]);
  stream.destroy();
  return outcome;
}
