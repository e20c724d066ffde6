import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/pipeline.ts';
import type { Step } from '../../../src/step.ts';

const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/blog/mariadb:5acf997c87ba';
const steps: Pick<Step, 'id' | 'title'>[] = [
  { id: 'connect', title: 'Connect' },
  { id: 'push-images', title: 'Push the images to the registry' },
  { id: 'cut-over', title: 'Cut over to the target' },
  { id: 'verify', title: 'Verify' },
];
const push = { step: 'push-images', id: 'push' };
const pushing = (doneBytes: number): RunEvent => ({
  type: 'progress',
  ...push,
  progress: { message: 'pushing', doneBytes, totalBytes: 188e6 },
});
const cutOver = { type: 'progress', step: 'cut-over', id: 'cut-over' } as const;

/** Events, and between them how many ms pass. */
const story: (RunEvent | number)[] = [
  { type: 'step-begin', step: 'connect', changes: 0 },
  { type: 'step-done', step: 'connect', changes: 0, seconds: 0.1, checks: [] },
  { type: 'step-begin', step: 'push-images', changes: 1 },
  { type: 'change-begin', step: 'push-images', change: { id: 'push', verb: 'copy', target: image, reason: 'a test' } },
  pushing(0),
  1100,
  pushing(20e6),
  400,
  { type: 'change-done', ...push, seconds: 1.5 },
  { type: 'step-done', step: 'push-images', changes: 1, seconds: 1.5, checks: [] },
  { type: 'step-begin', step: 'cut-over', changes: 1 },
  { ...cutOver, progress: { message: 'visitors wait', since: new Date(Date.now() - 3600_000).toISOString() } },
  400,
  { ...cutOver, progress: { message: 'visitors waited 5.3 s' } },
  { type: 'step-done', step: 'cut-over', changes: 1, seconds: 9, checks: [] },
  { type: 'step-begin', step: 'verify', changes: 0 },
  { type: 'step-failed', step: 'verify', message: `Verify: ${'much too long '.repeat(20)}` },
];

const program = `
import { setTimeout as delay } from 'node:timers/promises';
import { draw } from ${JSON.stringify(join(import.meta.dirname, '../../../src/cli/draw.ts'))};
const { steps, story } = JSON.parse(process.env.STORY);
const { onEvent, end } = draw(steps, { verbose: false });
for (const each of story) typeof each === 'number' ? await delay(each) : onEvent(each);
await end();
`;

/** All that was written, on a terminal of so many columns or, without them, in a pipe. */
const drawn = (columns?: number, env = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const node = '"$NODE" --import tsx --input-type=module --eval "$PROGRAM"';
    const command = columns === undefined ? node : `script -qefc 'stty cols ${columns} rows 40; ${node}' /dev/null`;
    const { NO_COLOR: _, FORCE_COLOR: __, ...clean } = process.env;
    const given = { NODE: process.execPath, PROGRAM: program, STORY: JSON.stringify({ steps, story }), TERM: 'xterm' };
    execFile('sh', ['-c', command], { env: { ...clean, ...given, ...env } }, (error, stdout, stderr) =>
      error ? reject(new Error(`${stdout}${stderr}`)) : resolve(stdout),
    );
  });

const colour = '\x1b[3';
const lines = (text: string): string[] => stripVTControlCharacters(text).split(/[\r\n]+/);

describe('a run on a terminal', () => {
  let screen: string;
  beforeAll(async () => {
    screen = await drawn(80);
  });

  test.each([
    [/ › ….*\/mariadb:5acf997c87ba {2}pushing 20\.0 MB of 188 MB, 1\d\.\d MB\/s, \d+(\.\d)? s left$/],
    [/ Cut over to the target: visitors wait, 360\d s$/],
    [/✔ Cut over to the target: visitors waited 5\.3 s \(1 change, 0 checks ok, 9\.0 s\)$/],
    [/✖ Verify: much .*…$/],
  ])('shows %s', (shown) => {
    expect(lines(screen)).toContainEqual(expect.stringMatching(shown));
  });

  test('is never wider than that', () => {
    expect(lines(screen).filter((line) => line.length > 80)).toEqual([]);
    expect(screen).toContain(colour);
  });

  test('honours NO_COLOR', async () => {
    expect(await drawn(80, { NO_COLOR: '1' })).not.toContain(colour);
  });

  test.each([
    ['in a pipe', undefined],
    ['on a terminal that says it has no width', 0],
  ])('%s is lines that stay', async (_, columns) => {
    const text = await drawn(columns);
    expect(text).not.toContain('\x1b');
    expect(lines(text)).toEqual(
      expect.arrayContaining([`  copy ${image}`, `  done: copy ${image}, 1.5 s`, '  visitors waited 5.3 s']),
    );
  });
});
