import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/ecs/json.ts';
import { designOf } from './builders.ts';

interface Row {
  readonly setting: string;
  readonly value: unknown;
  /** Part of the container definition. */
  readonly gives?: object;
  readonly fate: string;
  /** Where entries have rows of their own. */
  readonly at?: string;
  readonly code?: string;
  readonly host?: Json;
  readonly image?: Json;
}

const mib = 1024 ** 2;
const linux = (linuxParameters: object) => ({ linuxParameters });

const rows: readonly Row[] = [
  // §1.1
  { setting: 'Config.Hostname', value: 'www', gives: { hostname: 'www' }, fate: 'mapped' },
  { setting: 'Config.Domainname', value: 'example.org', fate: 'lost', code: 'warning domainname' },
  { setting: 'Config.User', value: '1000:1000', gives: { user: '1000:1000' }, fate: 'mapped' },
  { setting: 'Config.WorkingDir', value: '/srv', gives: { workingDirectory: '/srv' }, fate: 'mapped' },
  { setting: 'Config.Tty', value: true, gives: { pseudoTerminal: true }, fate: 'mapped' },
  { setting: 'Config.OpenStdin', value: true, gives: { interactive: true }, fate: 'mapped' },
  { setting: 'Config.StopTimeout', value: 45, gives: { stopTimeout: 45 }, fate: 'mapped' },
  { setting: 'Config.StopTimeout', value: 0, gives: { stopTimeout: 0 }, fate: 'mapped' },
  {
    setting: 'Config.StopSignal',
    value: 'SIGQUIT',
    fate: 'lost',
    code: 'warning stop-signal',
    image: { StopSignal: 'SIGTERM' },
  },
  { setting: 'Config.MacAddress', value: '02:42:ac:11:00:99', fate: 'lost', code: 'warning mac-address' },
  { setting: 'Config.NetworkDisabled', value: true, gives: { disableNetworking: true }, fate: 'mapped' },
  {
    setting: 'Config.Labels',
    at: 'traefik.enable',
    value: { 'traefik.enable': 'true' },
    gives: { dockerLabels: { 'traefik.enable': 'true' } },
    fate: 'mapped',
  },
  {
    setting: 'Config.Labels',
    at: 'com.docker.compose.*',
    value: { 'com.docker.compose.service': 'x' },
    fate: 'approximated',
  },
  { setting: 'Config.ExposedPorts', value: { '9999/tcp': {} }, fate: 'approximated' },
  { setting: 'Config.AttachStdin', value: true, fate: 'mapped' },
  // §1.2
  { setting: 'HostConfig.Memory', value: 512 * mib, gives: { memory: 512 }, fate: 'mapped' },
  { setting: 'HostConfig.Memory', value: 4 * mib, gives: { memory: 6 }, fate: 'mapped' },
  { setting: 'HostConfig.Memory', value: 100 * mib + 1, gives: { memory: 101 }, fate: 'mapped' },
  { setting: 'HostConfig.MemoryReservation', value: 256 * mib, gives: { memoryReservation: 256 }, fate: 'mapped' },
  {
    setting: 'HostConfig.MemoryReservation',
    value: 256 * mib,
    host: { Memory: 256 * mib },
    gives: { memory: 256 },
    fate: 'approximated',
  },
  {
    setting: 'HostConfig.MemorySwap',
    value: 64 * mib,
    host: { Memory: 64 * mib },
    gives: linux({ maxSwap: 0 }),
    fate: 'mapped',
  },
  {
    setting: 'HostConfig.MemorySwap',
    value: 96 * mib,
    host: { Memory: 64 * mib },
    gives: linux({ maxSwap: 32 }),
    fate: 'mapped',
    code: 'warning swap',
  },
  { setting: 'HostConfig.MemorySwap', value: -1, host: { Memory: 64 * mib }, fate: 'lost', code: 'warning swap' },
  { setting: 'HostConfig.MemorySwappiness', value: 0, fate: 'lost', code: 'warning swappiness' },
  { setting: 'HostConfig.OomKillDisable', value: true, fate: 'lost', code: 'warning oom' },
  { setting: 'HostConfig.OomScoreAdj', value: -500, fate: 'lost', code: 'warning oom' },
  { setting: 'HostConfig.KernelMemory', value: mib, fate: 'lost', code: 'warning kernel-memory' },
  { setting: 'HostConfig.CpuShares', value: 512, gives: { cpu: 512 }, fate: 'approximated' },
  { setting: 'HostConfig.NanoCpus', value: 5e8, fate: 'approximated' },
  { setting: 'HostConfig.CpuQuota', value: 200_000, fate: 'approximated' },
  { setting: 'HostConfig.CpusetCpus', value: '0-1', fate: 'lost', code: 'warning cpuset' },
  { setting: 'HostConfig.CpuRealtimeRuntime', value: 1, fate: 'lost', code: 'warning cpu-realtime' },
  { setting: 'HostConfig.BlkioWeight', value: 300, fate: 'lost', code: 'warning block-io' },
  { setting: 'HostConfig.PidsLimit', value: 300, fate: 'lost', code: 'warning pids-limit' },
  {
    setting: 'HostConfig.Ulimits',
    at: 'nofile',
    value: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
    gives: { ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 2 }] },
    fate: 'mapped',
  },
  {
    setting: 'HostConfig.Ulimits',
    at: 'fancy',
    value: [{ Name: 'fancy', Soft: 1, Hard: 2 }],
    fate: 'lost',
    code: 'warning ulimit',
  },
  { setting: 'HostConfig.ShmSize', value: 128 * mib, gives: linux({ sharedMemorySize: 128 }), fate: 'mapped' },
  {
    setting: 'HostConfig.Devices',
    at: '/dev/fuse',
    value: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rw' }],
    gives: linux({ devices: [{ hostPath: '/dev/fuse', containerPath: '/dev/fuse', permissions: ['read', 'write'] }] }),
    fate: 'mapped',
    code: 'warning device',
  },
  {
    setting: 'HostConfig.DeviceRequests',
    value: [{ Driver: '', Count: -1, DeviceIDs: null, Capabilities: [['gpu']] }],
    gives: { resourceRequirements: [{ type: 'GPU', value: 'ALL' }] },
    fate: 'mapped',
    code: 'blocker gpu',
  },
  {
    setting: 'HostConfig.DeviceRequests',
    value: [{ Driver: 'cdi', DeviceIDs: ['x'] }],
    fate: 'lost',
    code: 'blocker device-request',
  },
  { setting: 'HostConfig.DeviceCgroupRules', value: ['c 1:3 mr'], fate: 'lost', code: 'warning device-rules' },
  { setting: 'HostConfig.CgroupParent', value: '/mine', fate: 'lost', code: 'warning cgroup-parent' },
  { setting: 'HostConfig.CpuPercent', value: 5, fate: 'lost', code: 'blocker windows' },
  // §1.3
  {
    setting: 'HostConfig.Privileged',
    value: true,
    gives: { privileged: true },
    fate: 'mapped',
    code: 'warning privileged',
  },
  {
    setting: 'HostConfig.CapAdd',
    at: 'NET_ADMIN',
    value: ['CAP_NET_ADMIN'],
    gives: linux({ capabilities: { add: ['NET_ADMIN'] } }),
    fate: 'mapped',
  },
  { setting: 'HostConfig.CapAdd', at: 'BPF', value: ['CAP_BPF'], fate: 'lost', code: 'warning capability' },
  {
    setting: 'HostConfig.CapDrop',
    at: 'MKNOD',
    value: ['mknod'],
    gives: linux({ capabilities: { drop: ['MKNOD'] } }),
    fate: 'mapped',
  },
  {
    setting: 'HostConfig.SecurityOpt',
    at: 'no-new-privileges',
    value: ['no-new-privileges:true'],
    gives: { dockerSecurityOptions: ['no-new-privileges'] },
    fate: 'mapped',
  },
  {
    setting: 'HostConfig.SecurityOpt',
    at: 'seccomp',
    value: ['seccomp=unconfined'],
    fate: 'lost',
    code: 'blocker seccomp',
  },
  {
    setting: 'HostConfig.SecurityOpt',
    at: 'apparmor',
    value: ['apparmor=unconfined'],
    fate: 'lost',
    code: 'warning apparmor-option',
  },
  {
    setting: 'HostConfig.SecurityOpt',
    at: 'label',
    value: ['label=disable'],
    fate: 'lost',
    code: 'warning label-option',
  },
  { setting: 'HostConfig.MaskedPaths', value: [], fate: 'lost', code: 'blocker systempaths' },
  { setting: 'HostConfig.ReadonlyRootfs', value: true, gives: { readonlyRootFilesystem: true }, fate: 'mapped' },
  { setting: 'HostConfig.Init', value: true, gives: linux({ initProcessEnabled: true }), fate: 'mapped' },
  {
    setting: 'HostConfig.Sysctls',
    at: 'net.core.somaxconn',
    value: { 'net.core.somaxconn': '1024' },
    gives: { systemControls: [{ namespace: 'net.core.somaxconn', value: '1024' }] },
    fate: 'mapped',
  },
  {
    setting: 'HostConfig.Sysctls',
    at: 'net.core.somaxconn',
    value: { 'net.core.somaxconn': '1024' },
    host: { NetworkMode: 'host' },
    fate: 'lost',
    code: 'warning sysctl',
  },
  {
    setting: 'HostConfig.Sysctls',
    at: 'kernel.msgmax',
    value: { 'kernel.msgmax': '1' },
    gives: { systemControls: [{ namespace: 'kernel.msgmax', value: '1' }] },
    fate: 'mapped',
  },
  {
    setting: 'HostConfig.Sysctls',
    at: 'vm.max_map_count',
    value: { 'vm.max_map_count': '1' },
    fate: 'lost',
    code: 'warning sysctl',
  },
  { setting: 'HostConfig.IpcMode', value: 'host', fate: 'approximated' },
  { setting: 'HostConfig.IpcMode', value: 'container:gone', fate: 'lost', code: 'blocker ipc-mode' },
  { setting: 'HostConfig.PidMode', value: 'host', fate: 'approximated' },
  { setting: 'HostConfig.UTSMode', value: 'host', fate: 'lost', code: 'warning uts-mode' },
  { setting: 'HostConfig.UsernsMode', value: 'host', fate: 'lost', code: 'warning userns-mode' },
  { setting: 'HostConfig.GroupAdd', value: ['audio'], fate: 'lost', code: 'warning group-add' },
  { setting: 'HostConfig.StorageOpt', value: { size: '1G' }, fate: 'lost', code: 'warning storage-options' },
  { setting: 'HostConfig.Annotations', value: { a: 'b' }, fate: 'lost', code: 'warning annotations' },
  { setting: 'HostConfig.Runtime', value: 'runsc', fate: 'lost', code: 'blocker runtime' },
  // §1.4
  { setting: 'HostConfig.NetworkMode', value: 'container:db', fate: 'lost', code: 'blocker shared-network' },
  { setting: 'HostConfig.NetworkMode', value: 'host', fate: 'mapped', code: 'warning host-network' },
  { setting: 'HostConfig.NetworkMode', value: 'none', fate: 'mapped' },
  {
    setting: 'HostConfig.ExtraHosts',
    at: 'gw',
    value: ['gw:host-gateway'],
    gives: { extraHosts: [{ hostname: 'gw', ipAddress: '172.17.0.1' }] },
    fate: 'mapped',
  },
  {
    setting: 'HostConfig.ExtraHosts',
    at: 'six',
    value: ['six:2001:db8::1'],
    gives: { extraHosts: [{ hostname: 'six', ipAddress: '2001:db8::1' }] },
    fate: 'mapped',
  },
  { setting: 'HostConfig.Dns', at: '1.1.1.1', value: ['1.1.1.1'], gives: { dnsServers: ['1.1.1.1'] }, fate: 'mapped' },
  { setting: 'HostConfig.Dns', at: '67.207.67.2', value: ['67.207.67.2'], fate: 'lost', code: 'warning dns-server' },
  {
    setting: 'HostConfig.DnsSearch',
    value: ['example.org'],
    gives: { dnsSearchDomains: ['example.org'] },
    fate: 'mapped',
  },
  { setting: 'HostConfig.DnsOptions', value: ['ndots:2'], fate: 'lost', code: 'warning dns-options' },
  { setting: 'HostConfig.Links', at: 'gone', value: ['/gone:/web/db'], fate: 'lost', code: 'warning link-target' },
  // §1.5
  {
    setting: 'HostConfig.Tmpfs',
    at: '/run',
    value: { '/run': 'size=64m,mode=1777' },
    gives: linux({ tmpfs: [{ containerPath: '/run', size: 64, mountOptions: ['mode=1777'] }] }),
    fate: 'mapped',
  },
  {
    setting: 'HostConfig.Tmpfs',
    at: '/run',
    value: { '/run': '' },
    gives: linux({ tmpfs: [{ containerPath: '/run', size: 64 }] }),
    fate: 'approximated',
    code: 'warning tmpfs-size',
  },
  {
    setting: 'HostConfig.Mounts',
    at: '/t',
    value: [{ Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: mib, Mode: 1023 } }],
    gives: linux({ tmpfs: [{ containerPath: '/t', size: 1, mountOptions: ['mode=1777'] }] }),
    fate: 'mapped',
  },
  {
    setting: 'HostConfig.Mounts',
    at: '/v.Subpath',
    value: [{ Type: 'volume', Target: '/v', VolumeOptions: { Subpath: 'a' } }],
    fate: 'lost',
    code: 'blocker volume-subpath',
  },
  {
    setting: 'HostConfig.LogConfig',
    value: { Type: 'json-file', Config: {} },
    gives: {
      logConfiguration: { logDriver: 'json-file', options: { mode: 'blocking', 'max-size': '10m', 'max-file': '3' } },
    },
    fate: 'approximated',
  },
  {
    setting: 'HostConfig.LogConfig',
    value: { Type: 'syslog', Config: { tag: 'x' } },
    gives: { logConfiguration: { logDriver: 'syslog', options: { mode: 'blocking', tag: 'x' } } },
    fate: 'mapped',
  },
  {
    setting: 'HostConfig.LogConfig',
    value: { Type: 'local', Config: {} },
    gives: {
      logConfiguration: { logDriver: 'json-file', options: { mode: 'blocking', 'max-size': '20m', 'max-file': '5' } },
    },
    fate: 'approximated',
  },
  { setting: 'HostConfig.LogConfig', value: { Type: 'gcplogs', Config: {} }, fate: 'lost', code: 'warning log-driver' },
  { setting: 'HostConfig.LogConfig', value: { Type: 'gelf', Config: {} }, fate: 'mapped', code: 'warning log-driver' },
  {
    setting: 'HostConfig.LogConfig',
    value: { Type: 'awslogs', Config: {} },
    fate: 'mapped',
    code: 'blocker log-group',
  },
  { setting: 'HostConfig.RestartPolicy', value: { Name: 'unless-stopped' }, fate: 'mapped' },
  {
    setting: 'HostConfig.RestartPolicy',
    value: { Name: 'on-failure', MaximumRetryCount: 5 },
    fate: 'approximated',
    code: 'warning restart-policy',
  },
  { setting: 'HostConfig.RestartPolicy', value: { Name: 'no' }, fate: 'approximated', code: 'warning restart-policy' },
  { setting: 'HostConfig.AutoRemove', value: true, fate: 'lost', code: 'blocker auto-remove' },
  // §1.6
  {
    setting: 'Config.Healthcheck',
    value: { Test: ['CMD', 'true'], Interval: 2e9, Retries: 12, StartPeriod: 600e9 },
    gives: { healthCheck: { command: ['CMD', 'true'], interval: 5, timeout: 30, retries: 10, startPeriod: 300 } },
    fate: 'approximated',
    code: 'warning health-check',
  },
  {
    setting: 'Config.Healthcheck',
    value: { Test: ['NONE'] },
    fate: 'approximated',
    image: { Healthcheck: { Test: ['CMD', 'true'] } },
  },
  // the sweep
  { setting: 'HostConfig.Invented', value: 7, fate: 'lost', code: 'warning unknown-setting' },
  { setting: 'Config.Invented', value: { a: 1 }, fate: 'lost', code: 'warning unknown-setting' },
];

