import { describe, expect, it } from 'vitest';
import type { Container } from '../../../src/inventory.ts';
import { container, on, taskOf } from './builders.ts';

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
        over: { mentions: [{ name: 'p-web-1', file: '/srv/nginx.conf', strong: true }] },
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
    expect(found('waits-for-start')).toEqual([]);
    const unchecked = containers.map((each) => ({
      ...each,
      inspect: { ...each.inspect, Config: { ...each.inspect.Config, Healthcheck: undefined } },
    }));
    expect(taskOf(unchecked).found('waits-for-start')).toMatchObject([{ level: 'warning', subject: 'p-web-1/p-db-1' }]);
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

  it('do not close a circle: the call back goes by the host, in the same task', () => {
    const { found, definitions, links } = taskOf([on('a', ['B_URL=http://b:80']), on('b', ['A_URL=http://a:81'])]);
    expect(links).toEqual({ a: ['b:b'] });
    expect(definitions.find(({ name }) => name === 'b')?.extraHosts).toEqual([
      { hostname: 'a', ipAddress: '172.17.0.1' },
    ]);
    expect(definitions.find(({ name }) => name === 'a')?.portMappings).toEqual([
      { containerPort: 81, hostPort: 81, protocol: 'tcp' },
    ]);
    expect(found('call-across')).toMatchObject([{ level: 'info', subject: 'b/a' }]);
  });

  it('in a circle whose port nobody knows are a blocker that names the ways out', () => {
    const { found } = taskOf([on('a', ['B_HOST=b']), on('b', ['A_HOST=a'])]);
    expect(found('call-unreachable')).toMatchObject([{ level: 'blocker', subject: 'b/a' }]);
    const remedy = found('call-unreachable')[0]?.remedy;
    for (const way of ['--expose', 'workloads:', 'Service Connect']) expect(remedy).toContain(way);
  });

  it('of a doubtful word give way to a sure call', () => {
    const { found, links } = taskOf([on('db', ['GREETING=hello web']), on('web', ['DB_HOST=db'])]);
    expect(links).toEqual({ web: ['db:db'] });
    expect(found('call-unreachable')).toMatchObject([{ level: 'warning', subject: 'db/web' }]);
  });

  it('are not for a name that --add-host leads elsewhere', () => {
    const web = container({
      name: 'web',
      env: ['DB_HOST=db'],
      networks: { shop: [] },
      host: { ExtraHosts: ['db:10.0.0.7'] },
    });
    expect(taskOf([on('db', ['W=http://web:1']), web]).links).toEqual({ db: ['web:web'] });
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

describe('a container that calls itself', () => {
  const broker = (env: string, hostname?: string) =>
    container({
      name: 'broker',
      env: [env],
      networks: { shop: ['queue'] },
      ...(hostname !== undefined && { config: { Hostname: hostname } }),
    });

  it.each<[string, Container, string | undefined, number]>([
    ['gets that name', broker('ADVERTISED=tcp://queue:9092'), 'queue', 0],
    ['has it already', broker('ADVERTISED=tcp://queue:9092', 'queue'), 'queue', 0],
    ['keeps the name it was given, and is warned of', broker('ADVERTISED=tcp://queue:9092', 'mine'), 'mine', 1],
    ['gets one of two', broker('ADVERTISED=tcp://queue:9092,tcp://broker:9092'), 'broker', 1],
    ['by a mere word does not', broker('GREETING=the queue'), undefined, 0],
  ])('%s', (_, container, hostname, warnings) => {
    const { definitions, found, design } = taskOf([container]);
    expect(definitions[0]?.hostname).toBe(hostname);
    expect(found('own-name')).toHaveLength(warnings);
    if (hostname === 'queue') expect(design.accounting.map(({ setting }) => setting)).toContain('Config.Hostname');
  });
});
