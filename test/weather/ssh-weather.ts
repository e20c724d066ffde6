import { setTimeout as delay } from 'node:timers/promises';
import { inHost, labHost } from '../lab/host.ts';
import type { Tally } from './faults.ts';
import { between } from './random.ts';

interface Options {
  readonly lab: string;
  readonly draw: () => number;
  readonly tally: Tally;
  /** Whether the operator's connections may drop now; asked right before. */
  readonly mayDrop: () => boolean;
}

/** The processes of sshd that hold a session, not those of a container under the same name. */
const sessions = ['pgrep', '--ns', '1', '--nslist', 'pid', '-f', '^sshd: [^ ]+@notty|^sshd: [^ ]+ \\[priv\\]'];

/** Ends one of the operator's sessions on the droplet every 10 to 25 seconds, without a word, until it is stopped. */
export function startSshWeather({ lab, draw, tally, mayDrop }: Options): () => Promise<void> {
  const stopping = new AbortController();
  const weather = async () => {
    for (;;) {
      await delay(between(draw, 10_000, 25_000), undefined, { signal: stopping.signal });
      const host = await labHost(lab, 'droplet');
      const pids = (await inHost(host, sessions)).stdout.trim().split('\n').filter(Boolean);
      const pid = pids[Math.floor(draw() * pids.length)];
      if (pid === undefined || !mayDrop()) continue;
      await inHost(host, ['kill', '-KILL', pid]);
      tally.add('ssh-dropped');
    }
  };
  const ended = weather().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  return async () => {
    stopping.abort();
    await ended;
  };
}
