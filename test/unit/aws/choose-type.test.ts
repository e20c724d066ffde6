import { expect, test } from 'vitest';
import { chooseType } from '../../../src/aws/choose-type.ts';
import { foundType, instance, parsed } from './wishes.ts';

const wish = (yaml: string, memoryReservation: number) => ({
  config: parsed(`source: blog\n${yaml}`),
  design: {
    workloads: [{ taskDefinition: { family: 'web', containerDefinitions: [{ memoryReservation }] } } as never],
  },
});

/** AWS in a region that lacks some types; it is asked for no more than is needed. */
function region(lacking: readonly string[] = []) {
  const asked: string[] = [];
  const findInstanceType = async (type: string) => {
    asked.push(type);
    return lacking.includes(type) ? undefined : foundType(type).found;
  };
  return { asked, aws: { findInstanceType } };
}

test.each<[string, string, number, typeof instance | undefined, string[], string, string[]]>([
  ['the smallest that fits', '', 5000, undefined, [], 't3.large', ['t3.large']],
  ['the next where the region lacks it', '', 5000, undefined, ['t3.large'], 'm6i.large', ['t3.large', 'm6i.large']],
  ['the one that is named, fit or not', 'instance: {type: t3.small}', 5000, undefined, [], 't3.small', ['t3.small']],
  ['that of the instance that is there', 'instance: {type: m6i.large}', 5000, instance, [], 't3.small', ['t3.small']],
  ['the largest where none fits', '', 5_000_000, undefined, [], 'r6i.24xlarge', ['r6i.24xlarge']],
])('%s', async (_, yaml, memory, there, lacking, name, asked) => {
  const { aws, asked: calls } = region(lacking);
  expect((await chooseType(aws, wish(yaml, memory), there)).name).toBe(name);
  expect(calls).toEqual(asked);
});

test('AWS’s own figures count, not the table’s', async () => {
  const findInstanceType = async (name: string) => {
    const { found } = foundType(name);
    return found && { ...found, memoryMib: name.startsWith('t3.') ? 100 : found.memoryMib };
  };
  expect((await chooseType({ findInstanceType }, wish('', 3000), undefined)).name).toBe('c6i.large');
});

test('a type the region lacks is not found', async () => {
  const { aws } = region(['x9.huge']);
  expect(await chooseType(aws, wish('instance: {type: x9.huge}', 1), undefined)).toEqual({
    name: 'x9.huge',
    found: undefined,
  });
});
