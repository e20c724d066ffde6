import { describe, expect, it } from 'vitest';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import { isEmpty, type Json, recordOf } from '../../../src/ecs/json.ts';
import type { Container } from '../../../src/inventory.ts';
import { recordedInventory, settings } from './builders.ts';

const found = recordedInventory();
const alone = (name: string) => {
  const only = found.containers.filter((container) => container.name === name);
  return designMigration({ ...found, containers: only }, settings);
};

/** Not by the code under test: what of an inspect is neither empty nor the image's, with no row to its name. */
function unaccounted({ inspect, name, imageId }: Container, settingsWithRow: readonly string[]): string[] {
  const image = found.images.find(({ id }) => id === imageId)?.config ?? {};
  const entries = [
    ...Object.entries(inspect.Config as Json).map(([key, value]) => [`Config.${key}`, value, image[key]] as const),
    ...Object.entries(inspect.HostConfig as Json).map(
      ([key, value]) => [`HostConfig.${key}`, value, undefined] as const,
    ),
    ...inspect.Mounts.filter(({ Type }) => Type !== 'tmpfs').map(
      (mount) => [`Mounts.${mount.Destination}`, mount, undefined] as const,
    ),
    ...Object.keys(recordOf(inspect.NetworkSettings.Networks)).map(
      (key) => [`NetworkSettings.Networks.${key}`, key, 'bridge'] as const,
    ),
  ];
  return entries
    .filter(([, value, fromImage]) => !isEmpty(value) && JSON.stringify(value) !== JSON.stringify(fromImage))
    .filter(([setting, value]) => !filledIn(setting, value, name))
    .map(([setting]) => setting)
    .filter((setting) => !settingsWithRow.some((row) => row === setting || row.startsWith(`${setting}.`)));
}

/** What dockerd 20.10 writes into every container by itself. */
const filledIn = (setting: string, value: unknown, name: string): boolean =>
  ['Config.Image', 'HostConfig.MaskedPaths', 'HostConfig.ReadonlyPaths', 'HostConfig.ConsoleSize'].includes(setting) ||
  ['private', 'runc', 67108864, 'default'].includes(value as string) ||
  setting === 'NetworkSettings.Networks.host' || // HostConfig.NetworkMode says it
  (setting === 'HostConfig.CgroupnsMode' && value === 'host') ||
  (setting === 'Config.Hostname' && /^[0-9a-f]{12}$/.test(String(value))) ||
  (setting === 'HostConfig.MemorySwap' && name === 'limited');

