import { describe, expect, it } from 'vitest';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import { hostsIn } from '../../../src/ecs/evidence.ts';
import type { Container } from '../../../src/inventory.ts';
import { container, inventory, settings } from './builders.ts';

const on = (name: string, env: readonly string[] = [], aliases: readonly string[] = []) =>
  container({ name, env, networks: { shop: aliases } });

function taskOf(containers: readonly Container[], workloads?: Record<string, string[]>) {
  const design = designMigration(inventory(containers), { ...settings, workloads });
  const definitions = design.workloads.flatMap(({ taskDefinition }) => taskDefinition.containerDefinitions ?? []);
  const links = Object.fromEntries(definitions.flatMap(({ name, links }) => (links ? [[name, links]] : [])));
  const found = (code: string) => design.findings.filter((finding) => finding.code === code);
  return { design, definitions, links, found, order: design.workloads[0]?.containers };
}

describe('hostsIn', () => {
  it.each([
    ['mysql://blog:pw@db/blog', [{ host: 'db', port: 3306 }]],
    ['http://static:8080/x', [{ host: 'static', port: 8080 }]],
    [
      'mongodb://a:1,b:2/x',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    ],
    ['app:pw@tcp(db:3306)/blog', [{ host: 'db', port: 3306 }]],
    ['cache:6379', [{ host: 'cache', port: 6379 }]],
    ['a b c', []],
  ])('%s', (text, hosts) => {
    expect(hostsIn(text)).toEqual(hosts);
  });
});

describe('links', () => {
  it.each([
    ['a URL', ['DATABASE_URL=mysql://u:hunter2@db/x']],
    ['a host variable', ['DB_HOST=db']],
    ['a host and port', ['MEMCACHED=db:11211']],
  ])('%s shows a call', (_, env) => {
    expect(taskOf([on('db'), on('web', env), on('other', ['X=http://web'])]).links).toEqual({
      web: ['db:db'],
      other: ['web:web'],
    });
  });

  it.each([
    ['a database of that name', ['MYSQL_DATABASE=db']],
    ['a user of that name', ['DB_USER=db']],
    ['a path', ['CONF=/etc/db/x']],
    ['part of a word', ['DB_HOST=db2']],
    ['part of a host name', ['API=https://db.example.org']],
  ])('%s does not', (_, env) => {
    const { links } = taskOf([on('db', ['X=http://third']), on('third'), on('web', [...env, 'Y=http://third'])]);
    expect(links).toEqual({ db: ['third:third'], web: ['third:third'] });
  });

  it('come from arguments, files, aliases and compose as well', () => {
    const labels = (service: string, depends = '') => ({
      'com.docker.compose.project': 'p',
      'com.docker.compose.service': service,
      'com.docker.compose.depends_on': depends,
    });
    const containers = [
      container({
        name: 'p-db-1',
        networks: { shop: ['db', 'database'] },
        config: { Labels: labels('db'), Healthcheck: { Test: ['CMD', 'true'] } },
      }),
      container({ name: 'p-cache-1', networks: { shop: ['cache'] }, config: { Labels: labels('cache') } }),
      container({
        name: 'p-web-1',
        networks: { shop: ['web'] },
        config: { Labels: labels('web', 'db:service_healthy:false'), Cmd: ['run', '--cache', 'cache'] },
      }),
      container({
        name: 'p-proxy-1',
        networks: { shop: [] },
        over: { mentions: [{ name: 'p-web-1', file: '/srv/nginx.conf' }] },
      }),
    ];
    const { links, definitions, found } = taskOf(containers);
    expect(links).toEqual({
      'p-web-1': ['p-db-1:p-db-1', 'p-db-1:db', 'p-db-1:database', 'p-cache-1:p-cache-1', 'p-cache-1:cache'],
      'p-proxy-1': ['p-web-1:p-web-1', 'p-web-1:web'],
    });
    expect(definitions.find(({ name }) => name === 'p-web-1')?.dependsOn).toEqual([
      { containerName: 'p-db-1', condition: 'HEALTHY' },
      { containerName: 'p-cache-1', condition: 'START' },
    ]);
    expect(found('grouped')[0]?.message).toContain('p-proxy-1 → p-web-1 (/srv/nginx.conf)');
  });

  it('start callees before callers', () => {
    const { order } = taskOf([on('proxy', ['A=http://web']), on('web', ['DB_HOST=db']), on('db')]);
    expect(order).toEqual(['db', 'web', 'proxy']);
  });

  it('lead from a container of which nothing is known to those before it', () => {
    const { links, found } = taskOf([on('a'), on('b'), on('c')]);
    expect(links).toEqual({ b: ['a:a'], c: ['a:a', 'b:b'] });
    expect(found('grouped')[0]).toMatchObject({ level: 'info', message: expect.stringContaining('No sign of a call') });
  });

  it('in a circle are a blocker that names the way out; the definition stays without one', () => {
    const { found, definitions } = taskOf([on('a', ['B_URL=http://b:80']), on('b', ['A_URL=http://a:80'])]);
    expect(found('call-cycle')).toMatchObject([
      { level: 'blocker', subject: 'shop', remedy: expect.stringContaining('workloads:') },
    ]);
    expect(definitions.flatMap(({ links = [] }) => links)).toHaveLength(1);
  });

  it('of a doubtful word give way to a sure call', () => {
    const { found, links } = taskOf([on('db', ['GREETING=hello web']), on('web', ['DB_HOST=db'])]);
    expect(links).toEqual({ web: ['db:db'] });
    expect(found('call-doubtful')).toMatchObject([{ level: 'warning', subject: 'shop' }]);
  });

  it('on the default bridge keep their alias', () => {
    const { links, definitions } = taskOf([
      container({ name: 'my.db' }),
      container({ name: 'web', host: { Links: ['/my.db:/web/database'] } }),
    ]);
    expect(links).toEqual({ web: ['my-db:database'] });
    expect(definitions.map(({ name }) => name)).toEqual(['my-db', 'web']);
  });

  it('are warned of for the variables they bring', () => {
    const db = container({ name: 'db', networks: { shop: [] }, config: { ExposedPorts: { '3306/tcp': {} } } });
    const warned = (env: string[]) => taskOf([db, on('web', env)]).found('link-variables');
    expect(warned(['DB_HOST=db'])).toMatchObject([
      { level: 'warning', subject: 'web', message: expect.stringContaining('DB_PORT') },
    ]);
    expect(warned(['DB_HOST=db', 'DB_PORT=3306'])).toEqual([]);
    expect(taskOf([on('db'), on('web', ['DB_HOST=db'])]).found('link-variables')).toEqual([]);
  });

  it('never show a value', () => {
    const { design } = taskOf([on('db'), on('web', ['DATABASE_URL=mysql://u:hunter2@db/x'])]);
    expect(JSON.stringify(design)).not.toContain('hunter2');
  });
});

