import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** What became of one write. `unknown`: sent, and no answer says whether it was written; it is never sent again. */
type Outcome = 'acknowledged' | 'unknown';

export interface Write {
  readonly number: number;
  readonly outcome: Outcome;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  readonly endedAt: number;
}

export interface Writer {
  /** Resolves once so many writes that are sent from now on are acknowledged. */
  readonly acknowledged: (count: number) => Promise<void>;
  /** Ends the writing after the request that is under way. */
  readonly stop: () => Promise<readonly Write[]>;
}

/** By its title a written post is known: `write 17`. */
export const titleOf = (number: number | string): string => `write ${number}`;

const timeoutMs = 1500;
const pauseMs = 20;

/**
 * Someone who writes at an address without a pause, one post at a time, each with a number of its own that goes up. What
 * was not acknowledged is not tried again, since it may have been written: so every number is written once at most.
 */
export function startWriter(url: string, address: string): Writer {
  const writes: Write[] = [];
  let stopping = false;
  const writing = (async () => {
    for (let number = 1; !stopping; number++) {
      const sentAt = Date.now();
      const outcome = await post(url, address, JSON.stringify({ title: titleOf(number) }));
      writes.push({ number, outcome, sentAt, endedAt: Date.now() });
      await delay(pauseMs);
    }
  })();
  const acknowledged = async (count: number): Promise<void> => {
    const since = Date.now();
    const isNew = ({ outcome, sentAt }: Write) => outcome === 'acknowledged' && sentAt >= since;
    while (writes.filter(isNew).length < count) await delay(pauseMs);
  };
  const stop = async () => {
    stopping = true;
    await writing;
    return writes;
  };
  return { acknowledged, stop };
}

/** A connection of its own for each, as visitors have; any other answer than 2xx says nothing about what was written. */
function post(url: string, address: string, body: string): Promise<Outcome> {
  const { host, port, pathname } = new URL(url);
  return new Promise((resolve) => {
    const sent = request({
      method: 'POST',
      host: address,
      port: port || 80,
      path: pathname,
      headers: { host, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      agent: false,
    });
    // Of the whole exchange, not of a silence within it.
    const timer = setTimeout(() => sent.destroy(new Error('timed out')), timeoutMs);
    const end = (outcome: Outcome) => {
      clearTimeout(timer);
      resolve(outcome);
    };
    sent.on('error', () => end('unknown'));
    sent.on('response', (response) => {
      const { statusCode = 0 } = response;
      response.on('error', () => end('unknown'));
      response.on('end', () => end(statusCode >= 200 && statusCode < 300 ? 'acknowledged' : 'unknown'));
      response.resume();
    });
    sent.end(body);
  });
}
