import type { Check } from './step.ts';

/** A check with its reason: what was seen when it holds, what is wrong when it does not. */
export const check = (name: string, isOk: boolean, good: string, bad: string): Check =>
  isOk ? { name, status: 'ok', reason: good } : { name, status: 'fail', reason: bad };
