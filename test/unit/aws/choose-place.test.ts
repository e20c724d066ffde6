import { expect, test } from 'vitest';
import { choosePlace } from '../../../src/aws/choose-place.ts';
import { foundType, instance, parsed } from './wishes.ts';

const wish = (yaml: string, memoryReservation: number) => ({
  config: parsed(`source: blog\n${yaml}`),
  design: {
    workloads: [{ taskDefinition: { family: 'web', containerDefinitions: [{ memoryReservation }] } } as never],
  },
});

const subnet = (zone: string) => ({ id: `subnet-${zone}`, vpcId: 'vpc-1', zone, freeAddresses: 9, hasIpv4: true });
const subnets = Promise.resolve([subnet('a'), subnet('b')] as const);

/** AWS whose zones a, b and c have every type, but for those named; it is asked for no more than is needed. */
function region(only: Readonly<Record<string, readonly string[]>> = {}) {
  const asked: string[] = [];
  const aws = {
    findOfferings: async (types: readonly string[]) => {
      const zones = types.map((type) => [type, only[type] ?? ['a', 'b', 'c']] as const);
      return Object.fromEntries(zones.filter(([, there]) => there.length > 0));
    },
    findInstanceType: async (type: string) => {
      asked.push(type);
      return only[type]?.length === 0 ? undefined : foundType(type).found;
    },
  };
  return { asked, aws };
}

type Only = Readonly<Record<string, readonly string[]>>;
test.each<[string, string, number, typeof instance | undefined, Only, string, string]>([
  ['the smallest that fits', '', 5000, undefined, {}, 't3.large', 'a'],
  ['the next where the region lacks it', '', 5000, undefined, { 't3.large': [] }, 'm6i.large', 'a'],
  ['in the first zone that has it', '', 5000, undefined, { 't3.large': ['b', 'c'] }, 't3.large', 'b'],
  ['the next where no zone of a subnet has it', '', 5000, undefined, { 't3.large': ['c'] }, 'm6i.large', 'a'],
  ['the one that is named, fit or not', 'instance: {type: t3.small}', 5000, undefined, {}, 't3.small', 'a'],
  ['a named one, where it is', 'instance: {type: m5.large}', 1, undefined, { 'm5.large': ['b'] }, 'm5.large', 'b'],
  ['that of the instance that is there', 'instance: {type: m6i.large}', 5000, instance, {}, 't3.small', 'a'],
  ['the largest where none fits', '', 5_000_000, undefined, {}, 'r6i.24xlarge', 'a'],
])('%s', async (_, yaml, memory, there, only, name, zone) => {
  const { aws, asked } = region(only);
  const place = await choosePlace(aws, wish(yaml, memory), there, subnets);
  expect([place.type.name, place.subnet.zone, place.type.elsewhere]).toEqual([name, zone, undefined]);
  expect(asked).toEqual([name]);
});

test('AWS’s own figures count, not the table’s', async () => {
  const { aws } = region();
  const findInstanceType = async (name: string) => {
    const { found } = foundType(name);
    return found && { ...found, memoryMib: name.startsWith('t3.') ? 100 : found.memoryMib };
  };
  const place = await choosePlace({ ...aws, findInstanceType }, wish('', 3000), undefined, subnets);
  expect(place.type.name).toBe('c6i.large');
});

test('a type that only other zones have comes with their names', async () => {
  const { aws } = region({ 'm5.large': ['c', 'd'] });
  expect(await choosePlace(aws, wish('instance: {type: m5.large}', 1), undefined, subnets)).toMatchObject({
    type: { name: 'm5.large', elsewhere: ['c', 'd'] },
    subnet: { zone: 'a' },
  });
});

test('a type the region lacks is not found, and nowhere else', async () => {
  const { aws } = region({ 'x9.huge': [] });
  const place = await choosePlace(aws, wish('instance: {type: x9.huge}', 1), undefined, subnets);
  expect(place.type).toEqual({ name: 'x9.huge', found: undefined });
});