describe('calls to another workload', () => {
  const published = (hostPort: string) =>
    container({
      name: 'db',
      networks: { shop: ['database'] },
      config: { ExposedPorts: { '3306/tcp': {} } },
      host: { PortBindings: { '3306/tcp': [{ HostIp: '127.0.0.1', HostPort: hostPort }] } },
    });
  const apart = { mine: ['db'] };

  it('go to the bridge’s address where the port is published under its number', () => {
    const { definitions, found } = taskOf([published('3306'), on('web', ['DB_HOST=db'])], apart);
    expect(definitions.find(({ name }) => name === 'web')?.extraHosts).toEqual([
      { hostname: 'db', ipAddress: '172.17.0.1' },
      { hostname: 'database', ipAddress: '172.17.0.1' },
    ]);
    expect(found('call-across')).toMatchObject([{ level: 'info', subject: 'web/db' }]);
  });

  it.each([
    ['another number', published('3307'), 'DB_HOST=db'],
    ['another port', published('3306'), 'URL=http://db:8080'],
    ['no port', on('db'), 'URL=http://db:8080'],
  ])('are a blocker with %s published', (_, db, env) => {
    const { definitions, found } = taskOf([db, on('web', [env])], apart);
    expect(found('call-unreachable')).toMatchObject([
      { level: 'blocker', subject: 'web/db', remedy: expect.stringContaining('workloads:') },
    ]);
    expect(definitions.find(({ name }) => name === 'web')?.extraHosts).toBeUndefined();
  });
});
