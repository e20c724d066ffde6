import { describe, expect, it } from 'vitest';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import { hostsIn, withPort } from '../../../src/ecs/hosts-in-text.ts';
import { withRewrites } from '../../../src/ecs/port-rewrites.ts';
import type { Container } from '../../../src/inventory.ts';
import { reveal } from '../../../src/secret.ts';
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
    [
      'http://a:81,INTERNAL://b:82',
      [
        { host: 'a', port: 81 },
        { host: 'b', port: 82 },
      ],
    ],
    ['cache:6379', [{ host: 'cache', port: 6379 }]],
    ['a b c', []],
    [`${'a'.repeat(300_000)} jdbc:mysql://db/x`, [{ host: 'db', port: 3306 }]],
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

describe('withPort', () => {
  it.each<[string, string[], string | undefined]>([
    ['db:3306', ['db'], 'db:3307'],
    ['app:pw@tcp(db:3306)/blog', ['db'], 'app:pw@tcp(db:3307)/blog'],
    ['mysql://u:p@db/x', ['db'], 'mysql://u:p@db:3307/x'],
    ['mysql://u:3306@db:3306/x', ['db'], 'mysql://u:3306@db:3307/x'],
    ['a:1,db:3306,my-db:3306', ['db'], 'a:1,db:3307,my-db:3306'],
    ['db:3306,database:3306', ['db', 'database'], 'db:3307,database:3307'],
    ['3306', ['db'], '3307'],
    ['db', ['db'], undefined],
    ['http://db/', ['db'], undefined],
    ['db:33060', ['db'], undefined],
    ['mysql://db/x mysql://db.example/x', ['db'], 'mysql://db:3307/x mysql://db.example/x'],
    ['mysql://[db]:3306/x', ['db'], undefined],
  ])('%s', (value, hosts, expected) => {
    expect(withPort(value, hosts, 3306, 3307)).toBe(expected);
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
  const bridge = (...names: string[]) => names.map((hostname) => ({ hostname, ipAddress: '172.17.0.1' }));
  const portsOf = ({ definitions }: ReturnType<typeof taskOf>, wanted: string) =>
    definitions
      .find(({ name }) => name === wanted)
      ?.portMappings?.map(({ hostPort, containerPort }) => `${hostPort}:${containerPort}`);
  const definitionOf = ({ definitions }: ReturnType<typeof taskOf>, wanted: string) =>
    definitions.find(({ name }) => name === wanted);

  it('go to the bridge’s address where the port is published under its number', () => {
    const task = taskOf([published('3306'), on('web', ['DB_HOST=db'])], apart);
    expect(definitionOf(task, 'web')?.extraHosts).toEqual(bridge('db', 'database'));
    expect(portsOf(task, 'db')).toEqual(['3306:3306']);
    expect(task.found('call-across')).toMatchObject([{ level: 'info', subject: 'web/db' }]);
  });

  it.each<[string, Container, string[], string[] | undefined]>([
    ['open the port that the caller names', on('db'), ['URL=http://db:8080'], ['8080:8080']],
    ['open the port beside the host', on('db'), ['DB_HOST=db', 'DB_PORT=3310'], ['3310:3310']],
    [
      'open what is exposed, where the caller names none',
      container({ name: 'db', networks: { shop: [] }, config: { ExposedPorts: { '3306/tcp': {}, '33060/tcp': {} } } }),
      ['DB_HOST=db'],
      ['3306:3306'],
    ],
    [
      'open a second port, where the caller cannot be given the first',
      published('3307'),
      ['DB_HOST=db'],
      ['3307:3306', '3306:3306'],
    ],
  ])('%s', (_, db, env, expected) => {
    const task = taskOf([db, on('web', env)], apart);
    expect(portsOf(task, 'db')).toEqual(expected);
    expect(definitionOf(task, 'web')?.extraHosts?.map(({ hostname }) => hostname)).toContain('db');
    expect(task.found('call-unreachable')).toEqual([]);
    expect(task.found('two-host-ports')).toHaveLength(expected?.length === 2 ? 1 : 0);
    expect(
      task.design.workloads.flatMap(({ ports }) => ports),
      'the world gets in nowhere',
    ).toEqual([]);
  });

  it('change the caller’s variable where the port is published at another number', () => {
    const web = on('web', ['DB_URL=mysql://u:hunter2@db:3306/x', 'DB_HOST=db', 'DB_PORT=3306']);
    const task = taskOf([published('3307'), web], apart);
    expect(portsOf(task, 'db')).toEqual(['3307:3306']);
    const rewrite = { hosts: ['db', 'database'], from: 3306, to: 3307 };
    expect(task.design.workloads.flatMap(({ rewrites }) => (rewrites === undefined ? [] : [rewrites]))).toEqual([
      {
        web: [
          { variable: 'DB_URL', ...rewrite },
          { variable: 'DB_PORT', ...rewrite },
        ],
      },
    ]);
    const [stored] = withRewrites(web, task.design).env;
    expect(reveal(stored?.value ?? '')).toBe('mysql://u:hunter2@db:3307/x');
    expect(definitionOf(task, 'web')?.environment).toEqual([
      { name: 'DB_HOST', value: 'db' },
      { name: 'DB_PORT', value: '3307' },
    ]);
    const changed = task.design.accounting.filter(
      ({ setting, outcome }) => setting.startsWith('Config.Env.') && outcome === 'approximated',
    );
    expect(changed).toMatchObject([
      { setting: 'Config.Env.DB_URL', value: '[redacted]', note: 'db is called at 3307 in place of 3306' },
      { setting: 'Config.Env.DB_PORT', value: '3306' },
    ]);
    expect(task.found('call-across')[0]?.message).toContain('DB_URL, DB_PORT');
    expect(JSON.stringify(task.design)).not.toContain('hunter2');
  });

  const behindProxy = (second: string) => [
    on('one'),
    on('two'),
    container({
      name: 'proxy',
      networks: { shop: [] },
      env: ['ONE=http://one:8080/', ...(second === 'variable' ? ['TWO=http://two:8080'] : [])],
      over: {
        mentions: second === 'file' ? [{ name: 'two', file: '/srv/proxy.conf', port: 8080, strong: true }] : [],
      },
    }),
  ];
  const threeApart = { a: ['one'], b: ['two'], c: ['proxy'] };

  it.each([
    ['variable', ['8080:8080'], ['8081:8080'], 'http://one:8080/', 'http://two:8081'],
    ['file', ['8081:8080'], ['8080:8080'], 'http://one:8081/', undefined],
  ])('give one of two on one port another, named in a %s', (second, one, two, urlOfOne, urlOfTwo) => {
    const task = taskOf(behindProxy(second), threeApart);
    expect([portsOf(task, 'one'), portsOf(task, 'two')]).toEqual([one, two]);
    expect(definitionOf(task, 'proxy')?.environment?.map(({ value }) => value)).toEqual(
      [urlOfOne, urlOfTwo].filter((value) => value !== undefined),
    );
    expect(task.found('call-unreachable')).toEqual([]);
    expect(task.found('host-port-twice')).toEqual([]);
  });

  it('are a blocker where two want one port and neither caller can be given another', () => {
    const [one, two] = behindProxy('');
    const proxy = container({
      name: 'proxy',
      networks: { shop: [] },
      over: { mentions: ['one', 'two'].map((name) => ({ name, file: '/srv/proxy.conf', port: 8080, strong: true })) },
    });
    const all = [one, two, proxy] as Container[];
    for (const asked of [{ a: ['proxy'] }, { a: ['two'], b: ['one'] }])
      expect(taskOf(all, asked).found('call-unreachable'), 'nothing is added to what was asked for').toHaveLength(1);
    const task = taskOf(all, threeApart);
    expect(task.found('call-unreachable')).toMatchObject([
      { level: 'blocker', subject: 'proxy/two', message: expect.stringContaining('whose number one has') },
    ]);
    const remedy = task.found('call-unreachable')[0]?.remedy;
    for (const way of ['variable', 'ports: {two: {8080: 8081}}', 'workloads:', 'Service Connect'])
      expect(remedy).toContain(way);
  });

  it('that no host port leads make one task of two workloads, the others as they are', () => {
    const project = (name: string, ...names: string[]) =>
      names.map((each) =>
        container({
          name: `${name}-${each}`,
          env: each === 'web' ? ['DB=mysql://db'] : [],
          networks: { [`${name}_default`]: [each], ...(each === 'web' && { edge: [name] }) },
          config: { Labels: { 'com.docker.compose.project': name, 'com.docker.compose.service': each } },
        }),
      );
    const mentions = ['one', 'two'].map((name) => ({ name, file: '/srv/proxy.conf', port: 8080, strong: true }));
    const containers = [
      ...project('one', 'db', 'web'),
      ...project('two', 'db', 'web'),
      container({ name: 'proxy', networks: { edge: [] }, over: { mentions } }),
    ];
    const { design, links, found, definitions } = taskOf(containers);
    expect(design.workloads.map((workload) => workload.containers)).toEqual([
      ['one-db', 'one-web'],
      ['two-db', 'two-web', 'proxy'],
    ]);
    expect(links).toEqual({
      'one-web': ['one-db:one-db', 'one-db:db'],
      'two-web': ['two-db:two-db', 'two-db:db'],
      proxy: ['two-web:two-web', 'two-web:two'],
    });
    expect(definitions.find(({ name }) => name === 'proxy')?.extraHosts).toEqual(bridge('one-web', 'one'));
    expect(found('grouped').at(-1)?.message).toContain('no host port is to be had');
    expect(design.findings.filter(({ level }) => level === 'blocker')).toEqual([]);
  });

  it('are a blocker where both are too many for one task', () => {
    const many = Array.from({ length: 9 }, (_, index) =>
      container({ name: `a${index}`, networks: { x: [] }, config: { Labels: { 'com.docker.compose.project': 'a' } } }),
    );
    const proxy = (labels: object) =>
      container({
        name: 'proxy',
        networks: { x: [] },
        config: { Labels: labels },
        over: { mentions: ['a0', 'a1'].map((name) => ({ name, file: '/srv/conf', port: 8080, strong: true })) },
      });
    const mate = container({
      name: 'mate',
      networks: { y: [] },
      config: { Labels: { 'com.docker.compose.project': 'b' } },
    });
    const blocked = taskOf([...many, mate, proxy({ 'com.docker.compose.project': 'b' })]).found('call-unreachable');
    expect(blocked.map(({ subject }) => subject)).toEqual(['proxy/a1']);
    expect(taskOf([...many, proxy({ 'com.docker.compose.project': 'b' })]).found('call-unreachable')).toEqual([]);
  });

  it('lead from a container that has another of what ECS sets for a whole task', () => {
    const watcher = container({
      name: 'watcher',
      env: ['DB=mysql://db'],
      networks: { shop: [] },
      host: { PidMode: 'host' },
    });
    const task = taskOf([on('db'), watcher]);
    expect(task.design.workloads.map(({ name }) => name).sort()).toEqual(['db', 'watcher']);
    expect(definitionOf(task, 'watcher')?.extraHosts).toEqual(bridge('db'));
    expect(portsOf(task, 'db')).toEqual(['3306:3306']);
  });

  it('take the place of a port of the engine’s choice', () => {
    const db = container({
      name: 'db',
      networks: { shop: [] },
      host: { PortBindings: { '3306/tcp': [{ HostPort: '' }] } },
    });
    expect(portsOf(taskOf([db, on('web', ['DB=mysql://db'])], apart), 'db')).toEqual(['3306:3306']);
  });

  it('are not given another port where a program’s own default is meant as well', () => {
    const [one, two] = behindProxy('') as [Container, Container];
    const proxy = container({
      name: 'proxy',
      networks: { shop: [] },
      env: ['ONE=http://one:8080/', 'TWO=http://two:8080/', 'TWO_HOST=two', 'ONE_HOST=one'],
    });
    expect(taskOf([one, two, proxy], threeApart).found('call-unreachable')).toMatchObject([{ subject: 'proxy/two' }]);
  });

  it('without a port are served where one of the exposed ports is to be had', () => {
    const exposing = (name: string, ...ports: number[]) =>
      container({
        name,
        networks: { shop: [] },
        config: { ExposedPorts: Object.fromEntries(ports.map((port) => [`${port}/tcp`, {}])) },
      });
    const task = taskOf([exposing('one', 80), exposing('two', 80, 81), on('web', ['ONE_HOST=one', 'TWO_HOST=two'])], {
      a: ['one'],
      b: ['two'],
      c: ['web'],
    });
    expect([portsOf(task, 'one'), portsOf(task, 'two')]).toEqual([['80:80'], ['81:81']]);
    expect(task.found('call-unreachable')).toEqual([]);
  });

  it('leave a name to the link that has it', () => {
    const [near, far] = ['near', 'far'].map((name) =>
      container({ name, networks: { shop: ['cache'] }, config: { ExposedPorts: { '6379/tcp': {} } } }),
    ) as [Container, Container];
    const task = taskOf([near, far, on('web', ['CACHE_HOST=cache'])], { a: ['near', 'web'], b: ['far'] });
    expect(definitionOf(task, 'web')?.links).toEqual(['near:near', 'near:cache']);
    expect(definitionOf(task, 'web')?.extraHosts).toEqual(bridge('far'));
  });

  it('are at the port that `ports:` says, or say why not', () => {
    const design = (ports: Record<string, Record<string, number>>) =>
      designMigration(inventory(behindProxy('variable')), { ...settings, workloads: threeApart, ports });
    const wished = design({ one: { 8080: 9999 } });
    expect(JSON.stringify(wished.workloads)).toContain('http://one:9999/');
    expect(wished.findings.filter(({ code }) => code === 'ports')).toEqual([]);
    const wrong = design({ one: { 8080: 22, 1: 5000 }, ghost: { 80: 80 } }).findings.filter(
      ({ code }) => code === 'ports',
    );
    expect(wrong.map(({ level, subject }) => `${level} ${subject}`)).toEqual([
      'blocker one/1',
      'blocker one/8080',
      'blocker ghost/80',
    ]);
  });

  it('by a mere word open nothing', () => {
    const task = taskOf([on('db'), on('web', ['GREETING=the db'])], apart);
    expect(portsOf(task, 'db')).toBeUndefined();
    expect(task.found('call-unreachable')).toMatchObject([{ level: 'warning', subject: 'web/db' }]);
  });
});
