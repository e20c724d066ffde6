import { describe, expect, it } from 'vitest';
import { callsOf } from '../../../src/ecs/calls.ts';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import { groupContainers, type Overrides } from '../../../src/ecs/grouping.ts';
import type { Container } from '../../../src/inventory.ts';
import { container, inventory, settings } from './builders.ts';

const on = (name: string, ...networks: string[]) =>
  container({ name, networks: Object.fromEntries(networks.map((network) => [network, []])) });
const grouped = (containers: readonly Container[], overrides: Overrides = {}) =>
  groupContainers({ containers, calls: callsOf(containers), overrides });
const groups = (containers: readonly Container[], overrides: Overrides = {}) =>
  Object.fromEntries(
    grouped(containers, overrides).groups.map(({ name, members }) => [name, members.map((member) => member.name)]),
  );

const compose = (name: string, project: string) =>
  container({
    name,
    config: { Labels: { 'com.docker.compose.project': project } },
    networks: { [`${project}_default`]: [] },
  });

/** Calls others by its environment. */
const caller = (name: string, networks: readonly string[], env: readonly string[] = [], project = '') =>
  container({
    name,
    env,
    networks: Object.fromEntries(networks.map((network) => [network, []])),
    ...(project !== '' && { config: { Labels: { 'com.docker.compose.project': project } } }),
  });

describe('groups', () => {
  it.each([
    ['alone on the default bridge', [container({ name: 'a' }), container({ name: 'b' })], { a: ['a'], b: ['b'] }],
    ['one network', [on('a', 'shop'), on('b', 'shop')], { shop: ['a', 'b'] }],
    ['alone on a network', [on('a', 'shop')], { a: ['a'] }],
    ['joined by a third', [on('a', 'x'), on('b', 'x', 'y'), on('c', 'y')], { a: ['a', 'b', 'c'] }],
    ['two networks', [on('a', 'x'), on('b', 'x'), on('c', 'y'), on('d', 'y')], { x: ['a', 'b'], y: ['c', 'd'] }],
    ['a compose project', [compose('a', 'blog'), compose('b', 'blog')], { blog: ['a', 'b'] }],
    [
      'links',
      [container({ name: 'db' }), container({ name: 'a', host: { Links: ['/db:/a/database'] } })],
      { db: ['db', 'a'] },
    ],
    [
      'volumes from',
      [container({ name: 'd' }), container({ name: 'a', host: { VolumesFrom: ['d:ro'] } })],
      { d: ['d', 'a'] },
    ],
    [
      'a shared namespace',
      [container({ name: 'd' }), container({ name: 'a', host: { PidMode: 'container:d' } })],
      { d: ['d', 'a'] },
    ],
    [
      'odd names',
      [container({ name: '9_Lives.x' }), container({ name: 'w-9-lives-x' })],
      { 'w-9-lives-x': ['9_Lives.x'], 'w-9-lives-x-2': ['w-9-lives-x'] },
    ],
  ])('%s', (_, containers, expected) => {
    expect(groups(containers)).toEqual(expected);
  });

  it('says why, of one that is alone too', () => {
    const made = designMigration(
      inventory([
        compose('a', 'blog'),
        compose('b', 'blog'),
        caller('c', ['blog_default'], ['A=http://a:80']),
        on('d'),
      ]),
      settings,
    );
    expect(made.workloads.map(({ name, why }) => [name, why])).toEqual([
      ['blog', ['compose project blog', 'c calls a (A)']],
      ['d', ['nothing binds it to another']],
    ]);
  });

  it('`workloads:` comes first', () => {
    const containers = [on('a', 'shop'), on('b', 'shop'), on('c', 'shop')];
    expect(groups(containers, { mine: ['a', 'c'] })).toEqual({ mine: ['a', 'c'], b: ['b'] });
  });

  it('`workloads:` that names what is not there, or twice, is a blocker', () => {
    const { findings } = grouped([on('a', 'shop')], { x: ['a', 'ghost'], y: ['a'] });
    expect(findings.map(({ code, subject }) => `${code}:${subject}`)).toEqual([
      'workload-twice:a',
      'workload-unknown:ghost',
    ]);
  });

  it('a project whose containers differ in what ECS sets for a whole task is as many tasks', () => {
    const agent = container({
      name: 'agent',
      host: { NetworkMode: 'host' },
      networks: { host: [] },
      config: { Labels: { 'com.docker.compose.project': 'blog' } },
    });
    expect(groups([compose('a', 'blog'), agent, compose('b', 'blog')])).toEqual({ blog: ['a', 'b'], agent: ['agent'] });
  });

  it.each<[string, Container[], Record<string, string[]>]>([
    [
      'goes with the one project that it calls',
      [compose('a', 'blog'), compose('b', 'blog'), caller('proxy', ['blog_default'], ['A=http://a:80'])],
      { blog: ['a', 'b', 'proxy'] },
    ],
    [
      'goes with the one project whose network it is on, where nothing is known',
      [compose('a', 'blog'), caller('tool', ['blog_default'])],
      { blog: ['a', 'tool'] },
    ],
    [
      'does not go with a project that is set up otherwise, even for its volumes',
      [
        container({ name: 'db', networks: { blog_default: [] } }),
        container({
          name: 'a',
          env: ['DB=mysql://db'],
          networks: { blog_default: [] },
          host: { PidMode: 'host', VolumesFrom: ['db'] },
          config: { Labels: { 'com.docker.compose.project': 'blog' } },
        }),
      ],
      { db: ['db'], a: ['a'] },
    ],
    [
      'stands alone between two projects',
      [
        compose('a', 'blog'),
        compose('b', 'shop'),
        caller('proxy', ['blog_default', 'shop_default'], ['A=http://a:80', 'B=http://b:80']),
      ],
      { a: ['a'], b: ['b'], proxy: ['proxy'] },
    ],
    [
      'does not bind others that a socket tells it of',
      [
        container({
          name: 'proxy',
          networks: { edge: [] },
          mounts: [{ Type: 'bind', Source: '/var/run/docker.sock', Destination: '/tmp/docker.sock' }],
        }),
        on('one', 'edge'),
        on('two', 'edge'),
      ],
      { proxy: ['proxy'], one: ['one'], two: ['two'] },
    ],
    [
      'calls another of no project',
      [on('db', 'net'), on('other', 'net'), caller('web', ['net'], ['DB_HOST=db'])],
      { db: ['db', 'other', 'web'] },
    ],
    [
      'is apart from those on its network that are known to call others',
      [caller('a', ['net'], ['B=http://b:1']), on('b', 'net'), caller('c', ['net'], ['D=http://d:1']), on('d', 'net')],
      { a: ['a', 'b'], c: ['c', 'd'] },
    ],
  ])('a container of no project %s', (_, containers, expected) => {
    expect(groups(containers)).toEqual(expected);
  });

  it('a name that two projects have leads to the one of the caller’s own', () => {
    const service = (project: string, name: string, env: string[] = []) =>
      container({
        name: `${project}-${name}-1`,
        env,
        networks: { shared: [name] },
        config: { Labels: { 'com.docker.compose.project': project, 'com.docker.compose.service': name } },
      });
    const containers = [
      service('shop', 'db'),
      service('blog', 'db'),
      service('shop', 'web', ['DB=mysql://db/x']),
      service('blog', 'web', ['DB=mysql://db/x']),
    ];
    expect(callsOf(containers).map(({ caller, callee }) => `${caller.name} → ${callee.name}`)).toEqual([
      'shop-web-1 → shop-db-1',
      'blog-web-1 → blog-db-1',
    ]);
    expect(Object.values(groups(containers))).toEqual([
      ['shop-db-1', 'shop-web-1'],
      ['blog-db-1', 'blog-web-1'],
    ]);
  });
});

