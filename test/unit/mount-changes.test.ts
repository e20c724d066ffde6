import { describe, expect, it } from 'vitest';
import { type MountSeen, wantedMounts } from '../../src/mount-changes.ts';
import { unknown } from '../../src/step.ts';

const disk = { device: '/dev/nvme1n1', bytes: 8 };
const filesystem = { kind: 'filesystem', ...disk, type: 'ext4', uuid: 'u' } as const;
const nothing: MountSeen = { attached: false, data: undefined, owner: unknown('mount-data'), agentRegistered: false };
const all = 'attach:ecsodus-blog-data format:ecsodus-blog-data mount:/data fence:source agent:start';

describe('mount-data', () => {
  it.each<[string, Partial<MountSeen>, string]>([
    ['before there is an instance', {}, all],
    [
      'with the disk attached and blank',
      { attached: true, data: { disk: { kind: 'blank', ...disk }, mounted: false } },
      all.replace('attach:ecsodus-blog-data ', ''),
    ],
    [
      'with a file system on it',
      { attached: true, data: { disk: filesystem, mounted: false } },
      'mount:/data fence:source agent:start',
    ],
    ['mounted', { attached: true, data: { disk: filesystem, mounted: true } }, 'fence:source agent:start'],
    [
      'owned by the target',
      { attached: true, data: { disk: filesystem, mounted: true }, owner: 'target' },
      'agent:start',
    ],
    ['done', { attached: true, data: { disk: filesystem, mounted: true }, owner: 'source', agentRegistered: true }, ''],
  ])('%s plans what is left', (_, seen, ids) => {
    expect(
      wantedMounts({ ...nothing, ...seen }, 'blog')
        .map(({ id }) => id)
        .join(' '),
    ).toBe(ids);
  });

  it('leaves a disk alone that holds something else', () => {
    const data = { disk: { kind: 'other', ...disk, detail: 'a partition table (gpt)' }, mounted: false } as const;
    expect(() => wantedMounts({ ...nothing, attached: true, data }, 'blog')).toThrow(
      expect.objectContaining({ code: 'disk-not-blank', message: expect.stringContaining('partition table') }),
    );
  });
});
