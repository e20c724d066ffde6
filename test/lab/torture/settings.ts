import type { Row } from './row.ts';

/** §1.1 and the five cases of its rule for entry point and command. */
const config: readonly Row[] = [
  {
    name: 'image-as-it-is',
    flags: '--restart always',
    image: 'full',
    covers: ['Mounts'],
  },
  {
    name: 'own-command',
    flags: `--restart always -t -i --attach stdin --hostname front --domainname example.org --workdir /tmp --user 1001:1002
      --stop-signal USR1 --stop-timeout 3 --label org.example.tier=own --label traefik.enable=true --expose 9200
      -e APP_MODE=own -e APP_DEBUG -e 'GREETING=hello = "world"' -e API_TOKEN=torture-token-3f9a51c07be2 -e EMPTY=
      --health-cmd 'wget -qO- http://127.0.0.1:8081/' --health-interval 2s --health-timeout 1s --health-retries 20
      --health-start-period 3s --no-healthcheck=false --cidfile /run/own-command.cid
      --log-driver local --log-opt max-size=5m`,
    image: 'full',
    args: '8081',
    covers: [
      'Config.Cmd',
      'Config.Tty',
      'Config.OpenStdin',
      'Config.StdinOnce',
      'Config.AttachStdin',
      'Config.Hostname',
      'Config.Domainname',
      'Config.WorkingDir',
      'Config.User',
      'Config.StopSignal',
      'Config.StopTimeout',
      'Config.Labels',
      'Config.ExposedPorts',
      'Config.Env',
      'Config.Healthcheck',
      'HostConfig.ContainerIDFile',
      'HostConfig.LogConfig',
      'HostConfig.RestartPolicy',
    ],
  },
  {
    name: 'own-entry',
    flags: '--restart on-failure:3 --entrypoint /bin/sh --no-healthcheck --log-driver none',
    image: 'full',
    args: `-c 'exec serve 8082'`,
    covers: [
      'Config.Entrypoint',
      'Config.Cmd',
      'Config.Healthcheck',
      'HostConfig.LogConfig',
      'HostConfig.RestartPolicy',
    ],
  },
  {
    name: 'entry-without-command',
    flags: '--restart no --entrypoint serve --log-driver json-file --log-opt max-size=1m --log-opt max-file=2',
    image: 'full',
    covers: ['HostConfig.LogConfig'],
  },
  {
    name: 'no-entry',
    flags:
      '--restart always --entrypoint "" --log-driver syslog --log-opt syslog-address=udp://127.0.0.1:514 --log-opt tag=own',
    image: 'full',
    args: 'serve 8083',
    covers: ['Config.Cmd', 'HostConfig.LogConfig'],
  },
  {
    name: 'without-network',
    flags: '',
    image: 'plain',
    body: { NetworkDisabled: true, HostConfig: { KernelMemoryTCP: 64 * 1024 ** 2, RestartPolicy: { Name: 'always' } } },
    covers: ['Config.NetworkDisabled', 'HostConfig.KernelMemoryTCP'],
  },
];

/** §1.2 */
const resources: readonly Row[] = [
  {
    name: 'limited',
    flags: `--restart always --memory 64m --memory-reservation 32m --memory-swap 96m --memory-swappiness 10 --oom-kill-disable
      --oom-score-adj 200 --kernel-memory 50m --cpu-shares 512 --cpuset-cpus 0 --cpuset-mems 0 --pids-limit 50
      --device-read-bps /dev/rootdisk:100mb --device-write-bps /dev/rootdisk:100mb
      --device-read-iops /dev/rootdisk:1000 --device-write-iops /dev/rootdisk:1000
      --ulimit nofile=1024:2048 --ulimit nproc=200 --ulimit core=0 --shm-size 96m
      --device /dev/zero:/dev/nothing:rw --device-cgroup-rule 'c 42:* rmw' --cgroup-parent /$(cat /etc/lab-cgroup)/own`,
    image: 'plain',
    covers: [
      'HostConfig.Memory',
      'HostConfig.MemoryReservation',
      'HostConfig.MemorySwap',
      'HostConfig.MemorySwappiness',
      'HostConfig.OomKillDisable',
      'HostConfig.OomScoreAdj',
      'HostConfig.KernelMemory',
      'HostConfig.CpuShares',
      'HostConfig.CpusetCpus',
      'HostConfig.CpusetMems',
      'HostConfig.PidsLimit',
      'HostConfig.BlkioDeviceReadBps',
      'HostConfig.BlkioDeviceWriteBps',
      'HostConfig.BlkioDeviceReadIOps',
      'HostConfig.BlkioDeviceWriteIOps',
      'HostConfig.Ulimits',
      'HostConfig.ShmSize',
      'HostConfig.Devices',
      'HostConfig.DeviceCgroupRules',
      'HostConfig.CgroupParent',
    ],
  },
  {
    name: 'half-a-processor',
    flags: '--restart always --cpus 0.5 --memory 48m --memory-reservation 48m --memory-swap 48m',
    image: 'plain',
    covers: ['HostConfig.NanoCpus', 'HostConfig.MemorySwap'],
  },
  {
    name: 'quota',
    flags: '--restart always --cpu-quota 50000 --cpu-period 200000 --memory 40m --memory-swap -1',
    image: 'plain',
    covers: ['HostConfig.CpuQuota', 'HostConfig.CpuPeriod'],
  },
];

