import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Design } from '../../../src/design.ts';
import { checkDefinition } from '../../../src/ecs/definition-checks.ts';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import type { Container } from '../../../src/inventory.ts';
import { parseContainer, parseImage } from '../../../src/parse-inspect.ts';
import { inventory, settings } from './builders.ts';

type Json = Record<string, unknown>;

/** The same cases each time, unless PROPERTY_SEED says otherwise; PROPERTY_RUNS for more of them. */
const runs = { seed: Number(process.env.PROPERTY_SEED ?? 1), numRuns: Number(process.env.PROPERTY_RUNS ?? 200) };
const timeout = 120_000;

/** The design of containers that all run from one image. */
function designed(raws: readonly Json[], rawImage: Json): Design {
  const containers = raws.map(
    (raw): Container => ({
      ...parseContainer(raw),
      running: true,
      usage: undefined,
      databaseMemory: [],
      layer: undefined,
      mentions: [],
    }),
  );
  const images = [...new Set(containers.map(({ imageId }) => imageId))].map((id) => parseImage(id, rawImage));
  return designMigration(inventory(containers, images), settings);
}

/** What ECS has to be able to take, said once more and without the code under test. */
function registrable({ workloads }: Design): boolean {
  return workloads.every(({ taskDefinition: { family, containerDefinitions = [], volumes = [], networkMode } }) => {
    const names = [family, ...containerDefinitions.map(({ name }) => name), ...volumes.map(({ name }) => name)];
    const paths = [
      ...volumes.flatMap(({ host }) => (host === undefined ? [] : [host.sourcePath])),
      ...containerDefinitions.flatMap(({ mountPoints = [] }) => mountPoints.map(({ containerPath }) => containerPath)),
    ];
    return (
      names.every((name) => /^[\w-]{1,255}$/.test(name ?? '')) &&
      paths.every((path) => path?.startsWith('/')) &&
      containerDefinitions.length >= 1 &&
      containerDefinitions.length <= 10 &&
      containerDefinitions.every(
        ({ memory, memoryReservation, image = '', environment = [], portMappings = [], links = [] }) =>
          (memory ?? memoryReservation ?? 0) >= 6 &&
          /[\w]$/.test(image) &&
          environment.every(({ name }) => name !== '') &&
          new Set(environment.map(({ name }) => name)).size === environment.length &&
          (networkMode !== 'none' || portMappings.length === 0) &&
          (networkMode === 'bridge' || links.length === 0) &&
          portMappings.every(({ containerPort = 0 }) => containerPort >= 1 && containerPort <= 65535),
      )
    );
  });
}

const isBlocked = ({ findings }: Design): boolean => findings.some(({ level }) => level === 'blocker');

/** A definition that may be registered, or a reason why not. */
function expectSound(design: Design): void {
  expect(design.workloads.length).toBeGreaterThan(0);
  if (isBlocked(design)) return;
  expect(design.workloads.flatMap(({ taskDefinition }) => checkDefinition(taskDefinition))).toEqual([]);
  expect(registrable(design)).toBe(true);
}

const isNothing = (value: unknown): boolean => !value || (typeof value === 'object' && Object.keys(value).length === 0);

