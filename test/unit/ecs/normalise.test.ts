import type { TaskDefinition } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { Workload } from '../../../src/design.ts';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import { sameDefinition } from '../../../src/ecs/normalise.ts';
import { recordedInventory, settings } from './builders.ts';

const wanted: Workload['taskDefinition'] = {
  family: 'shop',
  networkMode: 'bridge',
  requiresCompatibilities: ['EC2'],
  runtimePlatform: { cpuArchitecture: 'X86_64' },
  volumes: [
    {
      name: 'v',
      dockerVolumeConfiguration: {
        scope: 'shared',
        autoprovision: true,
        driver: 'local',
        driverOpts: { o: 'bind', type: 'none', device: '/data/volumes/v' },
      },
    },
  ],
  containerDefinitions: [
    {
      name: 'web',
      image: 'r/app:1',
      cpu: 0,
      essential: true,
      stopTimeout: 10,
      memoryReservation: 64,
      environment: [
        { name: 'B', value: '2' },
        { name: 'A', value: '' },
      ],
      portMappings: [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }],
      mountPoints: [{ sourceVolume: 'v', containerPath: '/v', readOnly: false }],
      logConfiguration: { logDriver: 'json-file', options: { mode: 'blocking', 'max-size': '10m' } },
    },
  ],
};

/** As DescribeTaskDefinition answers: more than was sent, and in another order. */
const answer = (change: (container: Record<string, unknown>) => void = () => {}): TaskDefinition => {
  const container: Record<string, unknown> = {
    ...wanted.containerDefinitions?.[0],
    links: [],
    volumesFrom: [],
    systemControls: [],
    dnsServers: [],
    secrets: [],
    environment: [
      { name: 'A', value: '' },
      { name: 'B', value: '2' },
    ],
    portMappings: [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }],
    mountPoints: [{ sourceVolume: 'v', containerPath: '/v' }],
    logConfiguration: { logDriver: 'json-file', options: { 'max-size': '10m', mode: 'blocking' }, secretOptions: [] },
  };
  change(container);
  return {
    ...wanted,
    volumes: [
      {
        name: 'v',
        host: {},
        dockerVolumeConfiguration: { ...wanted.volumes?.[0]?.dockerVolumeConfiguration, labels: {} },
      },
    ],
    taskDefinitionArn: 'arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:7',
    revision: 7,
    status: 'ACTIVE',
    requiresAttributes: [{ name: 'com.amazonaws.ecs.capability.logging-driver.json-file' }],
    placementConstraints: [],
    compatibilities: ['EXTERNAL', 'EC2'],
    runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
    registeredAt: new Date(0),
    registeredBy: 'arn:aws:iam::123456789012:user/me',
    enableFaultInjection: false,
    containerDefinitions: [container],
  } as TaskDefinition;
};

describe('sameDefinition', () => {
  it('sees through what AWS fills in', () => {
    expect(sameDefinition(wanted, answer())).toBe(true);
  });

  it.each<[string, (container: Record<string, unknown>) => void]>([
    [
      'another image',
      (container) => {
        container.image = 'r/app:2';
      },
    ],
    [
      'a variable more',
      (container) => {
        container.environment = [{ name: 'A', value: '' }];
      },
    ],
    [
      'another value',
      (container) => {
        container.environment = [
          { name: 'A', value: 'x' },
          { name: 'B', value: '2' },
        ];
      },
    ],
    [
      'another host port',
      (container) => {
        container.portMappings = [{ containerPort: 80, hostPort: 81, protocol: 'tcp' }];
      },
    ],
    [
      'a read-only mount',
      (container) => {
        container.mountPoints = [{ sourceVolume: 'v', containerPath: '/v', readOnly: true }];
      },
    ],
    [
      'not essential',
      (container) => {
        container.essential = false;
      },
    ],
    [
      'a stop at once',
      (container) => {
        container.stopTimeout = 0;
      },
    ],
    [
      'another reservation',
      (container) => {
        container.memoryReservation = 80;
      },
    ],
    [
      'a limit',
      (container) => {
        container.memory = 128;
      },
    ],
    [
      'an empty argument',
      (container) => {
        container.command = [''];
      },
    ],
    [
      'no swap',
      (container) => {
        container.linuxParameters = { maxSwap: 0 };
      },
    ],
    [
      'privileged',
      (container) => {
        container.privileged = true;
      },
    ],
  ])('sees %s', (_, change) => {
    expect(sameDefinition(wanted, answer(change))).toBe(false);
  });

  it('keeps the order of arguments', () => {
    const withCommand = (command: string[]) => ({
      ...wanted,
      containerDefinitions: [{ ...wanted.containerDefinitions?.[0], command }],
    });
    expect(
      sameDefinition(
        withCommand(['a', 'b']),
        answer((container) => {
          container.command = ['b', 'a'];
        }),
      ),
    ).toBe(false);
  });

  it('finds every recorded workload to be itself', () => {
    for (const { taskDefinition: definition } of designMigration(recordedInventory(), settings).workloads) {
      expect(sameDefinition(definition, JSON.parse(JSON.stringify(definition)) as TaskDefinition)).toBe(true);
    }
  });
});
