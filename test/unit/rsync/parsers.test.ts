import { describe, expect, test } from 'vitest';
import { explainExit, transientExits, vanished } from '../../../src/rsync/exit-codes.ts';
import { parseProgress, progressParser } from '../../../src/rsync/progress.ts';
import type { Progress } from '../../../src/step.ts';

describe('progress', () => {
  test.each([
    ['              0   0%    0.00kB/s    0:00:00  ', { doneBytes: 0, bytesPerSecond: 0 }],
    ['         32,768   0%    0.00kB/s    0:00:00  ', { doneBytes: 32768, bytesPerSecond: 0 }],
    ['    335,544,320  40%  319.98MB/s    0:00:01  ', { doneBytes: 335544320, bytesPerSecond: 335523348 }],
    [
      '  1,048,576,000 100%    1.05GB/s    0:00:00 (xfr#3, to-chk=0/5)',
      { doneBytes: 1048576000, bytesPerSecond: 1127428915 },
    ],
    [
      '  1,048,576,000  99%    1.05kB/s    0:00:00 (xfr#3, ir-chk=1000/1005)',
      { doneBytes: 1048576000, bytesPerSecond: 1075 },
    ],
    ['Number of files: 12 (reg: 10, dir: 2)', undefined],
    ['rsync: [sender] write error: Broken pipe (32)', undefined],
    ['', undefined],
  ])('%j', (line, expected) => {
    expect(parseProgress(line)).toEqual(expected);
  });

  test('lines cut anywhere are put together, the last of a piece is told, an unfinished one waits', () => {
    const text =
      '\r          1,000  10%    1.00kB/s    0:00:09  \r          2,000  20%    1.00kB/s    0:00:08  \r          3,';
    for (const size of [1, 7, 1000]) {
      const seen: Progress[] = [];
      const feed = progressParser(10_000, (progress) => seen.push(progress));
      for (let at = 0; at < text.length; at += size) feed(text.slice(at, at + size));
      expect(seen.map(({ doneBytes }) => doneBytes)).toEqual(size === 1000 ? [2000] : [1000, 2000]);
      const several: Progress[] = [];
      progressParser(10_000, (progress) => several.push(progress))(
        'stream 1   1,000  10%  1.00kB/s  0:00:09\nstream 2   500  5%  1.00kB/s  0:00:09\n',
      );
      expect(several.at(-1)).toMatchObject({ doneBytes: 1500, bytesPerSecond: 2048 });
      const later: Progress[] = [];
      progressParser(10_000, (progress) => later.push(progress))(`pass 2\n${text}`);
      expect(later[0]).toEqual({
        message: 'copying what changed, pass 2:',
        doneBytes: 2000,
        bytesPerSecond: 1024,
      });
      expect(seen.at(-1)).toEqual({ message: 'copying', doneBytes: 2000, totalBytes: 10_000, bytesPerSecond: 1024 });
    }
  });
});

describe('exit codes', () => {
  test.each([
    [0, 'Success', false],
    [11, 'Error in file I/O', false],
    [12, 'Error in rsync protocol data stream', true],
    [23, 'Partial transfer due to error', false],
    [vanished, 'Partial transfer due to vanished source files', false],
    [30, 'Timeout in data send/receive', true],
    [127, 'rsync is not installed', false],
    [137, 'Ended by signal 9', false],
    [255, 'The SSH connection between the hosts failed', true],
    [99, 'Unknown exit code 99', false],
  ])('%i', (code, meaning, retry) => {
    expect(explainExit(code)).toBe(meaning);
    expect(transientExits.includes(code)).toBe(retry);
  });
});