const accounted = ({ accounting }: Design, setting: string): boolean =>
  accounting.some((row) => row.setting === setting || row.setting.startsWith(`${setting}.`));

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
const path = word.map((name) => `/${name}`);
const positive = fc.integer({ min: 1, max: 2 ** 40 });
const texts = fc.uniqueArray(word, { minLength: 1, maxLength: 3 });
const map = (key: fc.Arbitrary<string>, value: fc.Arbitrary<unknown>) =>
  fc.dictionary(key, value, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const port = fc
  .tuple(fc.integer({ min: 1, max: 65535 }), fc.constantFrom('tcp', 'udp', 'sctp'))
  .map(([number, protocol]) => `${number}/${protocol}`);
const yes = fc.constant(true);
const rates = fc.array(fc.record({ Path: path, Rate: positive }), { minLength: 1, maxLength: 2 });

/** For each setting of the engine's API, values that are not Docker's default. Not from the code under test. */
const config: Record<string, fc.Arbitrary<unknown>> = {
  Hostname: word,
  Domainname: word,
  User: word,
  AttachStdin: yes,
  AttachStdout: yes,
  AttachStderr: yes,
  Tty: yes,
  OpenStdin: yes,
  StdinOnce: yes,
  ExposedPorts: map(port, fc.constant({})),
  Healthcheck: fc.record({
    Test: fc.tuple(fc.constantFrom('CMD', 'CMD-SHELL', 'NONE', 'X'), word),
    Interval: positive,
  }),
  ArgsEscaped: yes,
  Volumes: map(path, fc.constant({})),
  WorkingDir: path,
  NetworkDisabled: yes,
  MacAddress: fc.constant('02:42:ac:11:00:99'),
  OnBuild: texts,
  Labels: map(word, word),
  StopSignal: fc.constantFrom('SIGQUIT', 'SIGINT'),
  StopTimeout: fc.nat(500),
  Shell: texts,
};

const host: Record<string, fc.Arbitrary<unknown>> = {
  Binds: path.map((target) => [`/srv:${target}`]),
  ContainerIDFile: path,
  LogConfig: fc.record({
    Type: fc.constantFrom('json-file', 'local', 'syslog', 'none', 'x', ''),
    Config: map(word, word),
  }),
  NetworkMode: fc.constantFrom('host', 'none', 'front', 'container:gone'),
  PortBindings: map(
    port,
    fc.array(fc.record({ HostIp: fc.constantFrom('', '127.0.0.1'), HostPort: fc.nat(65535).map(String) })),
  ),
  RestartPolicy: fc.record({ Name: fc.constantFrom('no', 'always', 'on-failure'), MaximumRetryCount: fc.nat(5) }),
  AutoRemove: yes,
  VolumeDriver: word,
  VolumesFrom: texts,
  Annotations: map(word, word),
  CapAdd: fc.constantFrom(['CAP_NET_ADMIN'], ['BPF', 'ALL']),
  CapDrop: fc.constantFrom(['CAP_MKNOD'], ['x']),
  CgroupnsMode: word,
  Cgroup: word,
  Dns: fc.constantFrom(['1.1.1.1'], ['10.0.0.1', 'x']),
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: fc.constantFrom(['a:1.2.3.4'], ['b:host-gateway', 'c']),
  GroupAdd: texts,
  IpcMode: fc.constantFrom('host', 'none', 'container:gone'),
  Links: fc.constantFrom(['/gone:/web/db']),
  OomScoreAdj: positive,
  PidMode: fc.constantFrom('host', 'container:gone'),
  Privileged: yes,
  PublishAllPorts: yes,
  ReadonlyRootfs: yes,
  SecurityOpt: fc.constantFrom(['no-new-privileges'], ['seccomp=unconfined', 'apparmor=x']),
  StorageOpt: map(word, word),
  Tmpfs: map(path, fc.constantFrom('', 'size=5m,noexec', 'huge=always', 'size=x')),
  UTSMode: word,
  UsernsMode: word,
  ShmSize: positive.filter((bytes) => bytes !== 64 * 1024 ** 2),
  Sysctls: map(fc.constantFrom('net.core.somaxconn', 'kernel.sem', 'vm.swappiness'), word),
  Runtime: fc.constantFrom('nvidia', 'runsc'),
  Isolation: word,
  CpuShares: positive,
  Memory: positive,
  NanoCpus: positive,
  CgroupParent: path,
  BlkioWeight: positive,
  BlkioWeightDevice: fc.constant([{ Path: '/dev/a', Weight: 1 }]),
  BlkioDeviceReadBps: rates,
  BlkioDeviceWriteBps: rates,
  BlkioDeviceReadIOps: rates,
  BlkioDeviceWriteIOps: rates,
  CpuPeriod: positive,
  CpuQuota: positive,
  CpuRealtimePeriod: positive,
  CpuRealtimeRuntime: positive,
  CpusetCpus: word,
  CpusetMems: word,
  Devices: fc.array(
    fc.record({ PathOnHost: fc.oneof(path, word), CgroupPermissions: fc.constantFrom('', 'rw', 'xyz') }),
    { minLength: 1, maxLength: 2 },
  ),
  DeviceCgroupRules: texts,
  DeviceRequests: fc.array(
    fc.record({ Driver: word, Count: fc.integer({ min: -1, max: 4 }), Capabilities: fc.constantFrom([['gpu']], []) }),
    { minLength: 1, maxLength: 2 },
  ),
  KernelMemory: positive,
  KernelMemoryTCP: positive,
  MemoryReservation: positive,
  MemorySwap: fc.constant(-1),
  MemorySwappiness: fc.integer({ min: 0, max: 100 }),
  OomKillDisable: yes,
  PidsLimit: positive,
  Ulimits: fc.uniqueArray(
    fc.record({ Name: fc.constantFrom('nofile', 'core', 'x'), Soft: fc.integer(), Hard: fc.integer() }),
    { minLength: 1, maxLength: 2, selector: ({ Name }) => Name },
  ),
  CpuCount: positive,
  CpuPercent: positive,
  IOMaximumIOps: positive,
  IOMaximumBandwidth: positive,
  Mounts: fc.constantFrom(
    [{ Type: 'tmpfs', Target: '/t' }],
    [{ Type: 'volume', Source: 'v', Target: '/v', VolumeOptions: { Subpath: 'x' } }],
    [{ Type: 'image', Target: '/i' }],
  ),
  MaskedPaths: texts,
  ReadonlyPaths: fc.constant([]),
  Init: yes,
};

/** What Docker itself makes defaults of one another: then one of two says nothing. */
const overruled = (key: string, { Privileged }: Json): boolean =>
  Privileged === true && (key === 'MaskedPaths' || key === 'ReadonlyPaths');

const mounts = fc.uniqueArray(
  fc.record({
    Type: fc.constantFrom('bind', 'volume', 'tmpfs', 'image'),
    Name: word,
    Source: path,
    Destination: path,
    Driver: fc.constantFrom('', 'local', 'rexray'),
    RW: fc.boolean(),
    Propagation: fc.constantFrom('', 'rprivate', 'rslave'),
  }),
  { maxLength: 4, selector: ({ Destination }) => Destination },
);

/** A few of them at a time: of all at once, some always block. */
const some = (arbitraries: Record<string, fc.Arbitrary<unknown>>) =>
  fc
    .subarray(Object.keys(arbitraries), { maxLength: Math.min(4, Object.keys(arbitraries).length) })
    .chain((keys) => fc.record(Object.fromEntries(keys.map((key) => [key, arbitraries[key] ?? fc.constant(key)]))));

/** A container as Docker tells it, with some settings that are not defaults. */
const plausible = fc
  .record({
    id: fc.stringMatching(/^[0-9a-f]{64}$/),
    name: fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,12}$/),
    config: some(config),
    host: some(host),
    env: fc.array(
      fc.oneof(
        word,
        fc.tuple(fc.constantFrom('A', 'B', 'AWS_X', 'API_KEY'), fc.string()).map(([key, value]) => `${key}=${value}`),
      ),
      { maxLength: 4 },
    ),
    cmd: fc.option(fc.array(fc.string(), { maxLength: 3 })),
    entrypoint: fc.option(fc.array(fc.string(), { maxLength: 2 })),
    mounts,
    aliases: texts,
    top: some({ Platform: fc.constantFrom('windows', 'lcow'), Storage: fc.constant({ a: 1 }), SizeRw: positive }),
  })
  .map(
    ({ id, name, config, host, env, cmd, entrypoint, mounts, aliases, top }): Json => ({
      Id: id,
      Name: `/${name}`,
      Created: '2026-01-01T00:00:00Z',
      Image: `sha256:${'a'.repeat(64)}`,
      Config: { Hostname: id.slice(0, 12), Image: 'app:2', Env: env, Cmd: cmd, Entrypoint: entrypoint, ...config },
      HostConfig: { NetworkMode: 'default', ...host },
      Mounts: mounts,
      NetworkSettings: { Networks: { front: { Aliases: aliases } } },
      ...top,
    }),
  );

