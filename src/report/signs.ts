import type { Verb } from '../step.ts';

/** What a change does, in one character. */
export const signs: Readonly<Record<Verb, string>> = {
  create: '+',
  update: '~',
  copy: '→',
  start: '▶',
  stop: '■',
  delete: '-',
  record: '·',
};
