import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../../src/answers.ts';

export interface Visit {
  /** Longest time without a good answer, from the last good one before to the first good one after, in seconds. */
  readonly downtimeSeconds: number;
  readonly asked: number;
  readonly failed: number;
}

/** Someone who keeps asking for a page at the old address; says at the end how long nothing came back. */
export function startVisitor(url: string, address: string): { readonly stop: () => Promise<Visit> } {
  let stopping = false;
  const visits = (async () => {
    let [lastGood, longest, asked, failed] = [Date.now(), 0, 0, 0];
    while (!stopping) {
      const { status } = await ask(url, address, 1000);
      asked++;
      if (status === 200) {
        longest = Math.max(longest, Date.now() - lastGood);
        lastGood = Date.now();
      } else failed++;
      await delay(50);
    }
    return { downtimeSeconds: longest / 1000, asked, failed };
  })();
  return {
    stop: () => {
      stopping = true;
      return visits;
    },
  };
}
