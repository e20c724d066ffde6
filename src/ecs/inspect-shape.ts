import type { Shape } from './shapes.ts';

/**
 * `docker inspect` from Engine API 1.24 to 1.52 and later: every key that is known, at every level. What is not here is
 * reported, never passed over. `any` stands for state, which is no setting.
 */
const text = 'text';
const number = 'number';
const flag = 'flag';
const texts = 'texts';
const state = 'any';
const record = (fields: Readonly<Record<string, Shape>>): Shape => ({ fields });
const mapOf = (map: Shape): Shape => ({ map });
const listOf = (list: Shape, by?: string): Shape => (by === undefined ? { list } : { list, by });
const states = (keys: string): Record<string, Shape> =>
  Object.fromEntries(keys.split(/\s+/).map((key) => [key, state]));

const config = {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: mapOf(state),
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: texts,
  Cmd: texts,
  Healthcheck: record({
    Test: texts,
    Interval: number,
    Timeout: number,
    StartPeriod: number,
    StartInterval: number,
    Retries: number,
  }),
  ArgsEscaped: flag,
  Volumes: mapOf(state),
  WorkingDir: text,
  Entrypoint: texts,
  NetworkDisabled: flag,
  MacAddress: text,
  OnBuild: texts,
  Labels: mapOf(text),
  StopSignal: text,
  StopTimeout: number,
  Shell: texts,
} as const;

const rates = listOf(record({ Path: text, Rate: number }), 'Path');

const mountRequest = record({
  Type: text,
  Source: text,
  Target: text,
  ReadOnly: flag,
  Consistency: text,
  BindOptions: record({
    Propagation: text,
    NonRecursive: flag,
    CreateMountpoint: flag,
    ReadOnlyNonRecursive: flag,
    ReadOnlyForceRecursive: flag,
  }),
  VolumeOptions: record({
    NoCopy: flag,
    Labels: mapOf(text),
    Subpath: text,
    DriverConfig: record({ Name: text, Options: mapOf(text) }),
  }),
  ImageOptions: record({ Subpath: text }),
  TmpfsOptions: record({ SizeBytes: number, Mode: number, Options: listOf(texts) }),
  ClusterOptions: state, // such a mount is a blocker, whatever its options
});

const bindings = mapOf(listOf(record({ HostIp: text, HostPort: text })));

const host = {
  Binds: texts,
  ContainerIDFile: text,
  LogConfig: record({ Type: text, Config: mapOf(text) }),
  NetworkMode: text,
  PortBindings: bindings,
  RestartPolicy: record({ Name: text, MaximumRetryCount: number }),
  AutoRemove: flag,
  VolumeDriver: text,
  VolumesFrom: texts,
  ConsoleSize: listOf(number),
  Annotations: mapOf(text),
  CapAdd: texts,
  CapDrop: texts,
  CgroupnsMode: text,
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  GroupAdd: texts,
  IpcMode: text,
  Cgroup: text,
  Links: texts,
  OomScoreAdj: number,
  PidMode: text,
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: texts,
  StorageOpt: mapOf(text),
  Tmpfs: mapOf(text),
  UTSMode: text,
  UsernsMode: text,
  ShmSize: number,
  Sysctls: mapOf(text),
  Runtime: text,
  Isolation: text,
  CpuShares: number,
  Memory: number,
  NanoCpus: number,
  CgroupParent: text,
  BlkioWeight: number,
  BlkioWeightDevice: listOf(record({ Path: text, Weight: number }), 'Path'),
  BlkioDeviceReadBps: rates,
  BlkioDeviceWriteBps: rates,
  BlkioDeviceReadIOps: rates,
  BlkioDeviceWriteIOps: rates,
  CpuPeriod: number,
  CpuQuota: number,
  CpuRealtimePeriod: number,
  CpuRealtimeRuntime: number,
  CpusetCpus: text,
  CpusetMems: text,
  Devices: listOf(record({ PathOnHost: text, PathInContainer: text, CgroupPermissions: text }), 'PathOnHost'),
  DeviceCgroupRules: texts,
  DeviceRequests: listOf(
    record({ Driver: text, Count: number, DeviceIDs: texts, Capabilities: listOf(texts), Options: mapOf(text) }),
  ),
  KernelMemory: number, // gone since API 1.42
  KernelMemoryTCP: number,
  MemoryReservation: number,
  MemorySwap: number,
  MemorySwappiness: number,
  OomKillDisable: flag,
  PidsLimit: number,
  Ulimits: listOf(record({ Name: text, Soft: number, Hard: number }), 'Name'),
  CpuCount: number,
  CpuPercent: number,
  IOMaximumIOps: number,
  IOMaximumBandwidth: number,
  Mounts: listOf(mountRequest, 'Target'),
  MaskedPaths: texts,
  ReadonlyPaths: texts,
  Init: flag,
} as const;

const endpoint = record({
  IPAMConfig: record({ IPv4Address: text, IPv6Address: text, LinkLocalIPs: texts }),
  Links: texts,
  Aliases: texts,
  DNSNames: texts,
  DriverOpts: mapOf(text),
  GwPriority: number,
  MacAddress: text,
  IPAddress: text,
  GlobalIPv6Address: text,
  ...states('NetworkID EndpointID Gateway IPPrefixLen IPv6Gateway GlobalIPv6PrefixLen'),
});

const networkSettings = record({
  Networks: mapOf(endpoint),
  Ports: bindings,
  ...states(`Bridge SandboxID SandboxKey HairpinMode LinkLocalIPv6Address LinkLocalIPv6PrefixLen SecondaryIPAddresses
    SecondaryIPv6Addresses EndpointID Gateway GlobalIPv6Address GlobalIPv6PrefixLen IPAddress IPPrefixLen IPv6Gateway
    MacAddress`),
});

const mount = record({
  Type: text,
  Name: text,
  Source: text,
  Destination: text,
  Driver: text,
  Mode: text,
  RW: flag,
  Propagation: text,
});

/** Config of a container or of an image. `Image` is the name of the image, which is no setting. */
export const configShape = record({ ...config, Image: text });

export const inspectShape = record({
  Id: text,
  Name: text,
  Image: text,
  Created: text,
  Platform: text,
  Config: configShape,
  HostConfig: record(host),
  Mounts: listOf(mount, 'Destination'),
  NetworkSettings: networkSettings,
  ...states(`State Path Args ResolvConfPath HostnamePath HostsPath LogPath RestartCount Driver MountLabel ProcessLabel
    AppArmorProfile ExecIDs GraphDriver SizeRw SizeRootFs ImageManifestDescriptor Storage`),
});

/** Everything that has a rule. */
export type Setting =
  | `Config.${keyof typeof config}`
  | `HostConfig.${keyof typeof host}`
  | 'Platform'
  | 'Mounts'
  | 'NetworkSettings.Networks';
