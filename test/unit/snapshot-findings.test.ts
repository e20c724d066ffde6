import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/design.ts';
import { MigrationError } from '../../src/errors.ts';
import type { Container, HostFacts } from '../../src/inventory.ts';
import { snapshotError } from '../../src/snapshot-errors.ts';
import { noRoom, stillHeld } from '../../src/snapshot-findings.ts';
import { longestPause, parseSnapshotMark } from '../../src/snapshot-marks.ts';

describe('room for snapshots', () => {
  const facts = { freeBytes: 1000, hostname: 'droplet' } as HostFacts;
  const datasets = (...sizes: number[]) => sizes.map((bytes) => ({ bytes }) as Dataset);

  it.each([
    ['nothing to copy', [], false],
    ['all but a tenth', [450, 450], false],
    ['more', [450, 451], true],
  ])('%s', (_, sizes, blocked) => {
    expect(noRoom(datasets(...sizes), facts).length > 0).toBe(blocked);
  });

  it('the blocker names both ways out', () => {
    expect(noRoom(datasets(2000), facts)).toMatchObject([
      {
        level: 'blocker',
        code: 'no-room-for-snapshots',
        subject: 'droplet',
        message: expect.stringContaining('2.0 kB'),
        remedy: expect.stringMatching(/snapshot: ebs.*snapshot: none/),
      },
    ]);
  });
});

it('a container that a snapshot left stopped is a blocker; one that runs is none', () => {
  const containers = [
    { name: 'db', running: false },
    { name: 'web', running: true },
    { name: 'old', running: false },
  ] as Container[];
  expect(stillHeld(['db', 'web'], containers, 'droplet')).toMatchObject([
    { level: 'blocker', code: 'held-for-snapshot', subject: 'db', remedy: expect.stringContaining('docker start db') },
  ]);
});

describe('a script that gave up', () => {
  const attempt = {
    datasets: ['volumes/db-data'],
    holds: [{ container: 'db', by: 'stop' }],
    limitSeconds: 120,
    host: 'droplet',
  } as const;
  const failed = (...evidence: string[]) => new MigrationError('script-failed', 'exit code 1', { evidence });

  it.each([
    ['ecsodus: time-limit', 'snapshot-too-slow', /longer than 120 s.*db went on/, /snapshot: ebs/],
    ['ecsodus: killed db', 'snapshot-killed-database', /db did not shut down/, /snapshotBy: \{ db: pause \}/],
    ['ecsodus: not-released', 'snapshot-not-released', /db could not be let go/, /docker ps -a/],
  ])('%s', (line, code, message, hint) => {
    expect(snapshotError(failed('rsync: noise', line, 'more'), attempt)).toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  it('for another reason stays what it is', () => {
    for (const error of [failed('rsync: ecsodus: time-limit'), new Error('x')])
      expect(snapshotError(error, attempt)).toBe(error);
  });
});

describe('marks', () => {
  const digest = 'a'.repeat(64);
  const text = (pausedMilliseconds: number) =>
    JSON.stringify({
      dataset: { name: 'volumes/d', kind: 'directory', source: '/d' },
      holds: [],
      clones: 'yes',
      unsaved: 'cache other',
      pausedMilliseconds,
      at: '2026-11-22T12:00:00Z',
      manifest: `${digest} 3 7 2 7`,
    });

  it('say what was made', () => {
    expect(parseSnapshotMark(text(40))).toEqual({
      dataset: { name: 'volumes/d', kind: 'directory', source: '/d' },
      holds: [],
      clones: true,
      unsaved: ['cache', 'other'],
      pausedMilliseconds: 40,
      at: '2026-11-22T12:00:00Z',
      digest,
      files: 3,
      bytes: 7,
    });
  });

  it('of an earlier version count for nothing', () => {
    expect(parseSnapshotMark('{"pausedMilliseconds":3,"at":"2026-11-22T12:00:00Z"}')).toBeUndefined();
  });

  it('the longest pause is one of them, if anything was held', () => {
    const marks = [0, 40, 7].flatMap((pause) => parseSnapshotMark(text(pause)) ?? []);
    expect(longestPause(marks)?.pausedMilliseconds).toBe(40);
    expect(longestPause(marks.slice(0, 1))).toBeUndefined();
  });
});
