import { drawing } from '../random.ts';

/**
 * Numbers from 0 up to 1, always the same ones for a seed and a purpose. Each purpose has a series of its own: how often
 * one part draws does not change what another gets.
 */
export const random = (seed: number, purpose: string): (() => number) =>
  drawing([...purpose].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed));

/** Evenly from `least` to below `most`. */
export const between = (draw: () => number, least: number, most: number): number => least + draw() * (most - least);
