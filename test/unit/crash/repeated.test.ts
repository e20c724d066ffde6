import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/journal.ts';
import { compareAws } from '../../crash/aws-wanted.ts';
import { moments, shares, spread } from '../../crash/draw.ts';
import { repeated } from '../../crash/repeated.ts';
import { drawing } from '../../random.ts';

/** `begin cut-over stop:db @61`: the seconds are those since the entry before. */
function entries(...lines: readonly string[]): JournalEntry[] {
  let seconds = 0;
  return lines.map((line) => {
    const [, adopted, kind = '', step = '', id = '', wait = '1'] =
      /^(adopted )?(\w+) (\S+) (\S+)(?: @(\d+))?$/.exec(line) ?? [];
    seconds += Number(wait);
    const change = { id, verb: 'create', target: id, reason: '' };
    return {
      v: 1,
      at: new Date(seconds * 1000).toISOString(),
      migration: 'blog',
      step,
      id,
      kind,
      change,
      ...(adopted && { adopted: true }),
    } as JournalEntry;
  });
}

describe('what the journal says was made twice', () => {
  it.each<[string, number, readonly string[]]>([
    [
      'nothing, where each was begun until it was done',
      0,
      ['begin provision key:a', 'begin provision key:a', 'done provision key:a'],
    ],
    [
      'a change begun again when it was done',
      1,
      ['begin provision key:a', 'done provision key:a', 'begin provision key:a'],
    ],
    ['not the same id of another step', 0, ['done cut-over fence:source', 'begin rollback fence:source']],
    ['not what each try to freeze does by design', 0, ['done cut-over guard:arm', 'begin cut-over guard:arm']],
    ['a container stopped twice in one freeze', 1, ['done cut-over stop:db', 'begin cut-over stop:db']],
    [
      'not one that the guard had started again',
      0,
      ['done cut-over stop:db', 'begin cut-over guard:arm @61', 'begin cut-over stop:db'],
    ],
    [
      'not one that the guard had started again while runs were killed that did no more than adopt',
      0,
      [
        'begin cut-over stop:app',
        'adopted done cut-over stop:db @31',
        'adopted done cut-over stop:web @31',
        'begin cut-over catch-up:db',
        'begin cut-over stop:db',
      ],
    ],
    [
      'a container stopped twice while the run spoke to the guard',
      1,
      ['done cut-over stop:db', 'done cut-over stop:web @31', 'done cut-over stop:app @31', 'begin cut-over stop:db'],
    ],
    ['not what was rolled back between', 0, ['done cut-over origin', 'done rollback origin', 'begin cut-over origin']],
    [
      'a rollback that does twice what it did',
      1,
      ['done rollback stop:web', 'done rollback origin', 'begin rollback stop:web'],
    ],
  ])('%s', (_, count, lines) => {
    expect(repeated(entries(...lines))).toHaveLength(count);
  });
});

describe('what AWS has', () => {
  it('counts what is there twice once too often, and what is not there', () => {
    expect(compareAws(['a', 'b', 'b'], ['b', 'a', 'a', 'c'])).toEqual({ strays: ['a', 'c'], missing: ['b'] });
  });
});

describe('draws', () => {
  it('are the same for the same seed, and spread', () => {
    const one = spread(4, 100, drawing(7));
    expect(spread(4, 100, drawing(7))).toEqual(one);
    expect(one.map((number) => Math.floor(number / 25))).toEqual([0, 1, 2, 3]);
    expect(moments(3, 30, drawing(1)).map(({ notBefore }) => Math.floor(notBefore / 10))).toEqual([0, 1, 2]);
  });

  it('are shared out to the last one', () => {
    expect([shares(20, [6, 2, 1, 1]), shares(3, [6, 2, 1, 1]), shares(0, [1, 1])]).toEqual([
      [12, 4, 2, 2],
      [2, 0, 1, 0],
      [0, 0],
    ]);
  });
});
