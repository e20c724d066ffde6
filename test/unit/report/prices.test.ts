import { describe, expect, it } from 'vitest';
import { candidates } from '../../../src/ecs/instance-types.ts';
import { commonPrice, instanceHour, regionalPrice } from '../../../src/report/prices.ts';

describe('an hour of an instance', () => {
  // As AWS lists them.
  it.each<[string, string, number | undefined]>([
    ['us-east-1', 't3.small', 0.0208],
    ['us-east-1', 't3.2xlarge', 0.3328],
    ['us-east-1', 'm6i.24xlarge', 4.608],
    ['us-east-1', 'g5.2xlarge', 1.212],
    ['eu-central-1', 't3.medium', 0.048],
    ['eu-central-1', 'c6i.2xlarge', 0.388],
    ['eu-central-1', 'r7i.large', 0.1596],
    ['eu-central-1', 'g4dn.xlarge', 0.658],
    ['eu-west-1', 't3a.xlarge', 0.1632],
    ['eu-central-1', 'g4dn.2xlarge', undefined],
    ['eu-west-3', 'c6i.large', undefined],
    ['eu-central-1', 'x2idn.metal', undefined],
    ['cn-north-1', 't3.small', undefined],
    ['', '', undefined],
  ])('in %s, %s: %s', (region, type, usd) => {
    const price = instanceHour(region, type);
    if (usd === undefined) expect(price.usd).toBeUndefined();
    else expect(price.usd).toBeCloseTo(usd, 6);
    expect(price).toMatchObject({ source: expect.stringMatching(/^https:/), date: expect.stringMatching(/^20\d\d-/) });
  });

  it.each(['us-east-1', 'eu-central-1'])('is known in %s for every type that is chosen by itself', (region) => {
    const unknown = candidates.filter(({ name, gpus }) => gpus === 0 && instanceHour(region, name).usd === undefined);
    expect(unknown).toEqual([]);
  });
});

it.each<[string, 'gp3' | 'snapshot' | 'outbound', number | undefined]>([
  ['us-east-1', 'gp3', 0.08],
  ['eu-central-1', 'gp3', 0.0952],
  ['eu-central-1', 'snapshot', 0.054],
  ['eu-west-1', 'snapshot', undefined],
  ['sa-east-1', 'outbound', 0.15],
  ['us-gov-west-1', 'outbound', undefined],
])('in %s, %s: %s', (region, what, usd) => {
  expect(regionalPrice(region, what).usd).toBe(usd);
});

it('what is the same everywhere is not known of regions that are not in the tables', () => {
  expect(commonPrice('eu-central-1', 'ipv4Hour').usd).toBe(0.005);
  expect(commonPrice('cn-north-1', 'ipv4Hour').usd).toBeUndefined();
});
