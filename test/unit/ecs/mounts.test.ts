import { describe, expect, it } from 'vitest';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import type { DataPath } from '../../../src/inventory.ts';
import { container, designOf, image, inventory, settings } from './builders.ts';

const volume = (Name: string, Destination = '/data', more = {}) => ({
  Type: 'volume',
  Name,
  Source: `/var/lib/docker/volumes/${Name}/_data`,
  Destination,
  Driver: 'local',
  RW: true,
  Propagation: '',
  ...more,
});
const bind = (Source: string, Destination = Source, more = {}) => ({
  Type: 'bind',
  Source,
  Destination,
  RW: true,
  Propagation: 'rprivate',
  ...more,
});
const data = (path: string, kind: DataPath['kind'] = 'directory'): DataPath => ({ path, kind, bytes: 5, files: 2 });
const of = (mount: { Source: string }, kind: DataPath['kind'] = 'directory') =>
  designOf({ mounts: [mount] }, [data(mount.Source, kind)]);

describe('mounts (§1.5)', () => {
  it('a named volume fails to start rather than begin empty', () => {
    const { workload, definition, design } = of(volume('db-data'));
    expect(definition.mountPoints).toEqual([{ sourceVolume: 'db-data', containerPath: '/data', readOnly: false }]);
    expect(workload.taskDefinition.volumes).toEqual([
      {
        name: 'db-data',
        dockerVolumeConfiguration: {
          scope: 'shared',
          autoprovision: true,
          driver: 'local',
          driverOpts: { type: 'none', o: 'bind', device: '/data/volumes/db-data' },
        },
      },
    ]);
    expect(design.datasets).toEqual([
      {
        name: 'volumes/db-data',
        kind: 'directory',
        source: '/var/lib/docker/volumes/db-data/_data',
        target: '/data/volumes/db-data',
        bytes: 5,
        files: 2,
        containers: ['web'],
      },
    ]);
  });

  it('an anonymous volume keeps its name, or the agent would delete it with the container', () => {
    const name = 'f'.repeat(64);
    expect(of(volume(name)).definition.mountPoints?.[0]?.sourceVolume).toBe(name);
  });

  it('volume names that ECS refuses are cleaned, apart from one another', () => {
    const design = designOf({
      mounts: [volume('a.b', '/1'), volume('a-b', '/2'), volume('a..b', '/3'), volume('a--b', '/4')],
    });
    const volumes = design.workload.taskDefinition.volumes?.map(({ name, dockerVolumeConfiguration }) => [
      name,
      dockerVolumeConfiguration?.driverOpts?.device,
    ]);
    expect(volumes?.map(([, device]) => device)).toEqual([
      '/data/volumes/a.b',
      '/data/volumes/a-b',
      '/data/volumes/a..b',
      '/data/volumes/a--b',
    ]);
    expect(volumes?.map(([name]) => name)).toEqual([
      expect.stringMatching(/^a-b-[0-9a-f]{8}$/),
      'a-b',
      expect.stringMatching(/^a--b-[0-9a-f]{8}$/),
      'a--b',
    ]);
  });

  it('a volume of another driver is a blocker, in the definition as it would be with that driver', () => {
    const { codes, workload, definition, design } = of(volume('nfs', '/data', { Driver: 'rexray' }));
    expect(codes).toEqual(['blocker volume-driver']);
    expect(workload.taskDefinition.volumes).toMatchObject([
      { name: 'nfs', dockerVolumeConfiguration: { driver: 'rexray' } },
    ]);
    expect(definition.mountPoints).toEqual([{ sourceVolume: 'nfs', containerPath: '/data', readOnly: false }]);
    expect(design.datasets).toEqual([]);
  });

  it('a bind is a host path on the data disk, read-only where it was', () => {
    const { workload, definition } = of(bind('/srv/www/', '/www', { RW: false }));
    expect(workload.taskDefinition.volumes).toEqual([
      { name: 'bind-srv-www', host: { sourcePath: '/data/binds/srv/www' } },
    ]);
    expect(definition.mountPoints).toEqual([{ sourceVolume: 'bind-srv-www', containerPath: '/www', readOnly: true }]);
  });

  it('/etc/localtime is a file like others, and copied', () => {
    const { design, workload } = of(bind('/etc/localtime'), 'file');
    expect(design.datasets).toMatchObject([
      { name: 'binds/etc/localtime', kind: 'file', target: '/data/binds/etc/localtime' },
    ]);
    expect(workload.taskDefinition.volumes?.[0]?.host).toEqual({ sourcePath: '/data/binds/etc/localtime' });
  });

  it.each([
    '/',
    '/proc',
    '/sys/fs/cgroup',
    '/dev/shm',
    '/lib/modules',
    '/var/run/docker.sock',
    '/run/docker.sock',
    '/var/lib/docker',
  ])('%s is the machine’s own: bound as it is, not copied, with a warning', (path) => {
    const { design, workload, codes } = designOf({ mounts: [bind(path, '/x')] });
    expect(workload.taskDefinition.volumes?.[0]?.host).toEqual({ sourcePath: path });
    expect(design.datasets).toEqual([]);
    expect(codes).toEqual(['warning system-path']);
  });

  it('a socket is bound as it is, not copied, with a warning', () => {
    const { design, codes, workload } = of(bind('/srv/app.sock'), 'other');
    expect(design.datasets).toEqual([]);
    expect(workload.taskDefinition.volumes?.[0]?.host).toEqual({ sourcePath: '/srv/app.sock' });
    expect(codes).toEqual(['warning special-file']);
  });

  it('a source that is gone is a blocker', () => {
    expect(of(bind('/srv/gone'), 'missing').codes).toContain('blocker source-missing');
  });

  it('propagation is lost', () => {
    const { row, codes } = of(bind('/srv/a', '/a', { Propagation: 'rslave' }));
    expect(row('Mounts./a.Propagation')).toMatchObject({ outcome: 'lost', value: 'rslave' });
    expect(codes).toEqual(['warning propagation']);
  });

  it.each(['cluster', 'image', 'npipe'])('a %s mount is a blocker', (Type) => {
    expect(designOf({ mounts: [{ Type, Source: 'x', Destination: '/x', RW: true }] }).codes).toEqual([
      'blocker mount-type',
    ]);
  });

  it('a tmpfs that nothing asked for by size has one all the same', () => {
    const mounts = [{ Type: 'tmpfs', Source: '', Destination: '/t', RW: true }];
    expect(designOf({ mounts }).definition.linuxParameters?.tmpfs).toEqual([{ containerPath: '/t', size: 64 }]);
    const host = { Tmpfs: { '/t': 'size=1m' } };
    expect(designOf({ mounts, host }).definition.linuxParameters?.tmpfs).toEqual([{ containerPath: '/t', size: 1 }]);
  });

  it('what was asked for and is there needs no more', () => {
    const mounts = [bind('/srv/a', '/a'), volume('v', '/v')];
    const host = {
      Binds: ['/srv/a:/a:z'],
      Mounts: [{ Type: 'volume', Source: 'v', Target: '/v/', VolumeOptions: { NoCopy: true } }],
    };
    const { row, codes } = designOf(
      { mounts, host },
      mounts.map(({ Source }) => data(Source)),
    );
    expect(row('HostConfig.Binds./a')).toMatchObject({ outcome: 'mapped', note: expect.stringContaining('Mounts./a') });
    expect(row('HostConfig.Mounts./v/')).toMatchObject({ outcome: 'mapped' });
    expect(codes).toEqual([]);
  });

  it('paths that give one name keep apart', () => {
    const names = designOf({
      mounts: [bind('/srv/a-b'), bind('/srv/a/b'), bind('/srv/a.b')],
    }).workload.taskDefinition.volumes?.map(({ name }) => name);
    expect(new Set(names).size).toBe(3);
  });
});

