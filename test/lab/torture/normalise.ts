export type Json = Readonly<Record<string, unknown>>;

/** One container as compared: the value at each inspect path, keyed where a setting has entries. */
export type Settings = ReadonlyMap<string, string>;

export interface Naming {
  /** The source's name of the container that Docker knows by this id or name. */
  readonly nameOf: (idOrName: string) => string;
}

const record = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const texts = (value: unknown): readonly string[] => list(value).map(String);

/** null, '', 0, false, [] and {} say the same in inspect: not set (ecs-mapping §0). */
const isUnset = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  value === 0 ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** What the engine makes of a container, or how it is called there: nothing anybody set. */
const made = new Set(
  `Id Created State ResolvConfPath HostnamePath HostsPath LogPath Name RestartCount Driver MountLabel ProcessLabel
  AppArmorProfile ExecIDs GraphDriver SizeRw SizeRootFs ImageManifestDescriptor Storage`.split(/\s+/),
);

/** Config fields whose truth is elsewhere: in Path and Args, in Mounts; or that only the docker command reads (§1.1). */
const elsewhere = new Set(
  `Entrypoint Cmd Image Volumes AttachStdin AttachStdout AttachStderr StdinOnce ArgsEscaped OnBuild Shell`.split(/\s+/),
);

/** HostConfig fields whose truth is in Mounts, or that the engine fills in by its cgroup version (§0). */
const elsewhereOnHost = new Set(
  `Binds Mounts VolumesFrom VolumeDriver ContainerIDFile ConsoleSize CgroupnsMode`.split(' '),
);

type Entry = readonly [path: string, value: unknown];
type Reader = (value: unknown, inspect: Json, naming: Naming) => readonly Entry[];

const keyed =
  (key: (entry: Json) => string, value: (entry: Json) => unknown): Reader =>
  (entries) =>
    list(entries).map((entry) => [key(record(entry)), value(record(entry))]);

const byKey: Reader = (value) => Object.entries(record(value));
const inHost = (inspect: Json, field: string): unknown => record(inspect.HostConfig)[field];
const isHostBound = (inspect: Json): boolean =>
  inHost(inspect, 'Privileged') === true ||
  inHost(inspect, 'PidMode') === 'host' ||
  inHost(inspect, 'IpcMode') === 'host';

/** `container:<id>` by the source's name; '' for what the engine fills in. */
const namespace =
  (...engines: readonly string[]): Reader =>
  (value, _, { nameOf }) => {
    const [kind, other] = String(value).split(':');
    if (kind === 'container') return [['', `container:${nameOf(other ?? '')}`]];
    return engines.includes(String(value)) ? [] : [['', value]];
  };

const mib = 1024 ** 2;
const sizes: Readonly<Record<string, number>> = { '': 1, k: 1024, m: mib, g: 1024 * mib };

/** Options of a tmpfs in one order and spelling: sizes in bytes. */
const tmpfsOptions = (options: readonly string[]): string =>
  options
    .map((option) =>
      option.replace(/^size=(\d+)([kmg]?)$/, (_, digits, unit) => `size=${Number(digits) * (sizes[unit] ?? 1)}`),
    )
    .filter((option) => option !== '')
    .sort()
    .join(',');

const publishedAll = (inspect: Json): readonly Entry[] =>
  Object.keys(record(record(inspect.Config).ExposedPorts))
    .filter((port) => !(port in record(inHost(inspect, 'PortBindings'))))
    .map((port) => [`HostConfig.PortBindings.${port}`, ':any']);

