import { createHash } from 'node:crypto';
import { request } from 'node:http';

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

/** Asks `address` for a page by the URL's host name, path and port; never looks the name up. */
export function ask(url: string, address: string, timeoutMs = 5000): Promise<Answer> {
  const { hostname, port, pathname, search, host } = new URL(url);
  const silent: Answer = { url, status: 0, type: '', bytes: 0, digest: '' };
  return new Promise((resolve) => {
    const sent = request({
      host: address,
      port: port || 80,
      path: pathname + search,
      headers: { host },
      timeout: timeoutMs,
      agent: false,
    });
    sent.on('timeout', () => sent.destroy(new Error(`${hostname} timed out`)));
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