describe('recorded by dockerd 20.10.24', () => {
  it.each(found.containers.map((container) => [container.name, container] as const))(
    '%s: nothing is silent',
    (name, container) => {
      expect(
        unaccounted(
          container,
          alone(name).accounting.map(({ setting }) => setting),
        ),
      ).toEqual([]);
    },
  );

  it('a plain container needs nothing but what every container gets', () => {
    const [definition] = alone('plain').workloads[0]?.taskDefinition.containerDefinitions ?? [];
    expect(definition).toEqual({
      name: 'plain',
      image: expect.stringMatching(/\.amazonaws\.com\/shop\/app:[0-9a-f]{12}$/),
      cpu: 0,
      essential: true,
      stopTimeout: 10,
      memoryReservation: 32,
      logConfiguration: { logDriver: 'json-file', options: { mode: 'blocking', 'max-size': '10m', 'max-file': '3' } },
      mountPoints: [
        { sourceVolume: expect.stringMatching(/^[0-9a-f]{64}$/), containerPath: '/var/lib/app', readOnly: false },
      ],
    });
  });

  it('the kitchen sink keeps what ECS can carry', () => {
    const design = alone('sink');
    const { taskDefinition: definition } = design.workloads[0] ?? {};
    expect(definition).toMatchObject({
      family: 'sink',
      networkMode: 'bridge',
      pidMode: 'host',
      cpu: '512',
      requiresCompatibilities: ['EC2'],
    });
    expect(definition?.runtimePlatform).toEqual({ cpuArchitecture: 'X86_64' });
    expect(definition?.executionRoleArn).toBe('arn:aws:iam::123456789012:role/ecsodus-shop-execution');
    expect(definition?.containerDefinitions?.[0]).toMatchObject({
      hostname: 'sinkhost',
      user: '1000:1000',
      workingDirectory: '/work',
      entryPoint: ['/bin/sleep'],
      command: ['1000'],
      memory: 512,
      memoryReservation: 256,
      cpu: 512,
      stopTimeout: 45,
      pseudoTerminal: true,
      interactive: true,
      readonlyRootFilesystem: true,
      dnsServers: ['1.1.1.1'],
      dnsSearchDomains: ['example.org'],
      environment: [
        { name: 'APP_MODE', value: 'prod' },
        { name: 'EMPTY', value: '' },
      ],
      extraHosts: [
        { hostname: 'api.internal', ipAddress: '10.0.0.9' },
        { hostname: 'gw', ipAddress: '172.17.0.1' },
      ],
      linuxParameters: {
        capabilities: { add: ['NET_ADMIN', 'SYS_TIME'], drop: ['MKNOD'] },
        initProcessEnabled: true,
        maxSwap: 256,
        sharedMemorySize: 128,
        tmpfs: [
          { containerPath: '/run', size: 64, mountOptions: ['mode=1777'] },
          { containerPath: '/scratch', size: 32 },
        ],
      },
    });
    expect(design.workloads[0]?.ports).toEqual([80, 7000, 7001, 7002]);
    expect(design.accounting.length).toBeGreaterThan(60);
  });

  it('no setting is unknown', () => {
    expect(designMigration(found, settings).findings.filter(({ code }) => code === 'unknown-setting')).toEqual([]);
  });

  it('says of a setting that is lost what to do, and warns', () => {
    const design = alone('sink');
    const lost = design.accounting.filter(({ outcome }) => outcome === 'lost');
    expect(lost.length).toBeGreaterThan(12);
    expect(lost.filter(({ note }) => note === '')).toEqual([]);
    expect(design.findings.filter(({ level }) => level !== 'info').every(({ remedy }) => remedy !== undefined)).toBe(
      true,
    );
  });
});

describe('secrets', () => {
  const design = designMigration(found, settings);

  it('show their values nowhere', () => {
    expect(JSON.stringify(design)).not.toContain('hunter2');
    expect(JSON.stringify(design)).toContain('[redacted]');
  });

  it('become parameters, one for each value', () => {
    const sink = design.workloads.find(({ containers }) => containers.includes('sink'));
    const definition = sink?.taskDefinition.containerDefinitions?.find(({ name }) => name === 'sink');
    const arn = 'arn:aws:ssm:eu-central-1:123456789012:parameter';
    expect(definition?.secrets).toContainEqual({
      name: 'DB_PASSWORD',
      valueFrom: `${arn}/ecsodus/shop/${sink?.name}/DB_PASSWORD`,
    });
    expect(sink?.secrets).toContainEqual({
      container: 'sink',
      variable: 'DATABASE_URL',
      store: 'ssm',
      name: `/ecsodus/shop/${sink?.name}/DATABASE_URL`,
    });
  });

  it('stand in the definition only where the user wants it, with a warning', () => {
    const plain = designMigration(found, { ...settings, secrets: 'plain' });
    expect(JSON.stringify(plain.workloads)).toContain('hunter2secret');
    expect(JSON.stringify([plain.accounting, plain.findings])).not.toContain('hunter2');
    expect(plain.findings.filter(({ code }) => code === 'plain-secret')).toHaveLength(3);
    expect(plain.workloads.flatMap(({ secrets }) => secrets)).toEqual([]);
  });
});

it('is the same for the same inventory, whatever its order', () => {
  const reversed = { ...found, containers: [...found.containers].reverse() };
  expect(designMigration(reversed, settings)).toEqual(designMigration(found, settings));
});
