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
    expect(workload.definition.volumes).toEqual([
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
    const volumes = design.workload.definition.volumes?.map(({ name, dockerVolumeConfiguration }) => [
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

  it('a volume of another driver is a blocker', () => {
    expect(of(volume('nfs', '/data', { Driver: 'rexray' })).codes).toContain('blocker volume-driver');
  });

  it('a bind is a host path on the data disk, read-only where it was', () => {
    const { workload, definition } = of(bind('/srv/www/', '/www', { RW: false }));
    expect(workload.definition.volumes).toEqual([
      { name: 'bind-srv-www', host: { sourcePath: '/data/binds/srv/www' } },
    ]);
    expect(definition.mountPoints).toEqual([{ sourceVolume: 'bind-srv-www', containerPath: '/www', readOnly: true }]);
  });

  it('/etc/localtime is a file like others, and copied', () => {
    const { design, workload } = of(bind('/etc/localtime'), 'file');
    expect(design.datasets).toMatchObject([
      { name: 'binds/etc/localtime', kind: 'file', target: '/data/binds/etc/localtime' },
    ]);
    expect(workload.definition.volumes?.[0]?.host).toEqual({ sourcePath: '/data/binds/etc/localtime' });
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
    expect(workload.definition.volumes?.[0]?.host).toEqual({ sourcePath: path });
    expect(design.datasets).toEqual([]);
    expect(codes).toEqual(['warning system-path']);
  });

  it('a socket is bound as it is, not copied, with a warning', () => {
    const { design, codes, workload } = of(bind('/srv/app.sock'), 'other');
    expect(design.datasets).toEqual([]);
    expect(workload.definition.volumes?.[0]?.host).toEqual({ sourcePath: '/srv/app.sock' });
    expect(codes).toEqual(['warning special-file']);
  });

  it('a source that is gone is a blocker', () => {
    expect(of(bind('/srv/gone'), 'missing').codes).toContain('blocker source-missing');
  });

  it('propagation is lost', () => {
    const { row, codes } = of(bind('/srv/a', '/a', { Propagation: 'rslave' }));
    expect(row('Mounts./a.Propagation')).toMatchObject({ fate: 'lost', value: 'rslave' });
    expect(codes).toEqual(['warning propagation']);
  });

  it('a cluster volume is a blocker', () => {
    expect(designOf({ mounts: [{ Type: 'cluster', Source: 'x', Destination: '/x', RW: true }] }).codes).toEqual([
      'blocker mount-type',
    ]);
  });

  it('paths that give one name keep apart', () => {
    const names = designOf({
      mounts: [bind('/srv/a-b'), bind('/srv/a/b'), bind('/srv/a.b')],
    }).workload.definition.volumes?.map(({ name }) => name);
    expect(new Set(names).size).toBe(3);
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
    expect(workload.definition.volumes?.[1]?.host).toEqual({ sourcePath: '/data/volumes/v/sub' });
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
