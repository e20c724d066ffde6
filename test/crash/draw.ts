/** One number out of each of `count` equal parts of 0 to below `total`: spread, and yet by chance. */
export const spread = (count: number, total: number, draw: () => number): number[] =>
  Array.from({ length: count }, (_, part) => Math.floor(((part + draw()) * total) / count));

/** A kill that no boundary gives: so long after the command was started, or after its first change was begun. */
export interface Moment {
  readonly after: 'start' | 'begin';
  readonly ms: number;
  /** Not before the command was started as often as this. */
  readonly notBefore: number;
}

/** Most commands plan for some seconds, and then are killed at a boundary: `begin` is how the inside of a change is met. */
export const moments = (count: number, starts: number, draw: () => number): Moment[] =>
  spread(count, starts, draw).map((notBefore) =>
    draw() < 1 / 3
      ? { after: 'start', ms: Math.floor(draw() * 6000), notBefore }
      : { after: 'begin', ms: Math.floor(draw() * draw() * 4000), notBefore },
  );

/** How many of `total` fall to each part, by its share; their sum is `total`. */
export function shares(total: number, parts: readonly number[]): number[] {
  const whole = parts.reduce((sum, part) => sum + part, 0);
  let [given, passed] = [0, 0];
  return parts.map((part) => {
    passed += part;
    const here = Math.round((total * passed) / whole) - given;
    given += here;
    return here;
  });
}
