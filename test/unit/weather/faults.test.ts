import { expect, test } from 'vitest';
import { awsOdds, deal, registryOdds } from '../../weather/faults.ts';

const share = (odds: Readonly<Record<string, number>>) => Object.values(odds).reduce((sum, each) => sum + each, 0);

test('one draw decides, and the shares add up', () => {
  const odds = { wet: 0.1, cold: 0.2 };
  expect([0, 0.09, 0.1, 0.29, 0.31, 0.99].map((draw) => deal(odds, draw))).toEqual([
    'wet',
    'wet',
    'cold',
    'cold',
    undefined,
    undefined,
  ]);
});

test('the weather is bad: a tenth of all requests or more', () => {
  expect(share(awsOdds)).toBeGreaterThanOrEqual(0.1);
  expect(share(registryOdds)).toBeCloseTo(0.1);
});
