import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/journal.ts';
import { endOf, freezeMade, madeChanges, timeTaken } from '../../../src/report/made-changes.ts';

const second = (n: number): string => new Date(Date.UTC(2026, 10, 25, 20, 0, 0) + n * 1000).toISOString();

/** `12 begin cut-over stop:web` */
const entries = (...lines: readonly string[]): JournalEntry[] =>
  lines.map((line) => {
    const [at = '', kind, step = '', id = ''] = line.split(' ');
    const stamp = { v: 1 as const, migration: 'blog', at: second(Number(at)), step, id };
    if (kind === 'begin') return { ...stamp, kind, change: { id, verb: 'stop', target: id, reason: '' } };
    if (kind === 'failed') return { ...stamp, kind, message: 'no' };
    return { ...stamp, kind: 'done', ...(kind === 'adopted' && { adopted: true }) };
  });

const made = (...lines: readonly string[]) =>
  madeChanges(entries(...lines), ['sync-data', 'cut-over']).map(({ id, seconds }) => [id, seconds]);

describe('what was made', () => {
  it.each<[string, readonly string[], readonly (readonly [string, number | undefined])[]]>([
    ['begun and done', ['0 begin cut-over a', '3 done cut-over a'], [['a', 3]]],
    ['begun and not done is not', ['0 begin cut-over a'], []],
    [
      'failed, and made later',
      ['0 begin cut-over a', '1 failed cut-over a', '5 begin cut-over a', '7 done cut-over a'],
      [['a', 2]],
    ],
    [
      'made twice counts as it was last',
      ['0 begin cut-over a', '9 done cut-over a', '20 begin cut-over a', '21 done cut-over a'],
      [['a', 1]],
    ],
    ['found made by the next run: nobody knows', ['0 begin cut-over a', '900 adopted cut-over a'], [['a', undefined]]],
    [
      'in the order of beginning',
      ['0 begin sync-data a', '1 begin sync-data b', '2 done sync-data b', '4 done sync-data a'],
      [
        ['a', 4],
        ['b', 1],
      ],
    ],
    ['of other commands is not', ['0 begin rollback a', '1 done rollback a'], []],
  ])('%s', (_, lines, expected) => expect(made(...lines)).toEqual(expected));
});

describe('how long it took', () => {
  it.each<[string, readonly string[], number]>([
    ['one after the other', ['0 begin cut-over a', '2 done cut-over a', '2 begin cut-over b', '5 done cut-over b'], 5],
    ['at once counts once', ['0 begin cut-over a', '0 begin cut-over b', '2 done cut-over a', '5 done cut-over b'], 5],
    ['one within the other', ['0 begin cut-over a', '1 begin cut-over b', '2 done cut-over b', '9 done cut-over a'], 9],
    [
      'a night between two runs does not count',
      ['0 begin cut-over a', '2 done cut-over a', '40000 begin cut-over b', '40001 done cut-over b'],
      3,
    ],
  ])('%s', (_, lines, expected) => expect(timeTaken(madeChanges(entries(...lines), ['cut-over']))).toBe(expected));

  it('ends when the change was made', () => {
    const [change] = madeChanges(entries('10 begin cut-over a', '15 done cut-over a'), ['cut-over']);
    expect(change && endOf(change)).toBe(second(15));
  });
});

it('the freeze is made of stops, delta, proof, the handing over and the starts, and of no more', () => {
  const ids = [
    'catch-up:d',
    'hold:web',
    'stop:web',
    'stop:db',
    'delta:d',
    'prove:d',
    'ebs-snapshot',
    'fence:target',
    'start:web',
    'open:80',
  ];
  const lines = ids.flatMap((id, index) => [`${index} begin cut-over ${id}`, `${index + 1} done cut-over ${id}`]);
  const parts = freezeMade(madeChanges(entries(...lines), ['cut-over']));
  expect(parts.map(({ seconds }) => seconds)).toEqual([2, 1, 1, 2, 1]);
});