describe('more than ten that belong together', () => {
  const eleven = [
    compose('queue', 'big'),
    ...Array.from({ length: 9 }, (_, index) => caller(`w${index}`, ['big_default'], ['Q=queue:7200'], 'big')),
    caller('gate', ['big_default'], [`W=${Array.from({ length: 9 }, (_, index) => `w${index}:80`).join()}`], 'big'),
  ];

  it('are cut where the fewest are called across, and the operator reads where', () => {
    expect(Object.values(groups(eleven)).map((members) => members.length)).toEqual([1, 10]);
    expect(grouped(eleven).findings).toMatchObject([
      {
        level: 'warning',
        code: 'split',
        message: expect.stringContaining('queue (queue) and big ('),
        remedy: expect.stringContaining('workloads:'),
      },
    ]);
  });

  it('are cut at any place where nobody calls', () => {
    const many = Array.from({ length: 23 }, (_, index) => on(`c${index}`, 'shop'));
    expect(Object.values(groups(many)).flat()).toHaveLength(23);
    expect(Object.values(groups(many)).every((members) => members.length <= 10)).toBe(true);
    expect(Object.values(groups(many))).toHaveLength(3);
  });

  it('are not cut where they cannot be: a blocker that names the way out', () => {
    const guests = Array.from({ length: 10 }, (_, index) =>
      container({ name: `g${index}`, host: { PidMode: 'container:owner' } }),
    );
    expect(grouped([container({ name: 'owner' }), ...guests]).findings).toMatchObject([
      {
        level: 'blocker',
        code: 'too-many-containers',
        subject: 'owner',
        remedy: expect.stringContaining('workloads:'),
      },
    ]);
  });

  it('are as `workloads:` says, even if that is too many', () => {
    const codes = (overrides: Overrides) => grouped(eleven, overrides).findings.map(({ code }) => code);
    expect(codes({ one: ['w0', 'w1'] })).toEqual([]);
    expect(codes({ all: eleven.map(({ name }) => name) })).toEqual(['too-many-containers']);
  });
});
