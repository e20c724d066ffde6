import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { notCarried } from '../../src/carried.ts';

const definition: ContainerDefinition = {
  cpu: 0,
  memory: 64,
  memoryReservation: 32,
  privileged: false,
  readonlyRootFilesystem: true,
  pseudoTerminal: true,
  hostname: 'front',
  dockerLabels: { role: 'web' },
  portMappings: [
    { containerPort: 80, hostPort: 8080, protocol: 'tcp' },
    { containerPort: 53, hostPort: 0, protocol: 'udp' },
  ],
  ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 2 }],
  systemControls: [{ namespace: 'net.core.somaxconn', value: '9' }],
  extraHosts: [{ hostname: 'db', ipAddress: '172.17.0.1' }],
  links: ['cache:redis'],
  dnsServers: ['1.1.1.1'],
  logConfiguration: { logDriver: 'syslog' },
  linuxParameters: {
    capabilities: { add: ['CHOWN'], drop: ['ALL'] },
    devices: [{ hostPath: '/dev/zero' }],
    tmpfs: [{ containerPath: '/run', size: 1 }],
    sharedMemorySize: 96,
    initProcessEnabled: true,
  },
};

const mib = 1024 ** 2;
const config = {
  Hostname: 'front',
  Tty: true,
  Labels: { role: 'web', 'com.amazonaws.ecs.cluster': 'c', image: 'own' },
};
const host = {
  NetworkMode: 'bridge',
  Memory: 64 * mib,
  MemoryReservation: 32 * mib,
  CpuShares: 2,
  ShmSize: 96 * mib,
  ReadonlyRootfs: true,
  Init: true,
  PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }], '53/udp': [{ HostIp: '', HostPort: '' }] },
  CapAdd: ['CAP_CHOWN'],
  CapDrop: ['ALL'],
  Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
  Sysctls: { 'net.core.somaxconn': '9' },
  Devices: [{ PathOnHost: '/dev/zero', PathInContainer: '/dev/zero' }],
  Tmpfs: { '/run': 'size=1m' },
  ExtraHosts: ['db:172.17.0.1'],
  Links: ['/ecs-web-1-cache-0f:/ecs-web-1-web-0e/redis'],
  Dns: ['1.1.1.1'],
  DnsSearch: [],
  LogConfig: { Type: 'syslog' },
};

describe('a definition on the target', () => {
  it('has arrived', () => expect(notCarried(definition, { Config: config, HostConfig: host })).toEqual([]));

  it('maps no ports on the host’s network', () =>
    expect(
      notCarried(definition, { Config: config, HostConfig: { ...host, NetworkMode: 'host', PortBindings: {} } }),
    ).toEqual([]));

  it.each<[object, string[]]>([
    [{ Memory: 0 }, ['memory 64 is missing']],
    [{ Memory: 32 * mib }, ['memory 64 is missing', 'memory 32 is new']],
    [{ MemoryReservation: 0 }, ['memory reservation 32 is missing']],
    [{ CpuShares: 0 }, ['CPU shares 2 is missing']],
    [{ ShmSize: 64 * mib }, ['shared memory 96 is missing', 'shared memory 64 is new']],
    [{ Privileged: true }, ['privileged true is new']],
    [{ ReadonlyRootfs: false }, ['read-only root true is missing']],
    [{ Init: null }, ['init process true is missing']],
    [{ PortBindings: { '80/tcp': [{ HostPort: '8080' }] } }, ['port any:53/udp is missing']],
    [{ CapAdd: null }, ['capability CHOWN is missing']],
    [{ CapDrop: [] }, ['dropped capability ALL is missing']],
    [{ Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 3 }] }, ['ulimit nofile 1:2 is missing', 'ulimit nofile 1:3 is new']],
    [{ Sysctls: null }, ['sysctl net.core.somaxconn=9 is missing']],
    [{ Devices: [] }, ['device /dev/zero:/dev/zero is missing']],
    [{ Tmpfs: null }, ['tmpfs /run is missing']],
    [{ ExtraHosts: [] }, ['extra host db:172.17.0.1 is missing']],
    [{ Links: null }, ['link redis is missing']],
    [{ Dns: [] }, ['DNS server 1.1.1.1 is missing']],
    [{ DnsSearch: ['x'] }, ['DNS search domain x is new']],
    [{ LogConfig: { Type: 'json-file' } }, ['log driver syslog is missing', 'log driver json-file is new']],
  ])('%o has not', (change, lost) =>
    expect(notCarried(definition, { Config: config, HostConfig: { ...host, ...change } })).toEqual(lost),
  );

  it.each<[object, string[]]>([
    [{ Tty: false }, ['terminal true is missing']],
    [{ OpenStdin: true }, ['standard input true is new']],
    [{ Hostname: '0f' }, ['host name front is missing', 'host name 0f is new']],
    [{ Labels: { role: 'db' } }, ['label role=web is missing', 'label role=db is new']],
    [{ Labels: {} }, ['label role=web is missing']],
  ])('%o has not either', (change, lost) =>
    expect(notCarried(definition, { Config: { ...config, ...change }, HostConfig: host })).toEqual(lost),
  );
});
