import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../../src/journal.ts';
import { FreezeWatch } from '../../weather/freeze-watch.ts';
import { endingOf, madeTwice, strays } from '../../weather/verdict.ts';

const error = { type: 'error', code: 'aws-failed', message: 'no', hint: 'again' };

describe('how a run ended', () => {
  test('done, or with one clear error', () => {
    expect(endingOf(0, [{ type: 'step-done' }], '')).toEqual({ kind: 'done' });
    expect(endingOf(1, [{ type: 'step-failed' }, error], '')).toEqual({
      kind: 'error',
      code: 'aws-failed',
      message: 'no',
    });
  });

  test.each([
    ['a bug', 70, [], 'TypeError'],
    ['killed', null, [], ''],
    ['no error', 1, [], ''],
    ['two errors', 1, [error, error], ''],
    ['something after the error', 1, [error, { type: 'step-done' }], ''],
    ['no hint', 1, [{ type: 'error', code: 'aws-failed', message: 'no' }], ''],
    ['an error, and yet done', 0, [error], ''],
  ])('as none may: %s', (_, code, lines, stderr) => {
    expect(endingOf(code, lines, stderr).kind).toBe('bad');
  });
});

describe('made twice', () => {
  const done = (step: string, id: string): JournalEntry => ({
    v: 1,
    at: '2026-01-01T00:00:00Z',
    migration: 'blog',
    step,
    id,
    kind: 'done',
  });

  test('what makes something is done once; what follows the data may be done again', () => {
    expect(madeTwice([done('provision', 'volume'), done('cut-over', 'stop'), done('cut-over', 'stop')])).toEqual([]);
    expect(madeTwice([done('provision', 'volume'), done('provision', 'volume')])).toEqual(['provision volume']);
  });

  test('AWS has one of each', () => {
    const before = new Map([['ec2 SecurityGroup', 1]]);
    const after = new Map([
      ['ec2 SecurityGroup', 2],
      ['ec2 Instance', 2],
    ]);
    expect(strays(before, after, { 'ec2 SecurityGroup': 1, 'ec2 Instance': 1, 'ecs Cluster': 1 })).toEqual([
      'ec2 Instance: 2 made, 1 wanted',
      'ecs Cluster: 0 made, 1 wanted',
    ]);
  });
});

test('connections drop in cut-over once, over all runs', () => {
  const watch = new FreezeWatch();
  const cutOver = (type: 'step-begin' | 'step-failed') => watch.see({ type, step: 'cut-over' });
  expect([watch.mayDrop(), watch.mayDrop()]).toEqual([true, true]);
  cutOver('step-begin');
  expect([watch.mayDrop(), watch.mayDrop()]).toEqual([true, false]);
  cutOver('step-failed');
  expect(watch.mayDrop()).toBe(true);
  cutOver('step-begin');
  expect(watch.mayDrop()).toBe(false);
});
