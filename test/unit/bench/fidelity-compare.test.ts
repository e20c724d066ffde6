import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/ecs/json.ts';
import type { AccountingRow } from '../../../src/finding.ts';
import { compare, countOf, partsThatWork, refuseIdle } from '../../bench/fidelity-compare.ts';
import { type Setting, settings } from '../../bench/fidelity-settings.ts';

const memory: Setting = { name: 'memory', flags: [], path: 'HostConfig.Memory', read: ({ memory: value }) => value };
const row = (setting: string, outcome: AccountingRow['outcome']): AccountingRow => ({
  container: 'original',
  setting,
  value: '',
  outcome,
  target: '',
  note: '',
});

describe('what became of a setting', () => {
  it.each<[string, unknown, readonly AccountingRow[], string]>([
    ['the same', 256, [], 'kept'],
    ['the same, though named', 256, [row('HostConfig.Memory', 'approximated')], 'kept'],
    ['the default, silently', 0, [], 'lost'],
    ['gone, silently', undefined, [], 'lost'],
    ['another value, silently', 512, [], 'wrong'],
    ['another value, named', 512, [row('HostConfig.Memory', 'approximated')], 'named'],
    ['the default, named', 0, [row('HostConfig.Memory', 'lost')], 'named'],
    ['the default, named by a part of it', 0, [row('HostConfig.Memory.Part', 'lost')], 'named'],
    ['the default, named with all around it', 0, [row('HostConfig', 'lost')], 'named'],
    ['the default, though claimed to be mapped', 0, [row('HostConfig.Memory', 'mapped')], 'lost'],
    ['the default, with another named', 0, [row('HostConfig.MemorySwap', 'lost')], 'lost'],
  ])('%s', (_, after, accounting, outcome) => {
    const inspects = { original: { memory: 256 }, again: { memory: after }, plain: { memory: 0 } };
    const compared = compare([memory], inspects, accounting);
    expect(compared).toEqual([{ setting: 'memory', outcome, before: 256, after }]);
    expect(countOf(compared, 'kept')).toBe(outcome === 'kept' ? 1 : 0);
  });

  it('is not asked where Docker did not take the setting in the first place', () => {
    expect(() => refuseIdle([memory], { memory: 0 }, {})).toThrow(/not in force in the original: memory/);
    expect(() => refuseIdle([memory], { memory: 1 }, {})).not.toThrow();
  });
});

describe('the parts of a description that work together', () => {
  it.each<[string, string, string]>([
    ['all do', 'abcdef', ''],
    ['the first does not', 'Abcdef', 'A'],
    ['the last does not', 'abcdeF', 'F'],
    ['some do not', 'aBcDEf', 'BDE'],
    ['none does', 'ABC', 'ABC'],
  ])('%s', async (_, parts, refused) => {
    const found = await partsThatWork([...parts], async (some) => some.every((part) => part === part.toLowerCase()));
    expect(found.refused.join('')).toBe(refused);
    expect(found.kept.join('')).toBe(parts.replace(/[A-Z]/g, ''));
  });

  it('gives up where nothing at all works', async () => {
    await expect(partsThatWork(['a'], async () => false)).rejects.toThrow(/not even the bare container/);
  });
});

describe('the settings compared', () => {
  it('are at least 47, each called its own', () => {
    expect(settings.length).toBeGreaterThanOrEqual(47);
    expect(new Set(settings.map(({ name }) => name)).size).toBe(settings.length);
  });

  it('read a mount wherever its data went, and not a look-alike', () => {
    const mounted = (Source: string): Json => ({
      Mounts: [{ Type: 'bind', Source, Destination: '/conf', RW: false, Propagation: 'rprivate' }],
    });
    const conf = settings.find(({ path }) => path === 'Mounts./conf');
    expect(conf?.read(mounted('/data/binds/srv/conf'))).toEqual(conf?.read(mounted('/srv/conf')));
    expect(conf?.read(mounted('/srv/other'))).not.toEqual(conf?.read(mounted('/srv/conf')));
  });

  it('read tmpfs alike, by whichever flag it was asked for', () => {
    const tmpfs = settings.find(({ name }) => name === 'tmpfs by --mount');
    const asked = {
      HostConfig: { Mounts: [{ Type: 'tmpfs', Target: '/run/app', TmpfsOptions: { SizeBytes: 32 * 1024 ** 2 } }] },
    };
    expect(tmpfs?.read(asked)).toEqual(tmpfs?.read({ HostConfig: { Tmpfs: { '/run/app': 'size=32m' } } }));
    expect(tmpfs?.read(asked)).not.toEqual(tmpfs?.read({ HostConfig: { Tmpfs: { '/run/app': 'size=31m' } } }));
  });
});
