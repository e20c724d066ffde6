import { describe, expect, test } from 'vitest';
import { firstBootFindings, type ObservedInstance, typeFindings } from '../../../src/aws/instance-findings.ts';
import { firstBootMark } from '../../../src/aws/user-data.ts';
import { design, foundType, instance, parsed, sourceFacts } from './wishes.ts';

const seen: ObservedInstance = {
  config: parsed('source: blog'),
  design,
  sourceFacts,
  type: foundType('t3.small'),
  instance: undefined,
  registered: undefined,
};
const named = parsed('source: blog\ninstance: {type: t3.small}');
const workload = (container: object) => ({
  workloads: [
    { ...design.workloads[0], taskDefinition: { family: 'web', containerDefinitions: [container] } } as never,
  ],
});
const registered = (memory: number) => ({
  ec2InstanceId: 'i-1',
  registeredResources: [
    { name: 'MEMORY', integerValue: memory },
    { name: 'CPU', integerValue: 2048 },
  ],
});

describe('the type', () => {
  test.each<[string, Partial<ObservedInstance>, string, string]>([
    ['chosen', {}, 'info instance-type:t3.small', 'The source has 2 processors and 4 GiB.'],
    ['named', { config: named }, 'info instance-type:t3.small', 'ecsodus.yaml names this type.'],
    ['there', { instance }, 'info instance-type:t3.small', 'The instance is there, and keeps its type.'],
    [
      'unknown to the region',
      { type: { name: 'x9.huge', found: undefined } },
      'blocker instance-type-unknown:x9.huge',
      'This region has no',
    ],
    [
      'of another architecture',
      { type: foundType('t3.small', ['arm64']) },
      'blocker instance-architecture:t3.small',
      't3.small is arm64',
    ],
    [
      'too small',
      { design: workload({ memoryReservation: 1700 }) },
      'blocker resource-memory:web',
      'RESOURCE:MEMORY): it reserves 1700 MiB, and 1669 of the 1669',
    ],
    [
      'as ECS has it on record: less',
      { instance, registered: registered(60) },
      'blocker resource-memory:web',
      'it reserves 64 MiB, and 60 of the 60 of i-1 (t3.small) are left (as ECS has it on record)',
    ],
    [
      'as ECS has it on record: more',
      { instance, registered: registered(1800), design: workload({ memoryReservation: 1700 }) },
      'info instance-type:i-1 (t3.small)',
      'Tasks can have 1800 MiB',
    ],
  ])('%s', (_, change, key, message) => {
    const [finding, ...rest] = typeFindings({ ...seen, ...change });
    expect(rest).toEqual([]);
    expect(`${finding?.level} ${finding?.code}:${finding?.subject}`).toBe(key);
    expect(finding?.message).toContain(message);
  });

  test('a larger one is named, and had by a new instance where there is one', () => {
    const remedy = (change: Partial<ObservedInstance>) =>
      typeFindings({ ...seen, design: workload({ memoryReservation: 1700 }), ...change })[0]?.remedy;
    expect(remedy({})).toBe(
      'Set "instance.type: t3.medium" in ecsodus.yaml. It is the smallest type that holds all workloads.',
    );
    expect(remedy({ instance })).toContain('terminate-instances --instance-ids i-1');
  });

  test('an instance of another type than the one named keeps it, with a warning', () => {
    const config = parsed('source: blog\ninstance: {type: m6i.large}');
    expect(typeFindings({ ...seen, config, instance }).map(({ level, code }) => `${level} ${code}`)).toEqual([
      'info instance-type',
      'warning instance-type-kept',
    ]);
  });
});

describe('the first boot', () => {
  const config = parsed('source: blog\ninstance: {setup: "echo hi"}');
  const swapping = workload({ memory: 64, linuxParameters: { maxSwap: 32 } });
  const marked = (mark: string | undefined) => ({ ...instance, tags: mark ? { 'ecsodus:first-boot': mark } : {} });

  test.each<[string, Partial<ObservedInstance>, string[]]>([
    ['nothing asked', { instance }, []],
    ['nothing asked of one that was', { instance: marked('0123456789ab') }, []],
    ['a new instance', { config, design: swapping }, []],
    ['setup, too late', { config, instance }, ['warning first-boot-past']],
    ['swap, too late', { design: swapping, instance }, ['warning first-boot-past']],
    ['setup, done', { config, instance: marked(firstBootMark({ swapMib: 0, setup: 'echo hi' })) }, []],
    ['swap, done', { design: swapping, instance: marked(firstBootMark({ swapMib: 32 })) }, []],
    [
      'more of it',
      { config, design: swapping, instance: marked(firstBootMark({ setup: 'echo hi' })) },
      ['warning first-boot-past'],
    ],
    [
      'too long',
      { config: parsed(`source: blog\ninstance: {setup: "${'#'.repeat(16_384)}"}`) },
      ['blocker setup-too-long'],
    ],
  ])('%s', (_, change, expected) => {
    expect(firstBootFindings({ ...seen, ...change }).map(({ level, code }) => `${level} ${code}`)).toEqual(expected);
  });
});
