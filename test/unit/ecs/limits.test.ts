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
    why: [],
    secrets: [],
    ports: [],
    sampledMemory: [],
    taskDefinition: {
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
    [
      'links-mode',
      workload(
        [
          { ...good, links: ['db:db'] },
          { ...good, name: 'db' },
        ],
        { networkMode: 'host' },
      ),
    ],
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
    ['name-twice', workload([good], { volumes: [{ name: 'v' }, { name: 'v' }] })],
    ['container-count', workload([])],
    ['image-reference', workload([{ ...good, image: 'r/app:' }])],
    ['image-reference', workload([{ ...good, image: 'r/a pp' }])],
    ['task-memory', workload([{ ...good, memoryReservation: 600 }], { memory: '512' })],
    ['task-cpu', workload([good], { cpu: '196609' })],
    ['task-cpu', workload([good], { cpu: 'much' })],
    ['container-cpu', workload([{ ...good, cpu: -1 }])],
    ['task-modes', workload([good], { networkMode: 'nat' as 'bridge' })],
    ['task-modes', workload([good], { pidMode: 'container' as 'host' })],
    ['task-modes', workload([good], { ipcMode: 'shareable' as 'host' })],
    [
      'links-cycle',
      workload([
        { ...good, links: ['db:db'] },
        { ...good, name: 'db', links: ['web'] },
      ]),
    ],
    [
      'depends-on-cycle',
      workload([
        { ...good, dependsOn: [{ containerName: 'db', condition: 'START' }] },
        { ...good, name: 'db', dependsOn: [{ containerName: 'web', condition: 'START' }] },
      ]),
    ],
    ['host-port-mode', workload([{ ...good, ...port(8080) }], { networkMode: 'awsvpc' })],
    [
      'host-port-twice',
      workload([
        { ...good, ...port(80) },
        { ...good, name: 'b', ...port(80, 81) },
      ]),
    ],
    ['host-port-reserved', workload([{ ...good, ...port(51679) }])],
    ['host-port-reserved', workload([{ ...good, ...port(60999) }])],
    ['port-range', workload([{ ...good, ...port(80, 70000) }])],
    ['port-range', workload([{ ...good, ...port(70000) }])],
    [
      'port-protocol',
      workload([{ ...good, portMappings: [{ containerPort: 1, hostPort: 1, protocol: 'sctp' as 'tcp' }] }]),
    ],
    ['ports-without-network', workload([{ ...good, ...port(80) }], { networkMode: 'none' })],
    ['network-settings', workload([{ ...good, hostname: 'a' }], { networkMode: 'awsvpc' })],
    ['network-settings', workload([{ ...good, dnsServers: ['1.1.1.1'] }], { networkMode: 'awsvpc' })],
    [
      'network-settings',
      workload([{ ...good, extraHosts: [{ hostname: 'a', ipAddress: '::1' }] }], { networkMode: 'host' }),
    ],
    ['extra-hosts-address', workload([{ ...good, extraHosts: [{ hostname: 'a', ipAddress: 'b' }] }])],
    ['extra-hosts-address', workload([{ ...good, dnsServers: ['dns.example.org'] }])],
    ['environment', workload([{ ...good, environment: [{ name: '', value: 'x' }] }])],
    ['environment', workload([{ ...good, environment: [{ name: 'A' }, { name: 'A' }] }])],
    [
      'environment-files',
      workload([
        { ...good, environmentFiles: Array.from({ length: 11 }, () => ({ value: 'x', type: 's3' as const })) },
      ]),
    ],
    ['command-word', workload([{ ...good, entryPoint: [''] }])],
    [
      'mount-path',
      workload([{ ...good, mountPoints: [{ sourceVolume: 'v', containerPath: 'v' }] }], { volumes: [{ name: 'v' }] }),
    ],
    ['mount-path', workload([{ ...good, linuxParameters: { tmpfs: [{ containerPath: 'v', size: 1 }] } }])],
    [
      'mount-twice',
      workload([{ ...good, linuxParameters: { tmpfs: [1, 2].map((size) => ({ containerPath: '/t', size })) } }]),
    ],
    ['tmpfs', workload([{ ...good, linuxParameters: { tmpfs: [{ containerPath: '/t', size: 0 }] } }])],
    [
      'tmpfs',
      workload([
        { ...good, linuxParameters: { tmpfs: [{ containerPath: '/t', size: 1, mountOptions: ['huge=always'] }] } },
      ]),
    ],
    ['shared-memory', workload([{ ...good, linuxParameters: { sharedMemorySize: 0 } }])],
    ['swap', workload([{ ...good, linuxParameters: { maxSwap: -1 } }])],
    ['swap', workload([{ ...good, linuxParameters: { swappiness: 101 } }])],
    ['devices', workload([{ ...good, linuxParameters: { devices: [{ hostPath: 'fuse' }] } }])],
    ['capabilities', workload([{ ...good, linuxParameters: { capabilities: { add: ['BPF'] } } }])],
    ['capabilities', workload([{ ...good, linuxParameters: { capabilities: { drop: ['CAP_CHOWN'] } } }])],
    ['ulimits', workload([{ ...good, ulimits: [{ name: 'x' as 'nofile', softLimit: 1, hardLimit: 1 }] }])],
    ['ulimits', workload([{ ...good, ulimits: [{ name: 'nofile', softLimit: 2, hardLimit: 1 }] }])],
    ['ulimits', workload([{ ...good, ulimits: [{ name: 'nofile', softLimit: -1, hardLimit: 1 }] }])],
    [
      'ulimits',
      workload([
        { ...good, ulimits: [1, 2].map((each) => ({ name: 'nofile' as const, softLimit: each, hardLimit: each })) },
      ]),
    ],
    ['system-controls', workload([{ ...good, systemControls: [{ namespace: 'vm.swappiness', value: '1' }] }])],
    [
      'system-controls',
      workload([{ ...good, systemControls: [{ namespace: 'net.a', value: '1' }] }], { networkMode: 'host' }),
    ],
    [
      'system-controls',
      workload([{ ...good, systemControls: [{ namespace: 'kernel.sem', value: '1' }] }], { ipcMode: 'host' }),
    ],
    ...['interval', 'timeout', 'retries', 'startPeriod'].flatMap((key): [string, Workload][] =>
      [-1, 301].map((value) => [
        'health-check',
        workload([{ ...good, healthCheck: { command: ['CMD', 'x'], [key]: value } }]),
      ]),
    ),
    ['health-check', workload([{ ...good, healthCheck: { command: ['NONE'] } }])],
    ['health-check', workload([{ ...good, healthCheck: { command: ['CMD'] } }])],
    ['log-driver-name', workload([{ ...good, logConfiguration: { logDriver: 'local' as 'syslog' } }])],
    [
      'restart-policy-range',
      workload([
        { ...good, restartPolicy: { enabled: true, ignoredExitCodes: Array.from({ length: 51 }, (_, code) => code) } },
      ]),
    ],
    ['restart-policy-range', workload([{ ...good, restartPolicy: { enabled: true, restartAttemptPeriod: 59 } }])],
    ['restart-policy-range', workload([{ ...good, restartPolicy: { enabled: true, restartAttemptPeriod: 1801 } }])],
    ['stop-timeout', workload([{ ...good, stopTimeout: -1 }])],
    ['resource-requirements', workload([{ ...good, resourceRequirements: [{ type: 'GPU', value: '0' }] }])],
    [
      'resource-requirements',
      workload([{ ...good, resourceRequirements: ['1', 'ALL'].map((value) => ({ type: 'GPU' as const, value })) }]),
    ],
    ['volumes', workload([good], { volumes: [{ name: 'v', host: { sourcePath: '/v' }, configuredAtLaunch: true }] })],
    [
      'volumes',
      workload([good], {
        volumes: [
          { name: 'v', configuredAtLaunch: true },
          { name: 'w', configuredAtLaunch: true },
        ],
      }),
    ],
    ['volumes', workload([good], { volumes: [{ name: 'v', host: { sourcePath: 'v' } }] })],
    [
      'volumes',
      workload([good], { volumes: [{ name: 'v', dockerVolumeConfiguration: { scope: 'task', autoprovision: true } }] }),
    ],
    [
      'placement-constraints',
      workload([good], { placementConstraints: Array.from({ length: 11 }, () => ({ type: 'memberOf' as const })) }),
    ],
    ['tags', workload([good], { tags: Array.from({ length: 51 }, (_, index) => ({ key: `k${index}`, value: '' })) })],
    ['tags', workload([good], { tags: [{ key: 'x'.repeat(129), value: '' }] })],
    ['tags', workload([good], { tags: [{ key: 'x', value: 'x'.repeat(257) }] })],
    ['tags', workload([good], { tags: [{ key: 'AWS:x', value: '' }] })],
    ['tags', workload([good], { tags: [{ key: 'x' }, { key: 'x' }] })],
    ['number-range', workload([{ ...good, memory: 2 ** 31 }])],
    ['number-range', workload([{ ...good, stopTimeout: 1.5 }])],
    ['execution-role', workload([{ ...good, secrets: [{ name: 'A', valueFrom: 'arn' }] }])],
  ])('%s', (code, broken) => {
    expect(codes(broken)).toEqual([code]);
  });

  it.each<[string, Partial<ContainerDefinition>, Partial<RegisterTaskDefinitionCommandInput>]>([
    [
      'limits at their bounds',
      {
        memory: 65,
        cpu: 0,
        stopTimeout: 0,
        healthCheck: { command: ['CMD', 'x'], interval: 5, timeout: 60, retries: 10, startPeriod: 0 },
      },
      { cpu: '128' },
    ],
    [
      'no limit',
      {
        ulimits: [
          { name: 'memlock', softLimit: -1, hardLimit: -1 },
          { name: 'core', softLimit: 0, hardLimit: -1 },
        ],
      },
      {},
    ],
    ['a port of the engine’s choice', port(0), {}],
    ['UDP at a reserved number', { portMappings: [{ hostPort: 22, containerPort: 22, protocol: 'udp' }] }, {}],
    [
      'host ports beside the ephemeral ones',
      {
        portMappings: [
          { hostPort: 32767, containerPort: 1 },
          { hostPort: 61000, containerPort: 1 },
        ],
      },
      {},
    ],
    ['a task volume', {}, { volumes: [{ name: 'v', dockerVolumeConfiguration: { scope: 'task' } }] }],
    ['a digest', { image: `r/app@sha256:${'a'.repeat(64)}` }, {}],
  ])('but not %s', (_, container, definition) => {
    expect(codes(workload([{ ...good, ...container }], definition))).toEqual([]);
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
