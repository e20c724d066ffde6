import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { drawLines } from '../../../src/cli/draw-lines.ts';
import type { Change } from '../../../src/step.ts';

const change: Change = { id: 'dataset:db', verb: 'copy', target: '/data/db', reason: 'a test' };
const step = 'sync-data';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a line for whatever begins and ends, and one of progress every five seconds', async () => {
  const said: string[] = [];
  const { onEvent, end } = drawLines(
    [
      { id: step, title: 'Copy' },
      { id: 'verify', title: 'Verify' },
    ],
    (line) => said.push(line),
  );
  onEvent({ type: 'step-begin', step, changes: 1 });
  onEvent({ type: 'change-begin', step, change });
  for (let second = 0; second < 12; second++) {
    onEvent({
      type: 'progress',
      step,
      id: change.id,
      progress: { message: 'copying', doneBytes: second * 1e6, totalBytes: 20e6 },
    });
    vi.advanceTimersByTime(1000);
  }
  onEvent({
    type: 'progress',
    step,
    id: step,
    progress: { message: 'visitors wait', since: new Date().toISOString() },
  });
  onEvent({ type: 'change-done', step, id: change.id, seconds: 12 });
  onEvent({ type: 'step-done', step, seconds: 12.5, changes: 1, checks: [{ name: 'a', status: 'ok', reason: '' }] });
  onEvent({ type: 'step-begin', step: 'verify', changes: 0 });
  onEvent({ type: 'step-failed', step: 'verify', message: 'It failed.' });
  onEvent({ type: 'step-begin', step: 'not shown', changes: 1 });
  await end();
  vi.advanceTimersByTime(60_000);
  expect(said).toEqual([
    'Copy: 1 change',
    '  copy /data/db',
    '  … /data/db  copying 4.0 MB of 20.0 MB, 1.0 MB/s, 16 s left',
    '  … /data/db  copying 9.0 MB of 20.0 MB, 1.0 MB/s, 11 s left',
    '  visitors wait',
    '  done: copy /data/db, 12 s',
    '✔ Copy: 1 change, 1 check ok, 13 s',
    '✖ Verify: It failed.',
  ]);
});