it(
  'any JSON object is read without a crash, and everything in it is in the accounting',
  () => {
    const anything = fc.object({
      maxDepth: 3,
      key: fc.oneof(
        fc.constantFrom(
          'Config',
          'HostConfig',
          'Mounts',
          'Env',
          'Labels',
          'Name',
          'Id',
          'NetworkSettings',
          'Networks',
          'Image',
          '__proto__',
        ),
        fc.string(),
      ),
    });
    const state = 'Id Name Image Created State Path Args Mounts Config HostConfig NetworkSettings'.split(' ');
    fc.assert(
      fc.property(anything, anything, (raw, rawImage) => {
        const design = designed([raw as Json], rawImage as Json);
        expectSound(design);
        for (const [key, value] of Object.entries(raw)) {
          if (!state.includes(key) && !isNothing(value)) expect(accounted(design, key), key).toBe(true);
        }
      }),
      runs,
    );
  },
  timeout,
);

it(
  'a container as Docker tells it becomes a definition, or has a blocker',
  () => {
    let unblocked = 0;
    fc.assert(
      fc.property(fc.uniqueArray(plausible, { minLength: 1, maxLength: 3, selector: ({ Name }) => Name }), (raws) => {
        const design = designed(raws, { Config: { Cmd: ['serve'], Env: ['A=1'] }, Size: 1, Architecture: 'amd64' });
        expectSound(design);
        if (!isBlocked(design)) unblocked++;
      }),
      runs,
    );
    expect(unblocked).toBeGreaterThan(runs.numRuns / 20); // else this would show nothing
  },
  timeout,
);