const partsOf = ({ setting, value, host, image }: Row) => {
  const [section = '', key = ''] = setting.split('.');
  const own = { [key]: value };
  return {
    config: section === 'Config' ? own : {},
    host: { ...host, ...(section === 'HostConfig' ? own : {}) },
    ...(image && { image }),
  };
};

describe('a setting becomes', () => {
  it.each(rows.map((row) => [row.setting, JSON.stringify(row.value), row.fate, row] as const))(
    '%s %s: %s',
    (_s, _v, fate, row) => {
      const { definition, row: find, codes } = designOf(partsOf(row));
      expect(find(row.at === undefined ? row.setting : `${row.setting}.${row.at}`)).toMatchObject({ fate });
      expect(definition).toMatchObject(row.gives ?? {});
      if (row.code === undefined) expect(codes).toEqual([]);
      else expect(codes).toContain(row.code);
    },
  );
});

describe('a default is not accounted for', () => {
  it.each([
    ['HostConfig.MemorySwap', { Memory: 64 * mib, MemorySwap: 128 * mib }],
    ['HostConfig.ShmSize', { ShmSize: 64 * mib }],
    ['HostConfig.IpcMode', { IpcMode: 'private' }],
    ['HostConfig.CgroupnsMode', { CgroupnsMode: 'private' }],
    ['HostConfig.PidsLimit', { PidsLimit: -1 }],
    ['HostConfig.Runtime', { Runtime: 'runc' }],
    ['HostConfig.MaskedPaths', { MaskedPaths: null }],
    ['HostConfig.SecurityOpt', { SecurityOpt: ['label=disable'], Privileged: true }],
    ['HostConfig.Devices', { Devices: [] }],
    ['HostConfig.NetworkMode', { NetworkMode: 'bridge' }],
  ])('%s', (setting, host) => {
    expect(designOf({ host }).row(setting)).toBeUndefined();
  });

  it('nor what the image says already', () => {
    const own = { User: 'app', Labels: { tier: 'x' }, Healthcheck: { Test: ['CMD', 'true'] }, StopSignal: 'SIGQUIT' };
    const { definition, design } = designOf({ config: own, image: own, env: ['A=1'], imageEnv: ['A=1'] });
    expect(design.accounting.map(({ setting }) => setting).sort()).toEqual([
      'HostConfig.LogConfig',
      'HostConfig.RestartPolicy',
    ]);
    expect(definition).not.toHaveProperty('healthCheck');
    expect(definition).not.toHaveProperty('environment');
  });
});

