import * as config from './config-rules.ts';
import * as cpu from './cpu.ts';
import { networks } from './endpoint-rules.ts';
import { environment } from './environment.ts';
import * as gpu from './gpu-rules.ts';
import { healthCheck } from './health-check.ts';
import type { Setting } from './inspect-shape.ts';
import * as lifecycle from './lifecycle-rules.ts';
import * as memory from './memory.ts';
import * as mountRequest from './mount-request-rules.ts';
import * as mount from './mount-rules.ts';
import * as network from './network-rules.ts';
import { portBindings, publishAllPorts } from './ports.ts';
import * as resource from './resource-rules.ts';
import * as security from './security-rules.ts';
import { memorySwap } from './swap.ts';
import { tmpfs } from './tmpfs.ts';
import { nothing, type Rule } from './verdict.ts';

const cli: Rule = () => [nothing('it only tells the docker command what to do when it starts the container')];
const build: Rule = () => [nothing('it only matters when an image is built from this one')];
const inMounts: Rule = () => [nothing('what came of it: Mounts')];
const withQuota: Rule = (_, { host }) => [nothing(host.CpuQuota ? 'with HostConfig.CpuQuota' : 'no quota: no effect')];

/**
 * The whole map: what becomes of each setting of `docker inspect` that is not a default. A setting that is known to
 * `inspectShape` and has no rule does not compile. §n is of ecs-mapping.md.
 */
export const rules: Readonly<Record<Setting, Rule>> = {
  Platform: resource.windowsOnly,

  // §1.1 Config
  'Config.Env': environment, // from Container.env, where secrets are a type
  'Config.Hostname': config.hostname,
  'Config.Domainname': config.domainname,
  'Config.User': config.user,
  'Config.WorkingDir': config.workingDirectory,
  'Config.Entrypoint': config.entrypoint,
  'Config.Cmd': config.command,
  'Config.Labels': config.labels,
  'Config.ExposedPorts': config.exposedPorts,
  'Config.Volumes': mountRequest.volumes,
  'Config.Healthcheck': healthCheck, // §1.6
  'Config.StopSignal': config.stopSignal,
  'Config.StopTimeout': config.stopTimeout,
  'Config.Tty': config.pseudoTerminal,
  'Config.OpenStdin': config.interactive,
  'Config.NetworkDisabled': config.networkDisabled,
  'Config.MacAddress': config.macAddress,
  'Config.StdinOnce': cli,
  'Config.AttachStdin': cli,
  'Config.AttachStdout': cli,
  'Config.AttachStderr': cli,
  'Config.ArgsEscaped': cli,
  'Config.OnBuild': build,
  'Config.Shell': build,

  // §1.2 Resources
  'HostConfig.Memory': memory.memory,
  'HostConfig.MemoryReservation': memory.memoryReservation,
  'HostConfig.MemorySwap': memorySwap,
  'HostConfig.MemorySwappiness': memory.swappiness,
  'HostConfig.OomKillDisable': resource.oomKillDisable,
  'HostConfig.OomScoreAdj': resource.oomScoreAdj,
  'HostConfig.KernelMemory': resource.kernelMemory,
  'HostConfig.KernelMemoryTCP': resource.kernelMemory,
  'HostConfig.CpuShares': cpu.cpuShares,
  'HostConfig.NanoCpus': cpu.nanoCpus,
  'HostConfig.CpuQuota': cpu.cpuQuota,
  'HostConfig.CpuPeriod': withQuota,
  'HostConfig.CpusetCpus': resource.cpuset,
  'HostConfig.CpusetMems': resource.cpuset,
  'HostConfig.CpuRealtimePeriod': resource.realtime,
  'HostConfig.CpuRealtimeRuntime': resource.realtime,
  'HostConfig.BlkioWeight': resource.blockIo,
  'HostConfig.BlkioWeightDevice': resource.blockIo,
  'HostConfig.BlkioDeviceReadBps': resource.blockIo,
  'HostConfig.BlkioDeviceWriteBps': resource.blockIo,
  'HostConfig.BlkioDeviceReadIOps': resource.blockIo,
  'HostConfig.BlkioDeviceWriteIOps': resource.blockIo,
  'HostConfig.PidsLimit': resource.pidsLimit,
  'HostConfig.Ulimits': resource.ulimits,
  'HostConfig.ShmSize': resource.sharedMemorySize,
  'HostConfig.Devices': resource.devices,
  'HostConfig.DeviceRequests': gpu.deviceRequests,
  'HostConfig.DeviceCgroupRules': resource.deviceCgroupRules,
  'HostConfig.CgroupParent': resource.cgroupParent,
  'HostConfig.Cgroup': resource.cgroupParent,

  // §1.3 Security, namespaces, runtime
  'HostConfig.Privileged': security.privileged,
  'HostConfig.CapAdd': security.capAdd,
  'HostConfig.CapDrop': security.capDrop,
  'HostConfig.SecurityOpt': security.securityOptions,
  'HostConfig.MaskedPaths': security.systemPaths,
  'HostConfig.ReadonlyPaths': security.systemPaths,
  'HostConfig.ReadonlyRootfs': security.readonlyRootFilesystem,
  'HostConfig.Init': security.initProcess,
  'HostConfig.Sysctls': security.sysctls,
  'HostConfig.IpcMode': security.ipcMode,
  'HostConfig.PidMode': security.pidMode,
  'HostConfig.UTSMode': security.utsMode,
  'HostConfig.UsernsMode': security.usernsMode,
  'HostConfig.CgroupnsMode': security.cgroupns,
  'HostConfig.GroupAdd': security.groupAdd,
  'HostConfig.Annotations': security.annotations,
  'HostConfig.StorageOpt': security.storageOptions,
  'HostConfig.Runtime': gpu.runtime,
  'HostConfig.Isolation': resource.windowsOnly,
  'HostConfig.CpuCount': resource.windowsOnly,
  'HostConfig.CpuPercent': resource.windowsOnly,
  'HostConfig.IOMaximumIOps': resource.windowsOnly,
  'HostConfig.IOMaximumBandwidth': resource.windowsOnly,
  'HostConfig.ConsoleSize': cli,
  'HostConfig.ContainerIDFile': cli,

  // §1.4 Network
  'HostConfig.NetworkMode': network.networkMode,
  'NetworkSettings.Networks': networks,
  'HostConfig.PortBindings': portBindings,
  'HostConfig.PublishAllPorts': publishAllPorts,
  'HostConfig.Links': network.links,
  'HostConfig.ExtraHosts': network.extraHosts,
  'HostConfig.Dns': network.dns,
  'HostConfig.DnsSearch': network.dnsSearch,
  'HostConfig.DnsOptions': network.dnsOptions,

  // §1.5 Mounts, logs, lifecycle
  Mounts: mount.mounts,
  'HostConfig.Tmpfs': tmpfs,
  'HostConfig.Mounts': mountRequest.mountRequests,
  'HostConfig.Binds': mountRequest.binds,
  'HostConfig.VolumesFrom': mountRequest.volumesFrom,
  'HostConfig.VolumeDriver': inMounts,
  'HostConfig.LogConfig': lifecycle.logConfig,
  'HostConfig.RestartPolicy': lifecycle.restartPolicy,
  'HostConfig.AutoRemove': lifecycle.autoRemove,
};