describe('a local volume with options (§1.5)', () => {
  const source = '/var/lib/docker/volumes/v/_data';
  const withOptions = (Options: object) =>
    designOf({ mounts: [volume('v')] }, [data(source)], {}, { volumes: [{ Name: 'v', Driver: 'local', Options }] });
  const optsOf = ({ workload }: ReturnType<typeof withOptions>) =>
    workload.taskDefinition.volumes?.[0]?.dockerVolumeConfiguration?.driverOpts;

  it('a share is mounted from where it is, and not copied', () => {
    const options = { type: 'nfs', o: 'addr=10.0.0.5,rw', device: ':/export' };
    const made = withOptions(options);
    expect(optsOf(made)).toEqual(options);
    expect(made.design.datasets).toEqual([]);
    expect(made.codes).toEqual(['warning network-volume']);
    expect(made.row('Mounts./data')).toMatchObject({ outcome: 'approximated' });
  });

  it('its password is shown nowhere', () => {
    const made = withOptions({ type: 'cifs', o: 'username=u,password=hunter2', device: '//nas/x' });
    expect(optsOf(made)?.o).toContain('hunter2');
    expect(JSON.stringify([made.design.findings, made.design.accounting])).not.toContain('hunter2');
    expect(made.design.findings.find(({ code }) => code === 'network-volume')?.message).toContain('password stands in');
  });

  it('is known from what asked for it, where nobody listed the volumes', () => {
    const Options = { type: 'nfs', o: 'addr=10.0.0.5', device: ':/export' };
    const host = {
      Mounts: [{ Type: 'volume', Source: 'v', Target: '/data', VolumeOptions: { DriverConfig: { Options } } }],
    };
    expect(designOf({ mounts: [volume('v')], host }).design.datasets).toEqual([]);
  });

  it('bound to another directory, it is that directory: the engine’s own is empty once the container stops', () => {
    const made = withOptions({ type: 'none', o: 'bind', device: '/srv/v' });
    expect(made.design.datasets).toMatchObject([{ source: '/srv/v', target: '/data/volumes/v', bytes: 5 }]);
    expect(optsOf(made)).toEqual({ type: 'none', o: 'bind', device: '/data/volumes/v' });
    expect(made.codes).toEqual([]);
  });

  it('in memory, it is that on ECS too', () => {
    const made = withOptions({ type: 'tmpfs', device: 'tmpfs', o: 'size=1m' });
    expect(optsOf(made)).toEqual({ type: 'tmpfs', device: 'tmpfs', o: 'size=1m' });
    expect(made.design.datasets).toEqual([]);
  });

  it('with a file system of its own, it is a blocker', () => {
    const made = withOptions({ type: 'ext4', device: '/dev/sdb1' });
    expect(made.codes).toEqual(['blocker volume-device']);
    expect(made.design.datasets).toEqual([]);
    expect(made.definition.mountPoints).toHaveLength(1);
  });

  it('with a quota only, it is copied', () => {
    const made = withOptions({ o: 'size=10G' });
    expect(made.design.datasets).toMatchObject([{ source, target: '/data/volumes/v' }]);
    expect(made.row('Mounts./data')).toMatchObject({
      outcome: 'approximated',
      note: expect.stringContaining('size=10G'),
    });
  });
});

