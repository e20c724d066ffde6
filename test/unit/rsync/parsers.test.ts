import { describe, expect, test } from 'vitest';
import { explainExit, rsyncExit, vanished } from '../../../src/rsync/exit-codes.ts';
import { parseProgress, parseSentBytes, progressParser } from '../../../src/rsync/progress.ts';
import { parseItemized, parseStats } from '../../../src/rsync/stats.ts';
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

  test('lines cut anywhere are put together; an unfinished one waits', () => {
    const text =
      '\r          1,000  10%    1.00kB/s    0:00:09  \r          2,000  20%    1.00kB/s    0:00:08  \r          3,';
    for (const size of [1, 7, 1000]) {
      const seen: Progress[] = [];
      const feed = progressParser(10_000, (progress) => seen.push(progress));
      for (let at = 0; at < text.length; at += size) feed(text.slice(at, at + size));
      expect(seen.map(({ doneBytes }) => doneBytes)).toEqual([1000, 2000]);
      expect(seen[0]).toEqual({ message: 'copying', doneBytes: 1000, totalBytes: 10_000, bytesPerSecond: 1024 });
    }
  });
});

// Recorded from rsync 3.2.7.
const stats = `
Number of files: 1,004 (reg: 1,001, dir: 2, link: 1)
Number of created files: 1,003 (reg: 1,001, dir: 1, link: 1)
Number of deleted files: 2 (reg: 2)
Number of regular files transferred: 1,001
Total file size: 10,485,760 bytes
Total transferred file size: 9,485,756 bytes
Literal data: 9,485,756 bytes
Matched data: 0 bytes
File list size: 0
File list generation time: 0.001 seconds
File list transfer time: 0.000 seconds
Total bytes sent: 9,565,011
Total bytes received: 19,052

sent 9,565,011 bytes  received 19,052 bytes  19,168,126.00 bytes/sec
total size is 10,485,760  speedup is 1.09
`;

test('stats', () => {
  expect(parseStats(stats)).toEqual({
    files: 1004,
    transferredFiles: 1001,
    deletedFiles: 2,
    totalBytes: 10_485_760,
    transferredBytes: 9_485_756,
    sentBytes: 9_565_011,
  });
  expect(parseStats(stats.slice(0, 200))).toBeUndefined();
  expect(parseSentBytes(stats)).toBe(9_565_011);
  expect(parseSentBytes('')).toBe(Number.POSITIVE_INFINITY);
});

test('itemized changes', () => {
  const output = `.d..t...... ./
<fcsT...... two words
>f+++++++++ new
cLc.T...... link -> target
hf+++++++++ hard => other
*deleting   gone/
cannot delete non-empty directory: x
`;
  expect(parseItemized(output)).toHaveLength(6);
  expect(parseItemized('')).toEqual([]);
});

describe('exit codes', () => {
  test.each([
    [0, 'Success', false],
    [11, 'Error in file I/O', false],
    [12, 'Error in rsync protocol data stream', true],
    [23, 'Partial transfer due to error', true],
    [vanished, 'Partial transfer due to vanished source files', true],
    [30, 'Timeout in data send/receive', true],
    [127, 'rsync is not installed', false],
    [137, 'Ended by signal 9', true],
    [255, 'The SSH connection between the hosts failed', true],
    [99, 'Unknown exit code 99', false],
  ])('%i', (code, meaning, retry) => {
    expect(rsyncExit(code)).toEqual({ meaning, retry });
    expect(explainExit(code)).toBe(meaning);
  });
});
