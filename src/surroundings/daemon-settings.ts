import { recordOf } from '../ecs/json.ts';

/** What becomes of one key of daemon.json. */
export interface DaemonRule {
  readonly level: 'info' | 'warning' | 'blocker';
  readonly means: string;
  readonly remedy?: string;
  /** Whether it makes sense in the instance's own daemon.json. */
  readonly carried?: boolean;
  /** Values under which it says nothing. */
  readonly usual?: readonly unknown[];
}

const info = (means: string): DaemonRule => ({ level: 'info', means });
const warn = (means: string, remedy: string): DaemonRule => ({ level: 'warning', means, remedy });
const carry = (means: string): DaemonRule => ({ level: 'warning', means, carried: true });
const ownLog = info('every container keeps the log driver and options that it was made with');
const ownRegistry = info('the instance pulls from ECR alone');
const proxy = warn(
  'Docker reached registries, and perhaps containers the world, by a proxy, which the instance does not have',
  'If the instance must use a proxy too, set it in "instance.setup" for Docker and the agent (HTTP_PROXY, NO_PROXY=169.254.169.254,169.254.170.2,/var/run/docker.sock in /etc/ecs/ecs.config).',
);
const addresses = warn(
  'the source’s containers had addresses of another range; on the instance docker0 is 172.17.0.1, by which ecsodus lets containers call one another',
  'Nothing, unless an address of that range is written down somewhere: such places are named by findings of their own.',
);

/** Every key that Docker Engine documents for Linux, by what it means for a container instance. */
export const daemonRules: Readonly<Record<string, DaemonRule>> = {
  'default-ulimits': carry('containers without ulimits of their own had these'),
  'default-shm-size': carry('containers without a size for /dev/shm of their own had this'),
  dns: carry('containers asked these DNS servers'),
  'dns-opts': carry('containers had these resolver options'),
  'dns-search': carry('containers had these search domains'),
  init: { ...carry('every container had an init process'), usual: [false] },
  'no-new-privileges': { ...carry('containers could not gain privileges'), usual: [false] },
  'userland-proxy': { ...carry('ports were published without docker-proxy'), usual: [true] },
  icc: {
    ...warn(
      'containers could not reach one another but by links',
      'On the instance they can: put "icc": false into its daemon.json yourself if that matters, and test it first.',
    ),
    usual: [true],
  },
  ip: {
    level: 'blocker',
    means: 'ports that were published without an address are at this one only; ecsodus would open them to the world',
    remedy:
      'Name the address at each port on the source (-p 127.0.0.1:5432:5432), which keeps it closed on AWS too; then plan again.',
    usual: ['0.0.0.0'],
  },
  'userns-remap': {
    level: 'blocker',
    means: 'root in a container is another user on the host, and so are the owners of all data',
    remedy:
      'Turn it off on the source, give the data the owners that the containers know (chown), and plan again; the ECS agent does not work with it.',
  },
  'seccomp-profile': warn(
    'containers ran under a seccomp profile of your own; on the instance it is Docker’s',
    'Put the file and the key into /etc/docker/daemon.json by "instance.setup" if it allows more than Docker’s own.',
  ),
  'default-runtime': {
    ...warn(
      'containers without a runtime of their own ran under this one; on the instance it is runc',
      'Check that they run under runc.',
    ),
    usual: ['runc'],
  },
  runtimes: warn(
    'the source has further runtimes; the instance has runc',
    'Containers that use one are named by findings of their own.',
  ),
  iptables: {
    ...warn('Docker wrote no firewall rules; on the instance it does', 'Nothing: ECS needs them.'),
    usual: [true],
  },
  ip6tables: { ...info('Docker wrote IPv6 rules; ECS bridges have no IPv6'), usual: [true] },
  ipv6: {
    ...warn('containers had IPv6; ECS bridges have none', 'Check that nothing calls them by IPv6.'),
    usual: [false],
  },
  'fixed-cidr-v6': warn(
    'containers had IPv6 addresses; ECS bridges have none',
    'Check that nothing calls them by IPv6.',
  ),
  bip: addresses,
  'default-address-pools': addresses,
  'fixed-cidr': addresses,
  'default-gateway': addresses,
  bridge: addresses,
  hosts: warn(
    'Docker’s API listened at further addresses; on the instance it has its socket only',
    'What called it from outside has to use ECS.',
  ),
  'http-proxy': proxy,
  'https-proxy': proxy,
  'no-proxy': proxy,
  proxies: proxy,
  'log-driver': { ...ownLog, usual: ['json-file'] },
  'log-opts': ownLog,
  'insecure-registries': ownRegistry,
  'registry-mirrors': ownRegistry,
  'allow-nondistributable-artifacts': ownRegistry,
  'live-restore': info('containers outlived a restart of Docker; on ECS the agent starts tasks anew'),
  'data-root': info('Docker’s files were elsewhere; the instance keeps them on its root disk, data on the /data disk'),
  graph: info('Docker’s files were elsewhere; the instance keeps them on its root disk'),
  'exec-root': info('a path of the source’s engine'),
  'storage-driver': { ...info('the instance has overlay2'), usual: ['overlay2'] },
  'storage-opts': info('the instance has overlay2 without options; a limit on a container’s own layer is not carried'),
  'exec-opts': info('the instance’s containers are in systemd’s cgroups'),
  'cgroup-parent': info('the agent chooses the cgroup itself'),
  'default-cgroupns-mode': info('the instance has cgroup v2, where it is private'),
  'default-ipc-mode': info('private, as every engine since 19.03 has it'),
  'selinux-enabled': info('the instance’s Docker runs without SELinux labels'),
  mtu: info('the source’s network asked for it; the instance’s has its own'),
  'metrics-addr': info('engine metrics are not offered on the instance'),
  labels: info('labels of the source’s engine; ECS has instance attributes'),
  'node-generic-resources': info('of Swarm'),
  'cluster-store': info('of Swarm before 2015'),
  'cluster-advertise': info('of Swarm before 2015'),
  'swarm-default-advertise-addr': info('of Swarm'),
  ...Object.fromEntries(
    `debug log-level log-format raw-logs experimental features builder pidfile group containerd containerd-namespace
     containerd-plugin-namespace max-concurrent-downloads max-concurrent-uploads max-download-attempts shutdown-timeout
     tls tlsverify tlscacert tlscert tlskey oom-score-adjust no-pivot-root ip-forward ip-masq init-path userland-proxy-path
     cpu-rt-period cpu-rt-runtime api-cors-header deprecated-key-path network-control-plane-mtu host-gateway-ip
     network-diagnostic-port disable-legacy-registry max-downloads validate firewall-backend min-api-version`
      .split(/\s+/)
      .map((key) => [key, info('of the source’s engine alone')]),
  ),
};