/** §1.3 */
const security: readonly Row[] = [
  {
    name: 'confined',
    flags: `--restart always --user 1000 --read-only --init --cap-drop ALL --cap-add NET_BIND_SERVICE --cap-add CHOWN
      --security-opt no-new-privileges --security-opt apparmor=unconfined --security-opt label=disable
      --sysctl net.core.somaxconn=1024 --sysctl kernel.shmmax=67108864 --sysctl fs.mqueue.msg_max=20
      --group-add 1234 --userns host --cgroupns private
      --tmpfs /run:rw,noexec,size=16m,mode=755 --tmpfs /cache
      --mount type=tmpfs,destination=/scratch,tmpfs-size=8388608,tmpfs-mode=1770`,
    image: 'plain',
    covers: [
      'HostConfig.ReadonlyRootfs',
      'HostConfig.Init',
      'HostConfig.CapDrop',
      'HostConfig.CapAdd',
      'HostConfig.SecurityOpt',
      'HostConfig.Sysctls',
      'HostConfig.GroupAdd',
      'HostConfig.UsernsMode',
      'HostConfig.Tmpfs',
      'HostConfig.Mounts',
    ],
  },
  {
    name: 'unconfined',
    flags: `--restart always --security-opt seccomp=unconfined --security-opt systempaths=unconfined
      --pid host --ipc host --uts host`,
    image: 'plain',
    covers: [
      'HostConfig.SecurityOpt',
      'HostConfig.MaskedPaths',
      'HostConfig.ReadonlyPaths',
      'HostConfig.PidMode',
      'HostConfig.IpcMode',
      'HostConfig.UTSMode',
    ],
  },
  {
    name: 'namespace-owner',
    flags: '--restart always --ipc shareable',
    image: 'plain',
    covers: [],
  },
  {
    name: 'namespace-guest',
    flags: '--restart always --pid container:namespace-owner --ipc container:namespace-owner',
    image: 'plain',
    covers: ['HostConfig.PidMode', 'HostConfig.IpcMode'],
  },
  { name: 'without-ipc', flags: '--restart always --ipc none', image: 'plain', covers: ['HostConfig.IpcMode'] },
];

/** §1.4 */
const network: readonly Row[] = [
  {
    name: 'published',
    flags: `--restart always -p 8100:8080 -p 127.0.0.1:8101:8101 -p 8102:8102/udp -p 8103:8103 -p 8103:8103/udp
      -p 8110-8112:8110-8112 -p 9300
      --dns 1.1.1.1 --dns 67.207.67.2 --dns-search example.org --dns-option ndots:2
      --add-host old-db:10.0.0.7 --add-host gateway:host-gateway --mac-address 02:42:ac:11:00:99`,
    image: 'plain',
    covers: [
      'HostConfig.PortBindings',
      'HostConfig.Dns',
      'HostConfig.DnsSearch',
      'HostConfig.DnsOptions',
      'HostConfig.ExtraHosts',
      'Config.MacAddress',
    ],
  },
  {
    name: 'published-all',
    flags: '--restart always --publish-all',
    image: 'full',
    covers: ['HostConfig.PublishAllPorts'],
  },
  {
    name: 'host-network',
    flags: '--restart always --network host --expose 8120',
    image: 'plain',
    args: 'serve 8120',
    covers: ['HostConfig.NetworkMode', 'Config.ExposedPorts'],
  },
  { name: 'no-network', flags: '--restart always --network none', image: 'plain', covers: ['HostConfig.NetworkMode'] },
  {
    name: 'network-guest',
    flags: '--restart always --network container:published',
    image: 'plain',
    args: 'serve 8104',
    covers: ['HostConfig.NetworkMode'],
  },
  { name: 'linked-db', flags: '--restart always', image: 'plain', args: 'serve 3306', covers: [] },
  {
    name: 'linked-web',
    flags: '--restart always --link linked-db:database --link linked-db',
    image: 'plain',
    covers: ['HostConfig.Links'],
    calls: { 'database:3306': 'linked-db', 'linked-db:3306': 'linked-db' },
  },
  {
    name: 'at-an-address',
    flags: '--restart always --network fixed --ip 172.30.7.50 --ip6 fd00:7::50 --network-alias archive',
    image: 'plain',
    args: 'serve 7300',
    covers: ['NetworkSettings.Networks'],
  },
  {
    name: 'by-alias',
    flags: '--restart always --network fixed --link at-an-address:store -e STORE_HOST=archive -e STORE_PORT=7300',
    image: 'plain',
    covers: ['NetworkSettings.Networks'],
    calls: { '$STORE_HOST:$STORE_PORT': 'at-an-address', 'store:7300': 'at-an-address' },
  },
];

/** §1.5 */
const mounts: readonly Row[] = [
  {
    name: 'keeper',
    flags: `--restart always -v kept.files:/kept -v /anonymous -v kept.files:/kept-ro:ro --volume-driver local
      -v /srv/keeper/dir:/dir -v /srv/keeper/dir:/dir-ro:ro,z -v /srv/keeper/app.conf:/etc/app.conf:ro
      -v /srv/keeper/current:/current -v /srv/keeper/link.conf:/etc/link.conf:ro -v /srv/keeper/shared:/shared:rslave -v /etc/localtime:/etc/localtime:ro -v /run/docker.sock:/run/docker.sock
      --mount type=volume,source=uncopied,destination=/uncopied,volume-nocopy
      --mount type=volume,source=made-with-options,destination=/options,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/srv/keeper/device
      --mount type=bind,source=/srv/keeper/dir,destination=/mounted,readonly`,
    image: 'plain',
    covers: ['HostConfig.Binds', 'HostConfig.Mounts', 'HostConfig.VolumeDriver', 'Config.Volumes', 'Mounts'],
  },
  {
    name: 'keeper-guest',
    flags: '--restart always --volumes-from keeper:ro',
    image: 'plain',
    covers: ['HostConfig.VolumesFrom', 'Mounts'],
  },
];

export const settings: readonly Row[] = [...config, ...resources, ...security, ...network, ...mounts];