it(
  'every setting that is not a default is in the accounting',
  () => {
    fc.assert(
      fc.property(plausible, (raw) => {
        const design = designed([raw], {});
        const [own, ofHost] = [raw.Config as Json, raw.HostConfig as Json];
        const silent = [
          ...Object.keys(config)
            .filter((key) => key in own && own[key] !== (raw.Id as string).slice(0, 12))
            .map((key) => `Config.${key}`),
          ...Object.keys(host)
            .filter((key) => key in ofHost && ofHost[key] !== 'default' && !overruled(key, ofHost))
            .map((key) => `HostConfig.${key}`),
          ...(own.Env as string[])
            .filter((entry) => entry.includes('='))
            .map((entry) => `Config.Env.${entry.slice(0, entry.indexOf('='))}`),
          ...(raw.Mounts as Json[]).map(({ Destination, Type }) =>
            Type === 'tmpfs' && (Destination as string) in ((ofHost.Tmpfs as Json) ?? {})
              ? `HostConfig.Tmpfs.${Destination}`
              : Type === 'tmpfs' && ofHost.Mounts !== undefined && Destination === '/t'
                ? 'HostConfig.Mounts./t'
                : `Mounts.${Destination}`,
          ),
          'NetworkSettings.Networks.front',
          ...(raw.Platform === undefined ? [] : ['Platform']),
        ].filter((setting) => !accounted(design, setting));
        expect(silent).toEqual([]);
        for (const row of design.accounting) if (row.outcome !== 'mapped') expect(row.note, row.setting).not.toBe('');
      }),
      runs,
    );
  },
  timeout,
);

it(
  'a value of another type, or a key nobody knows, is in the accounting too',
  () => {
    const odd = fc.oneof(fc.constantFrom<unknown>('x', 5.5, true, [[{}]], { a: { b: 1 } }), fc.jsonValue());
    const places = fc.tuple(
      fc.constantFrom('Config', 'HostConfig'),
      fc.oneof(fc.constantFrom(...Object.keys(config), ...Object.keys(host)), word),
    );
    fc.assert(
      fc.property(plausible, places, odd, (raw, [section, key], value) => {
        const isDefault =
          ['x', 'default', 'private', 'runc'].includes(value as string) &&
          section === 'HostConfig' &&
          key === 'Runtime';
        fc.pre(!isNothing(value) && !isDefault && !overruled(key, raw.HostConfig as Json));
        const design = designed([{ ...raw, [section]: { ...(raw[section] as Json), [key]: value } }], {});
        expectSound(design);
        expect(accounted(design, `${section}.${key}`)).toBe(true);
      }),
      runs,
    );
  },
  timeout,
);

it(
  'a secret is shown nowhere but in the definition',
  () => {
    const secret = 'hunter2-X9f8e7d6';
    const spots: ((raw: Json) => Json)[] = [
      (raw) => ({ ...raw, Config: { ...(raw.Config as Json), Env: [`DB_PASSWORD=${secret}`], Cmd: ['run', secret] } }),
      (raw) => ({ ...raw, Config: { ...(raw.Config as Json), Cmd: ['redis-server', '--requirepass', secret] } }),
      (raw) => ({ ...raw, Config: { ...(raw.Config as Json), Labels: { 'db.password': secret } } }),
      (raw) => ({
        ...raw,
        Config: { ...(raw.Config as Json), Healthcheck: { Test: ['CMD-SHELL', `ping --password=${secret}`] } },
      }),
      (raw) => ({
        ...raw,
        HostConfig: { ...(raw.HostConfig as Json), LogConfig: { Type: 'splunk', Config: { 'splunk-token': secret } } },
      }),
      (raw) => ({ ...raw, HostConfig: { ...(raw.HostConfig as Json), Annotations: { 'api.token': secret } } }),
      (raw) => ({ ...raw, HostConfig: { ...(raw.HostConfig as Json), Fancy: { password: secret } } }),
      (raw) => ({ ...raw, NetworkSettings: { Networks: { front: { DriverOpts: { password: secret } } } } }),
    ];
    fc.assert(
      fc.property(plausible, fc.constantFrom(...spots), (raw, spot) => {
        const { accounting, findings, workloads } = designed([spot(raw)], {});
        expect(JSON.stringify([accounting, findings, workloads.map(({ secrets }) => secrets)])).not.toContain(
          'hunter2',
        );
      }),
      runs,
    );
  },
  timeout,
);
