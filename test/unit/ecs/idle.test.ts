import { describe, expect, it } from 'vitest';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import type { Container, DataPath, Image } from '../../../src/inventory.ts';
import { container, image, inventory, settings } from './builders.ts';

const atRest = (name: string, parts: Parameters<typeof container>[0] = {}) =>
  container({ name, ...parts, over: { running: false, ...parts?.over } });

function design(
  containers: readonly Container[],
  {
    images = [image()],
    data = [],
    leave = [],
  }: { images?: readonly Image[]; data?: readonly DataPath[]; leave?: readonly string[] } = {},
) {
  const made = designMigration(inventory(containers, images, data), { ...settings, leave });
  const told = made.findings.filter(({ code }) => !['memory-reservation', 'open-files', 'offline'].includes(code));
  return {
    made,
    services: made.workloads.map(({ name }) => name),
    idle: made.idle.map(({ name }) => name),
    told: told.map(({ level, code, subject }) => `${level} ${code} ${subject}`),
  };
}

const volume = (Name: string) => ({
  Type: 'volume',
  Name,
  Source: `/v/${Name}/_data`,
  Destination: '/v',
  Driver: 'local',
  RW: true,
});

describe('a container that does not run', () => {
  it('becomes a definition of its own and no service; its image and data go along', () => {
    const data: DataPath[] = [{ path: '/v/dumps/_data', kind: 'directory', bytes: 9, files: 1 }];
    const found = design([container({ name: 'web' }), atRest('backup', { mounts: [volume('dumps')] })], { data });
    expect(found.services).toEqual(['web']);
    expect(found.idle).toEqual(['backup']);
    expect(found.made.idle[0]?.taskDefinition.containerDefinitions).toMatchObject([{ name: 'backup' }]);
    expect(found.made.datasets).toMatchObject([{ name: 'volumes/dumps', containers: ['backup'] }]);
    expect(found.told).toEqual(['info not-running backup']);
  });

  it('goes along alone, where it would share a task if it ran', () => {
    const mounts = [volume('pg')];
    const found = design([container({ name: 'db', mounts }), atRest('db-old', { mounts }), atRest('db-older')]);
    expect(found.services).toEqual(['db']);
    expect(found.idle).toEqual(['db-old', 'db-older']);
    expect(found.made.datasets).toMatchObject([{ containers: ['db', 'db-old'] }]);
  });

  it('finds those it calls, which run', () => {
    const networks = { shop: [] };
    const db = container({ name: 'db', networks, config: { ExposedPorts: { '3306/tcp': {} } } });
    const { made } = design([db, atRest('backup', { networks, env: ['DB_HOST=db:3306'] })]);
    const hosts = made.idle[0]?.taskDefinition.containerDefinitions?.[0]?.extraHosts;
    expect(hosts?.map(({ hostname }) => hostname)).toEqual(['db']);
    expect(made.workloads[0]?.taskDefinition.containerDefinitions?.[0]?.portMappings).toMatchObject([
      { containerPort: 3306, hostPort: 3306 },
    ]);
  });

  it('warns of a call that gets nowhere, and stops nothing', () => {
    const networks = { shop: [] };
    const { told } = design([container({ name: 'db', networks }), atRest('job', { networks, env: ['DB_HOST=db'] })]);
    expect(told.filter((line) => !line.startsWith('info'))).toEqual(['warning call-unreachable job/db']);
  });

  it('has a name of its own, where ECS has one for two of Docker', () => {
    expect(design([container({ name: 'web.1' }), atRest('web_1')]).idle).toEqual(['web-1-2']);
  });

  it('is called by nobody', () => {
    const networks = { shop: [] };
    const { made } = design([
      container({ name: 'web', networks, env: ['OLD=http://old:80/'] }),
      atRest('old', { networks }),
    ]);
    expect(made.workloads[0]?.taskDefinition.containerDefinitions?.[0]?.extraHosts ?? []).toEqual([]);
  });

  it('has a published port of one that runs, as on the source', () => {
    const ports = { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '80' }] };
    const host = { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '80' }] } };
    const found = design([container({ name: 'web', host, ports }), atRest('web-old', { host })]);
    expect(found.told.filter((line) => line.startsWith('blocker'))).toEqual([]);
    expect(found.idle).toEqual(['web-old']);
  });

  it.each<[string, Container, string]>([
    ['lives in the network of one that is gone', atRest('job', { host: { NetworkMode: 'container:gone' } }), 'warning'],
    [
      'mounts what is gone',
      atRest('job', { mounts: [{ Type: 'bind', Source: '/srv/gone', Destination: '/x', RW: true }] }),
      'warning source-missing /srv/gone',
    ],
    [
      'wrote outside of its volumes',
      atRest('job', {
        over: {
          running: false,
          layer: [{ path: '/app/data', kind: 'added', bytes: 5000, entries: 2, directory: true, looks: 'data' }],
        },
      }),
      'warning data-outside-volumes job',
    ],
  ])('stops no migration where it %s', (_, job, line) => {
    const data: DataPath[] = [{ path: '/srv/gone', kind: 'missing', bytes: 0, files: 0 }];
    const { told } = design([container({ name: 'web' }), job], { data });
    expect(told.join('\n')).toContain(line);
    expect(told.filter((each) => each.startsWith('blocker'))).toEqual([]);
  });

  it('stops one by what a container that runs has too', () => {
    const mounts = [{ Type: 'bind', Source: '/srv/gone', Destination: '/x', RW: true }];
    const data: DataPath[] = [{ path: '/srv/gone', kind: 'missing', bytes: 0, files: 0 }];
    const { told } = design([container({ name: 'web', mounts }), atRest('job', { mounts })], { data });
    expect(told).toContain('blocker source-missing /srv/gone');
  });

  it('stays where "leave" names it, or its image is gone', () => {
    const over = { running: false, imageId: 'sha256:gone' };
    const found = design([atRest('old'), atRest('older', { over })], { leave: ['old'] });
    expect([found.idle, found.made.images, found.made.datasets]).toEqual([[], [], []]);
    expect(found.told).toEqual(['info not-running older', 'info left old']);
  });
});
