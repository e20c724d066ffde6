import { type Json, listOf, recordOf, recordsOf, textOf, textsOf } from '../../src/ecs/json.ts';

/** One thing a container was told, and where its inspect says so. */
export interface Setting {
  readonly name: string;
  /** How `docker create` is told. */
  readonly flags: readonly string[];
  /** Its path in ecsodus' accounting. */
  readonly path: string;
  readonly read: (inspect: Json) => unknown;
}

export const image = 'bench/app:1';

/** What every image may set, so that a tool that takes the image's for the container's is seen to. */
export const dockerfile = `FROM debian-base:12
ENV IMAGE_ONLY=1 APP_MODE=image
LABEL vendor=acme tier=image
EXPOSE 8080
VOLUME /var/lib/app
WORKDIR /srv
STOPSIGNAL SIGTERM
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["sleep 1000"]
`;

/** What the container needs around it: a network, directories, a volume, another container's volume. */
export const surroundings = `set -e
mkdir -p /srv/bench/conf /srv/bench/shared
mountpoint -q /srv/bench/shared || mount --bind /srv/bench/shared /srv/bench/shared
mount --make-shared /srv/bench/shared
docker network create --subnet 172.30.0.0/24 front
docker volume create app-data
docker create --name helper -v helper-data:/helper ${image}
`;

/** After the flags: the image, and the command. */
export const command: readonly string[] = [image, '100000'];

const second = 1_000_000_000;
const get = (inspect: Json, path: string): unknown =>
  path.split('.').reduce((value: unknown, key) => recordOf(value)[key], inspect);

const one = (name: string, flag: string, path: string, read?: Setting['read']): Setting => ({
  name,
  flags: flag.split(' '),
  path,
  read: read ?? ((inspect) => get(inspect, path)),
});

const env = (flag: string): Setting => {
  const [variable = ''] = flag.split('=');
  const read = (inspect: Json) => textsOf(get(inspect, 'Config.Env')).find((entry) => entry.startsWith(`${variable}=`));
  return { name: `env ${variable}`, flags: ['--env', flag], path: `Config.Env.${variable}`, read };
};

const label = (key: string, value: string): Setting => ({
  name: `label ${key}`,
  flags: ['--label', `${key}=${value}`],
  path: `Config.Labels.${key}`,
  read: (inspect) => recordOf(get(inspect, 'Config.Labels'))[key],
});

const port = (name: string, flag: string, key: string): Setting => ({
  name,
  flags: ['--publish', flag],
  path: `HostConfig.PortBindings.${key}`,
  read: (inspect) =>
    recordsOf(recordOf(get(inspect, 'HostConfig.PortBindings'))[key]).map(({ HostIp, HostPort }) => ({
      HostIp: HostIp === '0.0.0.0' ? '' : HostIp,
      HostPort,
    })),
});

const mountAt = (inspect: Json, path: string): Json | undefined =>
  recordsOf(inspect.Mounts).find(({ Destination }) => Destination === path);

/** A directory that ecsodus moves lies below /data/binds, with its content: that is the same directory. */
const withoutMove = (source: unknown): string => textOf(source).replace(/^\/data\/binds/, '');

const mount = (name: string, flags: readonly string[], path: string): Setting => ({
  name,
  flags,
  path: `Mounts.${path}`,
  read: (inspect) => {
    const found = mountAt(inspect, path);
    return found && { type: found.Type, of: found.Name ?? withoutMove(found.Source), writable: found.RW };
  },
});

/** Docker keeps `--tmpfs` and `--mount type=tmpfs` apart; the container sees the same. */
const tmpfs = (name: string, flags: readonly string[], path: string, accounted: string): Setting => ({
  name,
  flags,
  path: accounted,
  read: (inspect) => {
    const asked = recordsOf(get(inspect, 'HostConfig.Mounts')).find(({ Target }) => Target === path);
    const options = recordOf(get(inspect, 'HostConfig.Tmpfs'))[path];
    const bytes = recordOf(asked?.TmpfsOptions).SizeBytes;
    if (asked !== undefined) return [`size=${bytes}`];
    return options === undefined ? undefined : textOf(options).split(',').map(inBytes).sort();
  },
});

