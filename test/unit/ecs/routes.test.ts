import { describe, expect, it } from 'vitest';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import { withRewrites } from '../../../src/ecs/port-rewrites.ts';
import type { Container } from '../../../src/inventory.ts';
import { reveal } from '../../../src/secret.ts';
import { container, inventory, on, settings, taskOf } from './builders.ts';

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
