import type { Duplex } from 'node:stream';

/** Leads two connections into each other, each no faster than the other takes it. When one is over, so is the other. */
export function join(one: Duplex, other: Duplex): void {
  lead(one, other);
  lead(other, one);
}

function lead(from: Duplex, to: Duplex): void {
  from.pipe(to);
  // What is still said to one that is gone is thrown away: unread, it would keep the other open for ever.
  from.once('close', () => to.unpipe(from).resume());
}