describe('one directory, two workloads (§2)', () => {
  const two = (image: string, a: object, b: object) => {
    const over = { imageName: image };
    const containers = [
      container({ name: 'a', mounts: [bind('/srv/x', '/x', a)], over }),
      container({ name: 'b', mounts: [bind('/srv/x/y', '/x', b)], over }),
    ];
    return designMigration(inventory(containers), settings).findings.filter(({ code }) => code.startsWith('data-'));
  };

  it('is said where both write', () => {
    expect(two('app:2', {}, {})).toMatchObject([
      {
        level: 'info',
        code: 'data-shared',
        subject: '/data/binds/srv/x/y',
        message: expect.stringContaining('a (a), b (b)'),
      },
    ]);
    expect(two('app:2', {}, { RW: false })).toEqual([]);
  });

  it('is a blocker where both are databases', () => {
    expect(two('mariadb:10', {}, {})).toMatchObject([{ level: 'blocker', code: 'data-directory-twice' }]);
  });
});

describe('datasets', () => {
  const names = (...mounts: { Source: string }[]) =>
    designOf(
      { mounts },
      mounts.map(({ Source }) => data(Source)),
    ).design.datasets.map(({ name }) => name);

  it('what lies in another directory that is carried is not carried twice', () => {
    expect(names(bind('/srv'), bind('/srv/www'), bind('/srv2'))).toEqual(['binds/srv', 'binds/srv2']);
  });

  it('a bind of a volume’s own directory is that volume', () => {
    const parts = { mounts: [volume('v', '/a'), bind('/var/lib/docker/volumes/v/_data/sub', '/b')] };
    const { design, workload } = designOf(parts, [data('/var/lib/docker/volumes/v/_data')]);
    expect(design.datasets.map(({ name }) => name)).toEqual(['volumes/v']);
    expect(workload.taskDefinition.volumes?.[1]?.host).toEqual({ sourcePath: '/data/volumes/v/sub' });
  });

  it('shared by containers it is carried once', () => {
    const mounts = [volume('v'), bind('/srv/x')];
    const two = [
      container({ name: 'a', mounts }),
      container({ name: 'b', mounts: [volume('v'), bind('/srv/x/y', '/y')] }),
    ];
    const design = designMigration(
      inventory(two, [image()], [data('/srv/x'), data('/srv/x/y'), data('/var/lib/docker/volumes/v/_data')]),
      settings,
    );
    expect(design.datasets.map(({ name, containers }) => [name, containers])).toEqual([
      ['binds/srv/x', ['a', 'b']],
      ['volumes/v', ['a', 'b']],
    ]);
  });
});