const plural: Readonly<Record<string, string>> = {
  'default-ulimit': 'default-ulimits',
  'default-address-pool': 'default-address-pools',
  'insecure-registry': 'insecure-registries',
  'registry-mirror': 'registry-mirrors',
  'dns-opt': 'dns-opts',
  'log-opt': 'log-opts',
  'storage-opt': 'storage-opts',
  'exec-opt': 'exec-opts',
  'add-runtime': 'runtimes',
  label: 'labels',
  host: 'hosts',
  H: 'hosts',
  s: 'storage-driver',
  g: 'data-root',
  l: 'log-level',
  b: 'bridge',
  G: 'group',
  p: 'pidfile',
  D: 'debug',
};
const switches =
  /^(debug|experimental|live-restore|init|no-new-privileges|icc|iptables|ip6tables|ipv6|ip-forward|ip-masq|userland-proxy|selinux-enabled|raw-logs|tls|tlsverify|validate|disable-legacy-registry)$/;

/** dockerd's command line in the words of daemon.json. How a distribution starts it (-H fd://, containerd's socket) is no setting. */
export function parseDaemonFlags(argv: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const args = argv.slice(1);
  for (let index = 0; index < args.length; index++) {
    const [, flag = '', inline] = /^--?([\w-]+)(?:=(.*))?$/s.exec(args[index] ?? '') ?? [];
    if (flag === '' || flag === 'daemon') continue;
    const key = plural[flag] ?? flag;
    const value = inline ?? (switches.test(key) ? 'true' : (args[++index] ?? ''));
    if ((key === 'hosts' && /^(fd|unix):/.test(value)) || key === 'containerd' || key === 'config-file') continue;
    found[key] = added(key, found[key], value);
  }
  return found;
}

function added(key: string, before: unknown, value: string): unknown {
  const [, name = '', rest = ''] = /^([\w.-]+)=(.*)$/s.exec(value) ?? [];
  if (key === 'log-opts' || key === 'runtimes') return { ...recordOf(before), [name]: rest };
  if (key === 'default-ulimits') return { ...recordOf(before), [name]: ulimit(name, rest) };
  if (key === 'dns' || key === 'dns-search' || key.endsWith('s'))
    return [...(Array.isArray(before) ? before : []), value];
  return /^(true|false)$/.test(value) ? value === 'true' : value;
}

const ulimit = (Name: string, text: string) => {
  const [soft = '', hard = soft] = text.split(':');
  return { Name, Soft: Number(soft), Hard: Number(hard) };
};
