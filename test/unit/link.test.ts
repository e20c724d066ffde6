import { describe, expect, it } from 'vitest';
import { compressionFor, parseProbe } from '../../src/link.ts';

describe('the link', () => {
  it.each([
    [1e6, '3.2.7', '--compress'],
    [39e6, '3.2.0', '--compress'],
    [41e6, '3.4.1', ''],
    [7e6, '3.1.3', '--compress'],
    [9e6, '3.1.3', ''],
    [9e6, '', ''],
  ])('of %d bytes a second, with rsync %s: "%s"', (rate, version, option) => {
    expect(compressionFor(rate, version)).toBe(option);
  });

  it.each([
    ['67108864 500000000\n', 134_217_728],
    ['1000 2000000000', 500],
    ['', undefined],
    ['0 2000000000', undefined],
    ['ecsodus: /data is not mounted', undefined],
  ])('measured as %j: %s', (text, rate) => {
    expect(parseProbe(text)).toBe(rate);
  });
});
