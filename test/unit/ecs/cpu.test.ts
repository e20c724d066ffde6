import { describe, expect, it } from 'vitest';
import { cpuUnits } from '../../../src/ecs/cpu.ts';
import { container } from './builders.ts';

const units = (hosts: readonly Record<string, number>[], type?: string) => [
  ...cpuUnits(
    hosts.map((host, index) => container({ name: `c${index}`, host })),
    type,
  ).values(),
];
const shares = (...all: number[]) => all.map((CpuShares) => ({ CpuShares }));

describe('CPU units', () => {
  it.each<[string, Record<string, number>[], string | undefined, number[]]>([
    ['no shares at all', shares(0, 0), undefined, [0, 0]],
    ['shares that fit stay as they are', shares(512, 0), undefined, [512, 1024]],
    ['never more than asked for', shares(10), 'm6i.4xlarge', [10]],
    ['two processors while the type is not named', shares(2048, 0, 0), undefined, [1024, 512, 512]],
    ['those of the type that is named', shares(2048, 0, 0), 'm6i.xlarge', [2048, 1024, 1024]],
    ['one processor of a type that is not known', shares(2048, 0, 0), 'x9.small', [512, 256, 256]],
    ['rounded to the nearest', shares(100, 5000, 7), undefined, [40, 2005, 3]],
    ['at least 2', shares(2, 262_144), undefined, [2, 2046]],
    [
      'a cap takes its part first',
      [{ CpuShares: 0, NanoCpus: 1e9 }, ...shares(2048, 2048)],
      undefined,
      [256, 512, 512],
    ],
    ['nobody has more than its cap', [{ CpuShares: 4096, NanoCpus: 25e7 }], undefined, [256]],
    [
      'caps that take all leave the shares to a larger instance',
      [{ NanoCpus: 2e9 }, ...shares(2048)],
      undefined,
      [1024, 2048],
    ],
  ])('%s', (_, hosts, type, expected) => expect(units(hosts, type)).toEqual(expected));

  it('never ask for more than there is, however they are rounded', () => {
    for (let count = 1; count <= 120; count++) {
      const found = units(shares(...Array.from({ length: count }, (_, index) => 2 + ((index * 7919) % 5000))));
      expect(found.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(2048);
      expect(Math.min(...found)).toBeGreaterThanOrEqual(2);
    }
  });

  it('end where even the least is too much', () => {
    expect(new Set(units(shares(...Array.from({ length: 1100 }, () => 2048))))).toEqual(new Set([2]));
  });
});
