import { createHash } from 'node:crypto';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';

/** What a page answered: enough to compare an old host with a new one. */
export interface Answer {
  readonly url: string;
  /** HTTP status; 0 where nothing answered. */
  readonly status: number;
  readonly type: string;
  readonly bytes: number;
  /** SHA-256 of the body, hex. */
  readonly digest: string;
}

/** In the state folder: what the source answered before cut-over. */
export const answersFile = 'answers.json';

export const parseAnswers = (text: string | undefined): Answer[] =>
  text === undefined ? [] : (JSON.parse(text) as Answer[]);

/** Where a page is asked for: an IP address, or what opens a connection to a port. */
type Place = string | ((port: number) => Promise<Duplex>);

/** Asks at a place for a page by the URL's host name, path and port; never looks the name up. */
export async function ask(url: string, place: Place, timeoutMs = 5000): Promise<Answer> {
  const { hostname, port, pathname, search, host } = new URL(url);
  const silent: Answer = { url, status: 0, type: '', bytes: 0, digest: '' };
  const stream = typeof place === 'string' ? undefined : await place(Number(port || 80)).catch(() => null);
  if (stream === null) return silent;
  return new Promise((resolve) => {
    const sent = request({
      // Only without an agent does Node take a connection that is there already.
      ...(stream === undefined ? { host: String(place), agent: false } : { createConnection: () => stream }),
      port: port || 80,
      path: pathname + search,
      headers: { host },
    });
    const timer = setTimeout(() => sent.destroy(new Error(`${hostname} timed out`)), timeoutMs);
    sent.on('close', () => {
      clearTimeout(timer);
      stream?.destroy();
    });
    sent.on('error', () => resolve(silent));
    sent.on('response', (response) => {
      const hash = createHash('sha256');
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        bytes += chunk.length;
      });
      response.on('error', () => resolve(silent));
      response.on('end', () =>
        resolve({
          url,
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          bytes,
          digest: hash.digest('hex'),
        }),
      );
    });
    sent.end();
  });
}

export type Likeness = 'same' | 'like' | 'different';

/** Same bytes; or the same status and kind of page, as one with a visit counter in it; or something else. */
export function compareAnswers(before: Answer, after: Answer): Likeness {
  if (before.status !== after.status || before.type !== after.type) return 'different';
  return before.digest === after.digest ? 'same' : 'like';
}