/** Fields that are more than a value; all others are compared as they are. Paths are relative to the field. */
const readers: Readonly<Record<string, Reader>> = {
  'Config.Env': (value) =>
    texts(value).flatMap((entry): Entry[] => {
      const at = entry.indexOf('=');
      return at < 0 ? [] : [[entry.slice(0, at), `=${entry.slice(at + 1)}`]];
    }),
  'Config.Labels': (value) => Object.entries(record(value)).map(([name, label]) => [name, `=${label}`]),
  'Config.ExposedPorts': (value) => Object.keys(record(value)).map((port) => [port, true]),
  // The engine's own, another container's or the host's (§1.1).
  'Config.Hostname': (value, inspect) => {
    const mode = String(inHost(inspect, 'NetworkMode'));
    const isOthers = mode === 'host' || mode.startsWith('container:') || inHost(inspect, 'UTSMode') === 'host';
    return isOthers || value === String(inspect.Id).slice(0, 12) ? [] : [['', value]];
  },
  'Config.StopTimeout': (value) => [['', `${value} s`]],
  'Config.Healthcheck': byKey,
  'HostConfig.CapAdd': (value) => texts(value).map((name) => [name.replace(/^CAP_/, ''), true]),
  'HostConfig.CapDrop': (value) => texts(value).map((name) => [name.replace(/^CAP_/, ''), true]),
  // What the engine adds by itself is not an option anybody chose (§0).
  'HostConfig.SecurityOpt': (value, inspect) =>
    texts(value)
      .filter((option) => option !== 'label=disable' || !isHostBound(inspect))
      .map((option) => [/^[\w-]+/.exec(option)?.[0] ?? option, option.replace(/[:=]true$/, '')]),
  'HostConfig.MaskedPaths': (value) => (list(value).length > 0 ? [] : [['', 'none are masked']]),
  'HostConfig.ReadonlyPaths': (value) => (list(value).length > 0 ? [] : [['', 'none are read-only']]),
  'HostConfig.Ulimits': keyed(
    ({ Name }) => String(Name),
    ({ Soft, Hard }) => `${Soft}:${Hard}`,
  ),
  'HostConfig.Sysctls': byKey,
  'HostConfig.Devices': keyed(
    ({ PathOnHost }) => String(PathOnHost),
    (device) => device,
  ),
  'HostConfig.Tmpfs': (value) =>
    Object.entries(record(value)).map(([path, options]) => [path, `tmpfs ${tmpfsOptions(String(options).split(','))}`]),
  'HostConfig.PortBindings': (value) =>
    Object.entries(record(value)).map(([port, bindings]) => [
      port,
      list(bindings)
        .map((each) => binding(record(each)))
        .sort(),
    ]),
  'HostConfig.PublishAllPorts': () => [],
  'HostConfig.ExtraHosts': (value) =>
    texts(value).map((entry) => {
      const [, host = entry, address = ''] = /^([^:=]+)[:=](.*)$/.exec(entry) ?? [];
      return [host, address.replace('host-gateway', '172.17.0.1')];
    }),
  'HostConfig.Links': (value, _, { nameOf }) =>
    texts(value).map((link) => {
      const [target = '', alias = target] = link.split(':');
      return [alias.split('/').at(-1) ?? '', nameOf(target.replace(/^\//, ''))];
    }),
  'HostConfig.Dns': (value) => texts(value).map((server) => [server, true]),
  'HostConfig.LogConfig': (value) => {
    // Docker's own mode, written out because ECS's default is another (§1.5).
    const { mode, ...options } = record(record(value).Config);
    return [['Type', record(value).Type], ...Object.entries(mode === 'blocking' ? options : { mode, ...options })];
  },
  'HostConfig.RestartPolicy': (value) => [['', record(value).Name]],
  'HostConfig.IpcMode': namespace('private', 'shareable'),
  'HostConfig.PidMode': namespace(),
  // A user-defined network is named again, with all its settings, in NetworkSettings.Networks.
  'HostConfig.NetworkMode': (value, inspect, naming) =>
    String(value) in record(record(inspect.NetworkSettings).Networks) && !['host', 'none'].includes(String(value))
      ? []
      : namespace('default', 'bridge')(value, inspect, naming),
  'HostConfig.MemorySwap': (value, inspect) => (value === 2 * Number(inHost(inspect, 'Memory')) ? [] : [['', value]]),
  'HostConfig.MemorySwappiness': (value) => (value === -1 ? [] : [['', `${value} of 100`]]),
  'HostConfig.ShmSize': (value) => (value === 64 * mib ? [] : [['', value]]),
  'HostConfig.Runtime': (value) => (value === 'runc' ? [] : [['', value]]),
  'HostConfig.Isolation': (value) => (value === 'default' ? [] : [['', value]]),
  // A period says nothing without its quota, and belongs to it.
  'HostConfig.CpuQuota': (value, inspect) => [['', Number(value) / (Number(inHost(inspect, 'CpuPeriod')) || 100_000)]],
  'HostConfig.CpuPeriod': (value, inspect) => (isUnset(inHost(inspect, 'CpuQuota')) ? [['', value]] : []),
};

const binding = ({ HostIp, HostPort }: Json): string =>
  `${HostIp === '0.0.0.0' ? '' : (HostIp ?? '')}:${isUnset(HostPort) || HostPort === '0' ? 'any' : HostPort}`;

/** `GET /containers/X/json`, read so that two containers that are set up the same give the same. */
export function normalise(inspect: Json, naming: Naming): Settings {
  const config = fields('Config', inspect, elsewhere, naming);
  const host = fields('HostConfig', inspect, elsewhereOnHost, naming);
  const entries: Entry[] = [
    ['Config.Process', [inspect.Path, ...list(inspect.Args)]],
    ...Object.entries(inspect).filter(([key]) => !made.has(key) && !known.has(key)),
    ...config,
    ...host,
    ...(inHost(inspect, 'PublishAllPorts') === true ? publishedAll(inspect) : []),
    ...list(inHost(inspect, 'Mounts')).flatMap((mount) => tmpfsRequest(record(mount))),
    ...list(inspect.Mounts).flatMap((mount) => oneMount(record(mount))),
    ...networks(inspect),
  ];
  return new Map(entries.filter(([, value]) => !isUnset(value)).map(([path, value]) => [path, JSON.stringify(value)]));
}

const known = new Set(['Config', 'HostConfig', 'Mounts', 'NetworkSettings', 'Path', 'Args']);

const fields = (area: string, inspect: Json, without: ReadonlySet<string>, naming: Naming): readonly Entry[] =>
  Object.entries(record(inspect[area]))
    .filter(([field, value]) => !without.has(field) && (!isUnset(value) || speaksWhenEmpty(field, value)))
    .flatMap(([field, value]) => {
      const read = readers[`${area}.${field}`] ?? ((): Entry[] => [['', value]]);
      return read(value, inspect, naming).map(
        ([key, each]): Entry => [`${area}.${field}${key === '' ? '' : `.${key}`}`, each],
      );
    });

/** Where empty is a setting: no paths masked (null only means privileged), stop at once, no swappiness. */
const speaksWhenEmpty = (field: string, value: unknown): boolean =>
  (['MaskedPaths', 'ReadonlyPaths'].includes(field) && Array.isArray(value)) ||
  (['StopTimeout', 'MemorySwappiness'].includes(field) && value === 0);

/** `--mount type=tmpfs`: the same thing as `--tmpfs`, with its mode in decimal (§0). */
function tmpfsRequest({ Type, Target, TmpfsOptions }: Json): readonly Entry[] {
  if (Type !== 'tmpfs') return [];
  const { SizeBytes, Mode } = record(TmpfsOptions);
  const options = [
    isUnset(SizeBytes) ? '' : `size=${SizeBytes}`,
    isUnset(Mode) ? '' : `mode=${Number(Mode).toString(8)}`,
  ];
  return [[`HostConfig.Tmpfs.${Target}`, `tmpfs ${tmpfsOptions(options)}`]];
}

/** Where the files lie differs by intent; that they are the same files is looked at in the files. */
function oneMount({ Type, Destination, RW, Propagation, Driver }: Json): readonly Entry[] {
  if (Type === 'tmpfs') return [];
  const at = `Mounts.${Destination}`;
  const own = Propagation === 'rprivate' || Propagation === 'private' ? '' : Propagation;
  return [
    [`${at}.Type`, Type],
    [`${at}.Access`, RW === true ? 'read and write' : 'read only'],
    [`${at}.Propagation`, own],
    [`${at}.Driver`, Driver === 'local' ? '' : Driver],
  ];
}

/** Networks somebody made, with what was asked of them; what the engine dealt out is not a setting. */
function networks(inspect: Json): readonly Entry[] {
  const all = Object.entries(record(record(inspect.NetworkSettings).Networks));
  return all
    .filter(([name]) => !['bridge', 'host', 'none'].includes(name))
    .flatMap(([name, network]): Entry[] => {
      const { IPAMConfig, Links, Aliases, DriverOpts } = record(network);
      const aliases = texts(Aliases).filter((alias) => alias !== String(inspect.Id).slice(0, 12));
      const at = `NetworkSettings.Networks.${name}`;
      return [
        [at, 'joined'],
        [`${at}.IPAMConfig`, IPAMConfig],
        [`${at}.Links`, Links],
        [`${at}.Aliases`, aliases],
        [`${at}.DriverOpts`, DriverOpts],
      ];
    });
}
