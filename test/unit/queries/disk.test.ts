import { describe, expect, test } from 'vitest';
import {
  blockDevice,
  type DiskState,
  freeOn,
  mountPoint,
  parseDisk,
  parseFree,
  parseMountPoint,
} from '../../../src/queries/disk.ts';
import { commands, run, temporaryDirectory } from './run.ts';

describe('blockDevice', () => {
  const device = '/dev/nvme9n1';
  // Shell tests for block devices cannot be faked: the device is found by its serial number through a fake lsblk.
  const disk = (blkid: string, head = 'printf "\\0\\0"'): DiskState =>
    parseDisk(
      run(
        blockDevice('vol-0123'),
        commands({
          lsblk: 'echo nvme9n1 vol0123',
          readlink: `echo ${device}`,
          blockdev: 'echo 8589934592',
          blkid,
          head: head,
          tail: 'printf "\\0"',
        }),
      ),
    );
  const bytes = 8_589_934_592;

  test.each<[string, string, DiskState]>([
    ['blank', 'exit 2', { kind: 'blank', device, bytes }],
    [
      'ext4',
      'printf "UUID=u-1\\nTYPE=ext4\\nUSAGE=filesystem\\n"',
      { kind: 'filesystem', device, bytes, type: 'ext4', uuid: 'u-1' },
    ],
    [
      'partitions',
      'printf "PTUUID=1\\nPTTYPE=gpt\\n"',
      { kind: 'other', device, bytes, detail: 'a partition table (gpt)' },
    ],
    [
      'LVM',
      'printf "UUID=u\\nTYPE=LVM2_member\\nUSAGE=raid\\n"',
      { kind: 'other', device, bytes, detail: 'LVM2_member' },
    ],
    ['several', 'exit 8', { kind: 'other', device, bytes, detail: 'several signatures' }],
  ])('%s', (_name, blkid, expected) => {
    expect(disk(blkid)).toEqual(expected);
  });

  test('bytes that nothing recognises, or that cannot be read, are not blank', () => {
    expect(disk('exit 2', 'echo data')).toMatchObject({ kind: 'other', detail: 'data that nothing recognises' });
    expect(disk('exit 2', 'exit 1')).toMatchObject({ kind: 'other' });
  });

  test('missing', () => {
    expect(parseDisk(run(blockDevice('vol-0123', '/dev/no-such'), commands({ lsblk: '' })))).toEqual({
      kind: 'missing',
    });
    expect(() => parseDisk('')).toThrow(expect.objectContaining({ code: 'disk-unreadable' }));
  });
});

test('mountPoint', () => {
  expect(parseMountPoint(run(mountPoint('/proc')))).toMatchObject({ type: 'proc' });
  expect(parseMountPoint(run(mountPoint(temporaryDirectory())))).toBeUndefined();
  expect(parseMountPoint('/dev/nvme1n1 ext4 rw,relatime u-1\n')).toEqual({
    source: '/dev/nvme1n1',
    type: 'ext4',
    options: 'rw,relatime',
    uuid: 'u-1',
  });
});

test('what a file system has left', () => {
  const { freeBytes, freeFiles } = parseFree(run(freeOn('/')));
  expect([freeBytes > 0, Number.isInteger(freeFiles)]).toEqual([true, true]);
  expect(parseFree('10 4096 3')).toEqual({ freeBytes: 40_960, freeFiles: 3 });
  expect(parseFree('').freeBytes).toBe(Number.POSITIVE_INFINITY);
});
