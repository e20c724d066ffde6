import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { fitFindings, shortfallsOf } from '../../../src/ecs/fit.ts';
import { chooseInstance, chosenInstanceType, fittingTypes } from '../../../src/ecs/instance-choice.ts';
import { offerOf, offerRegistered } from '../../../src/ecs/instance-offer.ts';
import { candidates, type InstanceSize, sizeOf } from '../../../src/ecs/instance-types.ts';
import { wantedSwapMib } from '../../../src/ecs/swap.ts';
import { needsOf, reservedMib } from '../../../src/ecs/task-needs.ts';

const workload = (name: string, container: ContainerDefinition, task: object = {}) => ({
  name,
  taskDefinition: { family: name, containerDefinitions: [{ name, image: 'x', ...container }], ...task },
});
const memory = (name: string, memoryReservation: number) => workload(name, { memoryReservation });
const known = (type: string): InstanceSize => {
  const size = sizeOf(type);
  if (size === undefined) throw new Error(`no ${type}`);
  return size;
};
const small = offerOf(known('t3.small'));

describe('what a task asks for', () => {
  it.each<[string, ContainerDefinition, object, number]>([
    ['the reservation, not the limit', { memoryReservation: 100, memory: 900 }, {}, 100],
    ['the limit where there is no reservation', { memory: 50 }, {}, 50],
    [
      'shared memory and tmpfs on top',
      { memory: 50, linuxParameters: { sharedMemorySize: 7, tmpfs: [{ containerPath: '/t', size: 3 }] } },
      {},
      60,
    ],
    ['the task’s own memory', { memory: 50 }, { memory: '512' }, 512],
    ['no swap', { memory: 50, linuxParameters: { maxSwap: 500 } }, {}, 50],
  ])('memory: %s', (_, container, task, expected) => {
    expect(reservedMib(workload('x', container, task).taskDefinition)).toBe(expected);
  });

  it('CPU units: the task’s, else the sum', () => {
    expect(needsOf(workload('x', { cpu: 100 }).taskDefinition).cpuUnits).toBe(100);
    expect(needsOf(workload('x', { cpu: 100 }, { cpu: '512' }).taskDefinition).cpuUnits).toBe(512);
  });

  it('fixed ports and attributes, not what every agent has', () => {
    const { taskDefinition } = workload(
      'x',
      {
        portMappings: [
          { containerPort: 80, hostPort: 8080 },
          { containerPort: 53, hostPort: 53, protocol: 'udp' },
          { containerPort: 9, hostPort: 0 },
        ],
        privileged: true,
        logConfiguration: { logDriver: 'gelf' },
        dockerSecurityOptions: ['label:disable', 'no-new-privileges'],
      },
      { runtimePlatform: { cpuArchitecture: 'ARM64' }, networkMode: 'awsvpc' },
    );
    expect(needsOf(taskDefinition)).toMatchObject({
      ports: ['8080/tcp', '53/udp'],
      attributes: [
        'com.amazonaws.ecs.capability.logging-driver.gelf',
        'com.amazonaws.ecs.capability.privileged-container',
        'com.amazonaws.ecs.capability.selinux',
        'ecs.cpu-architecture=arm64',
        'com.amazonaws.ecs.capability.task-eni',
      ],
    });
  });
});

