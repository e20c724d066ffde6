/** Every setting of ecs-mapping §1, by inspect path. */
export const allSettings: readonly string[] = `
Config.Entrypoint Config.Cmd Config.Env Config.WorkingDir Config.User Config.Hostname Config.Domainname Config.Labels
Config.Healthcheck Config.ExposedPorts Config.Volumes Config.StopSignal Config.StopTimeout Config.Tty Config.OpenStdin
Config.StdinOnce Config.AttachStdin Config.AttachStdout Config.AttachStderr Config.OnBuild Config.Shell Config.ArgsEscaped
Config.MacAddress Config.NetworkDisabled

HostConfig.Memory HostConfig.MemoryReservation HostConfig.MemorySwap HostConfig.MemorySwappiness HostConfig.OomKillDisable
HostConfig.OomScoreAdj HostConfig.KernelMemory HostConfig.KernelMemoryTCP HostConfig.CpuShares HostConfig.NanoCpus
HostConfig.CpuQuota HostConfig.CpuPeriod HostConfig.CpusetCpus HostConfig.CpusetMems HostConfig.CpuRealtimePeriod
HostConfig.CpuRealtimeRuntime HostConfig.BlkioWeight HostConfig.BlkioWeightDevice HostConfig.BlkioDeviceReadBps
HostConfig.BlkioDeviceWriteBps HostConfig.BlkioDeviceReadIOps HostConfig.BlkioDeviceWriteIOps HostConfig.CpuCount
HostConfig.CpuPercent HostConfig.IOMaximumIOps HostConfig.IOMaximumBandwidth HostConfig.PidsLimit HostConfig.Ulimits
HostConfig.ShmSize HostConfig.Devices HostConfig.DeviceRequests HostConfig.DeviceCgroupRules HostConfig.CgroupParent

HostConfig.Privileged HostConfig.CapAdd HostConfig.CapDrop HostConfig.SecurityOpt HostConfig.ReadonlyRootfs HostConfig.Init
HostConfig.Sysctls HostConfig.IpcMode HostConfig.PidMode HostConfig.UTSMode HostConfig.UsernsMode HostConfig.CgroupnsMode
HostConfig.GroupAdd HostConfig.Annotations HostConfig.StorageOpt HostConfig.MaskedPaths HostConfig.ReadonlyPaths
HostConfig.Runtime HostConfig.Isolation HostConfig.ConsoleSize HostConfig.Cgroup Platform

HostConfig.NetworkMode HostConfig.PortBindings HostConfig.PublishAllPorts HostConfig.Links HostConfig.ExtraHosts
HostConfig.Dns HostConfig.DnsSearch HostConfig.DnsOptions NetworkSettings.Networks

Mounts HostConfig.Binds HostConfig.Mounts HostConfig.Tmpfs HostConfig.VolumesFrom HostConfig.VolumeDriver
HostConfig.LogConfig HostConfig.RestartPolicy HostConfig.AutoRemove HostConfig.ContainerIDFile
`
  .trim()
  .split(/\s+/);

/** What no running container of the lab can have, and why. Their rules are tested by table. */
export const impossible: Readonly<Record<string, string>> = {
  'Config.AttachStdout':
    'the docker command says it of every container it runs in the foreground, and only it reads it',
  'Config.AttachStderr': 'as AttachStdout',
  'Config.OnBuild': 'only an image has it',
  'Config.Shell': 'only an image has it',
  'Config.ArgsEscaped': 'Windows',
  'HostConfig.CpuRealtimePeriod': 'the kernel gives no real-time group scheduling',
  'HostConfig.CpuRealtimeRuntime': 'the kernel gives no real-time group scheduling',
  'HostConfig.BlkioWeight': 'the kernel has no weights for block I/O: the engine discards it',
  'HostConfig.BlkioWeightDevice': 'the kernel has no weights for block I/O: the engine discards it',
  'HostConfig.CpuCount': 'Windows',
  'HostConfig.CpuPercent': 'Windows',
  'HostConfig.IOMaximumIOps': 'Windows',
  'HostConfig.IOMaximumBandwidth': 'Windows',
  'HostConfig.DeviceRequests': 'there is no GPU, nor another device driver',
  'HostConfig.Privileged': 'the machine’s root lacks CAP_SYS_RESOURCE: such a container does not start',
  'HostConfig.CgroupnsMode':
    'the engine fills it in; private, as one container has it, is what ECS gives all: nothing to say (§0)',
  'HostConfig.Annotations': 'an engine of 2023 or later',
  'HostConfig.StorageOpt': 'overlay2 takes a size on xfs with project quotas only',
  'HostConfig.Runtime': 'runc is the only runtime there is',
  'HostConfig.Isolation': 'Windows; "default", all that Linux takes, is kept as a default',
  'HostConfig.ConsoleSize': 'the docker command says it from its own terminal, and only it reads it',
  'HostConfig.Cgroup': 'a field of the engine’s that nothing sets',
  Platform: 'Windows',
  'HostConfig.AutoRemove': 'stopping it deletes it from the source: there is nothing left to compare, or to go back to',
};