it('a host name that an image remembers of another container is none', () => {
  expect(designOf({ image: { Hostname: '5483c672e37f' } }).definition).not.toHaveProperty('hostname');
});

describe('entry point and command (§1.1)', () => {
  const image = { Entrypoint: ['/entry'], Cmd: ['serve'] };
  it.each([
    ['as the image', { Entrypoint: ['/entry'], Cmd: ['serve'] }, {}],
    ['another command', { Entrypoint: ['/entry'], Cmd: ['work'] }, { command: ['work'] }],
    ['another entry point', { Entrypoint: ['/other'], Cmd: ['serve'] }, { entryPoint: ['/other'], command: ['serve'] }],
    ['another entry point, no command', { Entrypoint: ['/other'], Cmd: null }, { entryPoint: ['/other'] }],
    ['no command where the image has one', { Entrypoint: ['/entry'], Cmd: [] }, { entryPoint: ['/entry'] }],
    ['the entry point reset', { Entrypoint: null, Cmd: ['sh', '-x'] }, { entryPoint: ['sh'], command: ['-x'] }],
    ['the entry point reset the old way', { Entrypoint: [''], Cmd: ['sh'] }, { entryPoint: ['sh'] }],
  ])('%s', (_, config, expected) => {
    const { entryPoint, command } = designOf({ config, image }).definition;
    expect({ ...(entryPoint && { entryPoint }), ...(command && { command }) }).toEqual(expected);
  });
});

describe('base', () => {
  it.each([
    [undefined, 128],
    [1, 32],
    [50 * mib, 64],
    [100 * mib, 128],
    [200 * mib, 256],
  ])('%s bytes in use reserve %i MiB', (memoryBytes, expected) => {
    const { definition, workload } = designOf({ over: { memoryBytes } });
    expect(definition.memoryReservation).toBe(expected);
    expect(workload.sampledMemory).toEqual(['web']);
  });

  it('writes out Docker’s stop timeout, and no CPU', () => {
    const { definition, workload } = designOf({ host: { Memory: 64 * mib } });
    expect(definition).toMatchObject({ cpu: 0, essential: true, stopTimeout: 10, memory: 64 });
    expect(workload.sampledMemory).toEqual([]);
  });
});
