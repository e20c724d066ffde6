import { expect, test } from 'vitest';
import type { Dataset } from '../../src/design.ts';
import { fullSource } from '../../src/full-source.ts';

const plenty = Number.POSITIVE_INFINITY;

test.each<[string, number, number, number, string | undefined]>([
  ['room enough for few files', 1000, 65e6, plenty, undefined],
  ['not a byte', 1000, 0, plenty, '0 B are free'],
  ['lists of many files that do not fit', 1_000_000, 500e6, plenty, 'need 576 MB, and 500 MB are free'],
  ['lists of many files that do', 1_000_000, 600e6, 100, undefined],
  ['bytes enough, and no names left', 1000, 65e6, 99, 'no more than 99 names are free'],
])('%s', (_, files, freeBytes, freeFiles, says) => {
  const found = fullSource([{ files } as Dataset], { freeBytes, freeFiles, hostname: 'droplet' });
  expect(found.map(({ level, code, subject }) => `${level} ${code}:${subject}`)).toEqual(
    says === undefined ? [] : ['blocker source-full:droplet'],
  );
  expect(found[0]?.message ?? '').toContain(says ?? '');
});