describe('placing the workloads one after the other', () => {
  const reasons = (...workloads: ReturnType<typeof workload>[]) =>
    shortfallsOf(workloads, small).map(({ workload: name, reason }) => `${name} ${reason}`);
  const port = (name: string, hostPort: number, protocol: 'tcp' | 'udp' = 'tcp') =>
    workload(name, { memory: 10, portMappings: [{ containerPort: 80, hostPort, protocol }] });

  it('registers RAM less 6 % and 256 MiB, and 1024 units for each vCPU', () => {
    expect(small).toMatchObject({ memoryMib: 1669, cpuUnits: 2048, gpus: 0 });
  });

  it.each<[string, ReturnType<typeof workload>[], string[]]>([
    ['to the last MiB', [memory('a', 1000), memory('b', 669)], []],
    ['one MiB too much', [memory('a', 1000), memory('b', 670)], ['b RESOURCE:MEMORY']],
    ['what finds no room takes none', [memory('a', 1000), memory('b', 1000), memory('c', 600)], ['b RESOURCE:MEMORY']],
    [
      'swap makes no room',
      [workload('a', { memory: 1700, linuxParameters: { maxSwap: 4000 } })],
      ['a RESOURCE:MEMORY'],
    ],
    [
      'units',
      [workload('a', { memory: 6 }, { cpu: '2048' }), workload('b', { memory: 6, cpu: 2 })],
      ['b RESOURCE:CPU'],
    ],
    ['one port, twice', [port('a', 80), port('b', 80)], ['b RESOURCE:PORTS']],
    ['one port, TCP and UDP', [port('a', 80), port('b', 80, 'udp')], []],
    ['a port of the host', [port('a', 22)], ['a RESOURCE:PORTS']],
    ['a dynamic port', [port('a', 0), port('b', 0)], []],
    ['a log driver', [workload('a', { memory: 6, logConfiguration: { logDriver: 'awsfirelens' } })], ['a ATTRIBUTE']],
    ['every log driver of ours', [workload('a', { memory: 6, logConfiguration: { logDriver: 'gelf' } })], []],
    ['AppArmor', [workload('a', { memory: 6, dockerSecurityOptions: ['apparmor:x'] })], ['a ATTRIBUTE']],
    ['privileged', [workload('a', { memory: 6, privileged: true })], []],
    [
      'another machine',
      [workload('a', { memory: 6 }, { runtimePlatform: { cpuArchitecture: 'ARM64' } })],
      ['a ATTRIBUTE'],
    ],
    [
      'a GPU',
      [workload('a', { memory: 6, resourceRequirements: [{ type: 'GPU', value: 'ALL' }] })],
      ['a RESOURCE:GPU'],
    ],
    ['several at once', [workload('a', { memory: 9999 }, { cpu: '9999' })], ['a RESOURCE:MEMORY', 'a RESOURCE:CPU']],
  ])('%s', (_, workloads, expected) => expect(reasons(...workloads)).toEqual(expected));

  it('on what ECS has on record', () => {
    const offer = offerRegistered({
      ec2InstanceId: 'i-1',
      registeredResources: [
        { name: 'CPU', type: 'INTEGER', integerValue: 1024 },
        { name: 'MEMORY', type: 'INTEGER', integerValue: 900 },
        { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22', '8080'] },
        { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: ['53'] },
      ],
      attributes: [{ name: 'com.amazonaws.ecs.capability.logging-driver.syslog' }],
    });
    const drivers = (logDriver: 'syslog' | 'gelf') =>
      workload(logDriver, { memory: 6, logConfiguration: { logDriver } });
    const workloads = [
      port('a', 8080),
      port('b', 53, 'udp'),
      port('c', 53),
      memory('d', 900),
      drivers('syslog'),
      drivers('gelf'),
    ];
    expect(shortfallsOf(workloads, offer).map(({ workload: name, reason }) => `${name} ${reason}`)).toEqual([
      'a RESOURCE:PORTS',
      'b RESOURCE:PORTS',
      'd RESOURCE:MEMORY',
      'gelf ATTRIBUTE',
    ]);
  });
});

describe('choosing a type', () => {
  it.each<[string, { memoryMib?: number; cpuUnits?: number; gpus?: number }, string | undefined]>([
    ['nothing', {}, 't3.small'],
    ['all that a t3.small registers', { memoryMib: 1669 }, 't3.small'],
    ['one MiB more', { memoryMib: 1670 }, 't3.medium'],
    ['8 GiB: the burstable one', { memoryMib: 5000 }, 't3.large'],
    ['16 GiB: few processors will do', { memoryMib: 10_000 }, 'r6i.large'],
    ['16 GiB and four processors', { memoryMib: 10_000, cpuUnits: 4096 }, 't3.xlarge'],
    ['processors and little memory', { cpuUnits: 4096 }, 'c6i.xlarge'],
    ['64 GiB', { memoryMib: 50_000 }, 'r6i.2xlarge'],
    ['a GPU', { gpus: 1 }, 'g4dn.xlarge'],
    ['too much', { memoryMib: 900_000 }, undefined],
  ])('%s', (_, needs, expected) => {
    expect(chooseInstance({ memoryMib: 0, cpuUnits: 0, gpus: 0, ...needs })?.name).toBe(expected);
  });

  it('always holds what it was chosen for, and nothing smaller does', () => {
    for (let memoryMib = 0; memoryMib < 600_000; memoryMib += 9973) {
      const [first, ...rest] = fittingTypes({ memoryMib, cpuUnits: 0, gpus: 0 });
      expect(shortfallsOf([memory('a', memoryMib)], offerOf(first as InstanceSize))).toEqual([]);
      expect(rest.every((each) => each.memoryMib >= (first as InstanceSize).memoryMib)).toBe(true);
    }
  });

  it('is asked for only while none is named', () => {
    expect(chosenInstanceType([memory('a', 5000)], { instance: {} })).toBe('t3.large');
    expect(chosenInstanceType([memory('a', 5000)], { instance: { type: 't3.nano' } })).toBe('t3.nano');
    expect(chosenInstanceType([memory('a', 900_000)], { instance: {} })).toBeUndefined();
  });

  it('has a GPU only where one is needed', () => {
    const needs = { memoryMib: 1, cpuUnits: 1, gpus: 0 };
    expect(chooseInstance(needs, [known('g4dn.xlarge')])).toBeUndefined();
    expect(chooseInstance({ ...needs, gpus: 1 }, [known('g4dn.xlarge')])?.name).toBe('g4dn.xlarge');
  });

  it('names no type twice', () => {
    expect(new Set(candidates.map(({ name }) => name)).size).toBe(candidates.length);
  });
});

describe('findings', () => {
  it('say what there is and what is asked for', () => {
    expect(fitFindings([memory('a', 5000)], undefined)).toEqual([
      expect.objectContaining({
        level: 'info',
        code: 'instance-type',
        subject: 't3.large',
        message: expect.stringContaining('reserve 5000 MiB'),
      }),
    ]);
    expect(fitFindings([memory('a', 500)], 'm5.large')).toMatchObject([{ level: 'info', subject: 'm5.large' }]);
  });

  it('name each workload without room, and the smallest type for all', () => {
    expect(fitFindings([memory('a', 1600), memory('b', 5000)], 't3.small')).toEqual([
      {
        level: 'blocker',
        code: 'resource-memory',
        subject: 'b',
        message:
          'ECS would not place it (RESOURCE:MEMORY): it reserves 5000 MiB, and 69 of the 1669 of t3.small are left (of its 2048 MiB the kernel keeps some 6 %, and the agent leaves 256 to the host).',
        remedy: 'Set "instance.type: t3.large" in ecsodus.yaml. It is the smallest type that holds all workloads.',
      },
    ]);
  });

  it.each<[string, ReturnType<typeof workload>[], string | undefined, string, string]>([
    ['no type is large enough', [memory('a', 900_000)], undefined, 'blocker resource-memory', 'No type'],
    ['a type that nobody knows', [memory('a', 9)], 'x9.huge', 'warning instance-type-unknown', 'with AWS'],
    [
      'a log driver',
      [workload('a', { memory: 6, logConfiguration: { logDriver: 'awsfirelens' } })],
      undefined,
      'blocker attribute',
      'Do without',
    ],
    [
      'a port',
      [workload('a', { memory: 6, portMappings: [{ hostPort: 22, containerPort: 22 }] })],
      undefined,
      'blocker resource-ports',
      'another port',
    ],
  ])('%s', (_, workloads, type, code, remedy) => {
    const [finding] = fitFindings(workloads, type);
    expect(`${finding?.level} ${finding?.code}`).toBe(code);
    expect(finding?.remedy).toContain(remedy);
  });
});

it('swap: the sum of what all may use', () => {
  const swap = (maxSwap: number) => workload('x', { memory: 6, linuxParameters: { maxSwap } });
  expect(wantedSwapMib([swap(0), swap(100), swap(28), memory('y', 5)])).toBe(128);
});
