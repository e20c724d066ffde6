import { expect, test } from 'vitest';
import { between, random } from '../../weather/random.ts';

const first = (count: number, draw: () => number) => Array.from({ length: count }, draw);

test('the same seed and purpose give the same numbers, another of either gives others', () => {
  const numbers = first(5, random(7, 'aws'));
  expect(first(5, random(7, 'aws'))).toEqual(numbers);
  expect(first(5, random(8, 'aws'))).not.toEqual(numbers);
  expect(first(5, random(7, 'ssh'))).not.toEqual(numbers);
});

test('the numbers are spread evenly from 0 up to 1', () => {
  const numbers = first(10_000, random(1, 'spread'));
  for (const tenth of Array.from({ length: 10 }, (_, index) => index / 10)) {
    const here = numbers.filter((number) => number >= tenth && number < tenth + 0.1).length;
    expect(here).toBeGreaterThan(900);
    expect(here).toBeLessThan(1100);
  }
});

test('between stays within its bounds', () => {
  expect(between(() => 0, 10, 25)).toBe(10);
  expect(between(() => 0.999, 10, 25)).toBeLessThan(25);
});
