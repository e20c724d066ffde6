import { createHash } from 'node:crypto';

/** AWS's idempotency handle of a change: made from names alone, so that a retry after a crash carries the same one. ECS allows 36 characters. */
export const clientToken = (migration: string, changeId: string): string =>
  createHash('sha256').update(`${migration}\n${changeId}`).digest('hex').slice(0, 32);

const series = 5;

/**
 * AWS answers a repeated token with what it made the first time, even when that is long deleted; then the next token
 * of the same fixed series is tried, so that a repeat walks the same series and never makes a second one.
 * `make` says whether what the token stands for is alive.
 */
export async function firstAlive(token: string, make: (token: string) => Promise<boolean>): Promise<boolean> {
  for (let turn = 1; turn <= series; turn++) {
    if (await make(turn === 1 ? token : `${token}-${turn}`)) return true;
  }
  return false;
}
