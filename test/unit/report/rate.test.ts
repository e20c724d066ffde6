import { describe, expect, test } from 'vitest';
import { smoothedRate } from '../../../src/report/rate.ts';

/** Seconds and bytes seen, and the second asked at. */
const rateAt = (seen: readonly (readonly [number, number])[], second: number): number | undefined => {
  const rate = smoothedRate();
  for (const [at, bytes] of seen) rate.see(bytes, at * 1000);
  return rate.at(second * 1000);
};

describe('the rate of what is on its way', () => {
  test.each([
    ['nobody knows at the first look', [[0, 500]], 0, undefined],
    [
      'what was there before was not sent since',
      [
        [0, 5000],
        [2, 5200],
      ],
      2,
      100,
    ],
    [
      'a moment is too short to tell',
      [
        [0, 0],
        [0.4, 900],
      ],
      0.4,
      undefined,
    ],
    [
      'and counts towards the next',
      [
        [0, 0],
        [0.4, 900],
        [1, 1000],
      ],
      1,
      1000,
    ],
    [
      'who is silent for long may stand still',
      [
        [0, 0],
        [1, 1000],
      ],
      12,
      undefined,
    ],
    [
      'a new pass begins from nothing',
      [
        [0, 0],
        [1, 1000],
        [2, 10],
      ],
      2,
      undefined,
    ],
  ] as const)('%s', (_, seen, second, expected) => {
    expect(rateAt(seen, second)).toBe(expected);
  });

  test('does not jump, and follows', () => {
    const burst = rateAt(
      [
        [0, 0],
        [1, 100],
        [2, 200],
        [3, 10_200],
      ],
      3,
    );
    expect(burst).toBeGreaterThan(100);
    expect(burst).toBeLessThan(2500);
    const stalled = Array.from({ length: 30 }, (_, second) => [second + 2, 200] as const);
    expect(rateAt([[0, 0], [1, 100], ...stalled], 31)).toBeLessThan(1);
  });
});
