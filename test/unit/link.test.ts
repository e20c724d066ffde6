import { describe, expect, it } from 'vitest';
import { compressionFor, parseProbe, readLinkRate } from '../../src/link.ts';

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

  it('is known to the next plan as it was measured', async () => {
    const state = (text?: string) => ({ directory: '', has: async () => false, read: async () => text });
    expect(await readLinkRate(state())).toBeUndefined();
    expect(await readLinkRate(state('{"bytesPerSecond":134217728}'))).toBe(134_217_728);
  });
});