const inBytes = (option: string): string =>
  option.replace(/^size=(\d+)([km])$/, (_, n, unit) => `size=${n * 1024 ** (unit === 'k' ? 1 : 2)}`);

const capabilities = (path: string) => (inspect: Json) =>
  textsOf(get(inspect, path)).map((capability) => capability.replace(/^CAP_/, ''));

const securityOption = (start: string) => (inspect: Json) =>
  textsOf(get(inspect, 'HostConfig.SecurityOpt'))
    .map((option) => option.replace(/:true$/, ''))
    .find((option) => option.startsWith(start));

const network = (inspect: Json): Json | undefined => {
  const found = recordOf(get(inspect, 'NetworkSettings.Networks')).front;
  return found === undefined ? undefined : recordOf(found);
};

const health = (inspect: Json): Json => recordOf(get(inspect, 'Config.Healthcheck'));

export const settings: readonly Setting[] = [
  { name: 'image', flags: [], path: 'Config.Image', read: ({ Image }) => Image },
  { name: 'command', flags: [], path: 'Config.Cmd', read: (inspect) => get(inspect, 'Config.Cmd') },
  one('entrypoint', '--entrypoint /bin/sleep', 'Config.Entrypoint', (inspect) =>
    textsOf(get(inspect, 'Config.Entrypoint')),
  ),
  env('APP_MODE=prod'),
  env('GREETING=hello, world'),
  env('EMPTY='),
  env('DB_PASSWORD=not-a-real-one-42'),
  one('workdir', '--workdir /work', 'Config.WorkingDir'),
  one('user', '--user 1000:1000', 'Config.User'),
  one('hostname', '--hostname app.internal', 'Config.Hostname'),
  one('domainname', '--domainname example.org', 'Config.Domainname'),
  label('com.example.team', 'payments'),
  label('traefik.enable', 'true'),
  one('health check: command', '--health-cmd true', 'Config.Healthcheck', (inspect) => health(inspect).Test),
  one(
    'health check: times',
    '--health-interval 20s --health-timeout 7s --health-retries 4 --health-start-period 9s',
    'Config.Healthcheck',
    (inspect) =>
      ['Interval', 'Timeout', 'StartPeriod', 'Retries'].map(
        (key) => Number(health(inspect)[key] ?? 0) / (key === 'Retries' ? 1 : second),
      ),
  ),
  one('stop signal', '--stop-signal SIGQUIT', 'Config.StopSignal'),
  one('stop timeout', '--stop-timeout 45', 'Config.StopTimeout'),
  one('tty', '--tty', 'Config.Tty'),
  one('interactive', '--interactive', 'Config.OpenStdin'),
  one(
    'expose',
    '--expose 9100',
    'Config.ExposedPorts',
    (inspect) => '9100/tcp' in recordOf(get(inspect, 'Config.ExposedPorts')),
  ),
  one('memory', '--memory 256m', 'HostConfig.Memory'),
  one('memory reservation', '--memory-reservation 128m', 'HostConfig.MemoryReservation'),
  one('memory and swap', '--memory-swap 384m', 'HostConfig.MemorySwap'),
  one('swappiness', '--memory-swappiness 20', 'HostConfig.MemorySwappiness'),
  one('oom-kill-disable', '--oom-kill-disable', 'HostConfig.OomKillDisable'),
  one('oom-score-adj', '--oom-score-adj 200', 'HostConfig.OomScoreAdj'),
  one('cpus', '--cpus 0.5', 'HostConfig.NanoCpus'),
  one('cpu shares', '--cpu-shares 512', 'HostConfig.CpuShares'),
  one('cpuset', '--cpuset-cpus 0', 'HostConfig.CpusetCpus'),
  one('pids limit', '--pids-limit 300', 'HostConfig.PidsLimit'),
  one('ulimit', '--ulimit nofile=2048:4096', 'HostConfig.Ulimits'),
  one('shm size', '--shm-size 128m', 'HostConfig.ShmSize'),
  one('cap-add', '--cap-add NET_ADMIN', 'HostConfig.CapAdd', capabilities('HostConfig.CapAdd')),
  one('cap-drop', '--cap-drop MKNOD', 'HostConfig.CapDrop', capabilities('HostConfig.CapDrop')),
  one(
    'no-new-privileges',
    '--security-opt no-new-privileges',
    'HostConfig.SecurityOpt.no-new-privileges',
    securityOption('no-new'),
  ),
  one('seccomp', '--security-opt seccomp=unconfined', 'HostConfig.SecurityOpt.seccomp', securityOption('seccomp')),
  one('read-only', '--read-only', 'HostConfig.ReadonlyRootfs'),
  one('init', '--init', 'HostConfig.Init'),
  one('sysctl', '--sysctl net.core.somaxconn=1024', 'HostConfig.Sysctls'),
  one('device', '--device /dev/null:/dev/xnull:rw', 'HostConfig.Devices'),
  {
    name: 'device rule',
    flags: ['--device-cgroup-rule', 'c 1:5 rwm'],
    path: 'HostConfig.DeviceCgroupRules',
    read: (inspect) => get(inspect, 'HostConfig.DeviceCgroupRules'),
  },
  one('group-add', '--group-add audio', 'HostConfig.GroupAdd'),
  one('pid namespace', '--pid host', 'HostConfig.PidMode'),
  one('cgroup parent', '--cgroup-parent /bench', 'HostConfig.CgroupParent'),
  one('restart policy', '--restart on-failure:5', 'HostConfig.RestartPolicy'),
  one('log options', '--log-opt max-size=5m --log-opt max-file=2', 'HostConfig.LogConfig', (inspect) => {
    const config = recordOf(get(inspect, 'HostConfig.LogConfig.Config'));
    return [config['max-size'], config['max-file']];
  }),
  port('port', '18080:8080', '8080/tcp'),
  port('port on one address', '127.0.0.1:19000:9000', '9000/tcp'),
  port('port, UDP', '15353:5353/udp', '5353/udp'),
  mount('named volume', ['--volume', 'app-data:/data'], '/data'),
  mount('anonymous volume', ['--volume', '/anonymous'], '/anonymous'),
  mount('bind mount, read-only', ['--volume', '/srv/bench/conf:/conf:ro'], '/conf'),
  mount('bind mount', ['--volume', '/srv/bench/shared:/shared:rslave'], '/shared'),
  {
    name: 'bind propagation',
    flags: [],
    path: 'Mounts./shared.Propagation',
    read: (inspect) => mountAt(inspect, '/shared')?.Propagation,
  },
  mount('volumes-from', ['--volumes-from', 'helper:ro'], '/helper'),
  tmpfs('tmpfs', ['--tmpfs', '/scratch:size=64m,mode=1777'], '/scratch', 'HostConfig.Tmpfs./scratch'),
  tmpfs(
    'tmpfs by --mount',
    ['--mount', 'type=tmpfs,destination=/run/app,tmpfs-size=33554432'],
    '/run/app',
    'HostConfig.Mounts./run/app',
  ),
  one('add-host', '--add-host api.internal:10.0.0.9', 'HostConfig.ExtraHosts'),
  one('dns', '--dns 1.1.1.1', 'HostConfig.Dns'),
  one('dns search', '--dns-search example.org', 'HostConfig.DnsSearch'),
  one('dns option', '--dns-opt ndots:2', 'HostConfig.DnsOptions'),
  one('network', '--network front', 'NetworkSettings.Networks.front', (inspect) => network(inspect) !== undefined),
  one('network alias', '--network-alias web', 'NetworkSettings.Networks.front', (inspect) =>
    listOf(network(inspect)?.Aliases).includes('web'),
  ),
  one(
    'IP address',
    '--ip 172.30.0.50',
    'NetworkSettings.Networks.front.IPAMConfig',
    (inspect) => network(inspect)?.IPAddress,
  ),
  one('MAC address', '--mac-address 02:42:ac:1e:00:99', 'Config.MacAddress', (inspect) =>
    textOf(get(inspect, 'Config.MacAddress')),
  ),
];
