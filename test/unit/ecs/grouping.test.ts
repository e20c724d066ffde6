import { describe, expect, it } from 'vitest';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import { groupContainers } from '../../../src/ecs/grouping.ts';
import type { Container } from '../../../src/inventory.ts';
import { container, inventory, settings } from './builders.ts';

const on = (name: string, ...networks: string[]) =>
  container({ name, networks: Object.fromEntries(networks.map((network) => [network, []])) });
const groups = (containers: readonly Container[], overrides = {}) =>
  Object.fromEntries(
    groupContainers(containers, overrides).groups.map(({ name, members }) => [
      name,
      members.map((member) => member.name),
    ]),
  );

const compose = (name: string, project: string) =>
  container({
    name,
    config: { Labels: { 'com.docker.compose.project': project } },
    networks: { [`${project}_default`]: [] },
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

  it('`workloads:` comes first', () => {
    const containers = [on('a', 'shop'), on('b', 'shop'), on('c', 'shop')];
    expect(groups(containers, { mine: ['a', 'c'] })).toEqual({ mine: ['a', 'c'], b: ['b'] });
  });

  it('`workloads:` that names what is not there, or twice, is a blocker', () => {
    const { findings } = groupContainers([on('a', 'shop')], { x: ['a', 'ghost'], y: ['a'] });
    expect(findings.map(({ code, subject }) => `${code}:${subject}`)).toEqual([
      'workload-twice:a',
      'workload-unknown:ghost',
    ]);
  });

  it('eleven containers are a blocker that names the way out', () => {
    const eleven = Array.from({ length: 11 }, (_, index) => on(`c${index}`, 'shop'));
    const { findings } = groupContainers(eleven);
    expect(findings).toMatchObject([
      { level: 'blocker', code: 'too-many-containers', subject: 'shop', remedy: expect.stringContaining('workloads:') },
    ]);
    const split = groupContainers(eleven, { one: ['c0', 'c1'] });
    expect(split.findings).toEqual([]);
  });
});

it('what does not run is named, not moved', () => {
  const design = designMigration(inventory([container({ name: 'old', over: { running: false } })]), settings);
  expect(design.workloads).toEqual([]);
  expect(design.images).toEqual([]);
  expect(design.findings).toMatchObject([{ level: 'info', code: 'not-running', subject: 'old' }]);
});
