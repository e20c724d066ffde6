import { duration } from '../units.ts';

/** `96,310` */
export const grouped = (number: number): string => number.toLocaleString('en-US');

/** What is foretold is no more exact than a second. */
export const roughly = (seconds: number): string =>
  seconds < 1 ? 'under 1 s' : seconds < 10 ? `${Math.round(seconds)} s` : duration(seconds);
