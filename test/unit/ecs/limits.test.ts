import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { Workload } from '../../../src/design.ts';
import { checkLimits } from '../../../src/ecs/limits.ts';

const good: ContainerDefinition = { name: 'web', image: 'r/app:1', memoryReservation: 64, essential: true };

function workload(
  containers: readonly ContainerDefinition[],
  definition: Partial<RegisterTaskDefinitionCommandInput> = {},
  name = 'shop',
): Workload {
  return {
    name,
    containers: [],
    secrets: [],
    ports: [],
    sampledMemory: [],
    definition: {
      networkMode: 'bridge',
      ...definition,
      family: definition.family ?? name,
      containerDefinitions: [...containers],
    },
  };
}

const codes = (...workloads: Workload[]) => checkLimits(workloads).map(({ code }) => code);
const port = (hostPort: number, containerPort = 80) => ({
  portMappings: [{ hostPort, containerPort, protocol: 'tcp' as const }],
});

describe('limits (§2)', () => {
  it('a sound workload breaks none', () => {
    expect(codes(workload([good, { ...good, name: 'db', ...port(80) }]))).toEqual([]);
  });

  it.each<[string, Workload]>([
    ['name-invalid', workload([{ ...good, name: 'a.b' }])],
    ['name-invalid', workload([good], { volumes: [{ name: 'a.b' }] })],
    ['name-invalid', workload([good], { family: 'x'.repeat(256) })],
    ['name-twice', workload([good, good])],
    ['container-count', workload(Array.from({ length: 11 }, (_, index) => ({ ...good, name: `c${index}` })))],
    ['image-reference', workload([{ ...good, image: 'x'.repeat(256) }])],
    ['definition-size', workload([{ ...good, environment: [{ name: 'A', value: 'x'.repeat(65536) }] }])],
    ['no-essential', workload([{ ...good, essential: false }])],
    ['memory-missing', workload([{ name: 'web', image: 'x' }])],
    ['memory-too-small', workload([{ ...good, memoryReservation: 5 }])],
    ['memory-order', workload([{ ...good, memory: 64 }])],
    ['task-cpu', workload([good], { cpu: '64' })],
    ['task-cpu', workload([{ ...good, cpu: 512 }], { cpu: '256' })],
    ['links-mode', workload([{ ...good, links: ['web:web'] }], { networkMode: 'host' })],
    ['links-target', workload([{ ...good, links: ['db:db'] }])],
    ['depends-on', workload([{ ...good, dependsOn: [{ containerName: 'db', condition: 'START' }] }])],
    [
      'depends-on',
      workload([
        { ...good, dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }] },
        { ...good, name: 'db' },
      ]),
    ],
    [
      'depends-on',
      workload([
        { ...good, dependsOn: [{ containerName: 'db', condition: 'SUCCESS' }] },
        { ...good, name: 'db' },
      ]),
    ],
    ['host-port-mode', workload([{ ...good, ...port(8080) }], { networkMode: 'host' })],
    ['host-port-reserved', workload([{ ...good, ...port(22) }])],
    ['host-port-reserved', workload([{ ...good, ...port(40000) }])],
    ['volume-missing', workload([{ ...good, mountPoints: [{ sourceVolume: 'v', containerPath: '/v' }] }])],
    [
      'mount-twice',
      workload([{ ...good, mountPoints: ['v', 'w'].map((sourceVolume) => ({ sourceVolume, containerPath: '/v' })) }], {
        volumes: [{ name: 'v' }, { name: 'w' }],
      }),
    ],
    ['execution-role', workload([{ ...good, secrets: [{ name: 'A', valueFrom: 'arn' }] }])],
  ])('%s', (code, broken) => {
    expect(codes(broken)).toEqual([code]);
  });

  it('a host port is unique over all workloads', () => {
    const findings = checkLimits([
      workload([{ ...good, ...port(80) }]),
      workload([{ ...good, ...port(80) }], {}, 'other'),
    ]);
    expect(findings).toMatchObject([
      { level: 'blocker', code: 'host-port-twice', subject: '80/tcp', message: expect.stringContaining('shop, other') },
    ]);
  });

  it('an instance has 100 host ports, its own among them', () => {
    const portMappings = Array.from({ length: 95 }, (_, index) => ({ hostPort: 1000 + index, containerPort: 80 }));
    expect(codes(workload([{ ...good, portMappings }]))).toEqual(['host-ports']);
  });
});
