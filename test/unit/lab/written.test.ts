import { describe, expect, it } from 'vitest';
import type { Write } from '../../lab/writer.ts';
import { wrongsOf } from '../../lab/written.ts';

const write = (number: number, outcome: Write['outcome'] = 'acknowledged'): Write => ({
  number,
  outcome,
  sentAt: number,
  endedAt: number,
});
/** Nobody knows of the third. */
const writes = [write(1), write(2), write(3, 'unknown'), write(4)];
const titles = (...numbers: number[]) => numbers.map((number) => `write ${number}`);

describe('what a database owes a writer', () => {
  it.each([
    ['all of them', titles(1, 2, 3, 4), []],
    ['all that are acknowledged', titles(1, 2, 4), []],
    ['an unknown one that came late', titles(1, 2, 4, 3), []],
    ['nothing', [], ['write 1 is lost', 'write 2 is lost', 'write 4 is lost']],
    ['one less', titles(1, 4), ['write 2 is lost']],
    [
      'one twice',
      titles(1, 2, 2, 4),
      ['write 2 is there twice', 'write 2 is not at its place', 'write 4 is not at its place'],
    ],
    ['an unknown one twice', titles(1, 3, 2, 3, 4), ['write 3 is there twice']],
    ['two in another order', titles(2, 1, 4), ['write 2 is not at its place', 'write 1 is not at its place']],
    ['one that nobody sent', titles(1, 2, 4, 9), ['write 9 was never sent']],
  ])('%s', (_, held, wrongs) => {
    expect(wrongsOf(writes, held)).toEqual(wrongs);
  });
});
