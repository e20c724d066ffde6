import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/pipeline.ts';
import { runView } from '../../../src/report/run-view.ts';
import type { Progress, Verb } from '../../../src/step.ts';

const registry = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

const begin = (id: string, target: string, verb: Verb = 'copy'): RunEvent => ({
  type: 'change-begin',
  step: 'sync-data',
  change: { id, verb, target, reason: 'a test' },
});
const progress = (id: string, of: Progress): RunEvent => ({ type: 'progress', step: 'sync-data', id, progress: of });
const done = (id: string): RunEvent => ({ type: 'change-done', step: 'sync-data', id, seconds: 1 });
const stepBegin: RunEvent = { type: 'step-begin', step: 'sync-data', changes: 2 };

/** Each event with the second it is seen at. */
function having(events: readonly (readonly [number, RunEvent])[]) {
  const view = runView();
  for (const [second, event] of events) view.see(event, second * 1000);
  return {
    lines: (second: number, width = 74) => view.lines(second * 1000, width),
    wait: (s: number) => view.wait(s * 1000),
  };
}

const copying = (doneBytes: number, totalBytes?: number): Progress => ({
  message: 'copying',
  doneBytes,
  ...(totalBytes !== undefined && { totalBytes }),
});

describe('changes under way', () => {
  test.each([
    ['what it does, before it says anything', [[0, begin('a', '/data/db')]], 'copy /data/db'],
    [
      'bytes, while nobody knows the rate',
      [
        [0, begin('a', '/data/db')],
        [0, progress('a', copying(1e6, 4e6))],
      ],
      '/data/db  copying 1.0 MB of 4.0 MB',
    ],
    [
      'rate and time left',
      [
        [0, begin('a', '/data/db')],
        [0, progress('a', copying(0, 4e6))],
        [2, progress('a', copying(1e6, 4e6))],
      ],
      '/data/db  copying 1.0 MB of 4.0 MB, 500 kB/s, 6.0 s left',
    ],
    [
      'no time left where the whole is unknown',
      [
        [0, begin('a', '/data/db')],
        [0, progress('a', copying(0))],
        [2, progress('a', copying(1e6))],
      ],
      '/data/db  copying 1.0 MB, 500 kB/s',
    ],
    [
      'of a name that is too long, the end',
      [
        [0, begin('a', `${registry}/blog/mariadb:0123456789ab`)],
        [0, progress('a', { message: 'pushing', doneBytes: 12e6, totalBytes: 340e6 })],
      ],
      '…amazonaws.com/blog/mariadb:0123456789ab  pushing 12.0 MB of 340 MB',
    ],
  ] as const)('%s', (_, events, line) => {
    const [shown = ''] = having(events).lines(2);
    expect(shown.replace(/^….*amazonaws/, '…amazonaws')).toBe(line);
  });

  test('one line each, until it is done', () => {
    const events = [
      [0, begin('a', '/data/a')],
      [0, begin('b', '/data/b')],
    ] as const;
    expect(having(events).lines(1)).toEqual(['copy /data/a', 'copy /data/b']);
    expect(having([...events, [1, done('a')]]).lines(1)).toEqual(['copy /data/b']);
  });

  test('never wider than the terminal, and no more lines than a person reads', () => {
    const many = Array.from({ length: 30 }, (_, n) => begin(`${n}`, `${registry}/${'long/'.repeat(20)}${n}`));
    const said = many.slice(0, 4).map((_, n) => progress(`${n}`, { message: 'm'.repeat(100), doneBytes: 1 }));
    const view = having([...many, ...said].map((event) => [0, event]));
    for (const width of [20, 74]) {
      const lines = view.lines(0, width);
      expect(lines.filter((line) => line.length > width)).toEqual([]);
      expect(lines.at(-1)).toBe('and 22 more');
    }
  });
});

describe('how long visitors wait', () => {
  const since = new Date(10_000).toISOString();
  test.each([
    ['nothing before they do', [[0, stepBegin]], 12, undefined],
    [
      'seconds while they do',
      [
        [0, stepBegin],
        [11, progress('sync-data', { message: 'visitors wait', since })],
      ],
      14.2,
      'visitors wait, 4 s',
    ],
    [
      'how long it was, once they are answered',
      [
        [11, progress('sync-data', { message: 'visitors wait', since })],
        [15, progress('sync-data', { message: 'visitors waited 5.1 s' })],
      ],
      99,
      'visitors waited 5.1 s',
    ],
    [
      'nothing of it in the next step',
      [
        [11, progress('sync-data', { message: 'visitors wait', since })],
        [12, { ...stepBegin, step: 'verify' }],
      ],
      14,
      undefined,
    ],
  ] as const)('%s', (_, events, second, expected) => {
    expect(having(events).wait(second)).toBe(expected);
  });
});
