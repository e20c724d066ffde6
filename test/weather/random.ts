/**
 * Numbers from 0 up to 1, always the same ones for a seed and a purpose (mulberry32). Each purpose has a series of its
 * own: how often one part draws does not change what another gets.
 */
export function random(seed: number, purpose: string): () => number {
  let state = [...purpose].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Evenly from `least` to below `most`. */
export const between = (draw: () => number, least: number, most: number): number => least + draw() * (most - least);
