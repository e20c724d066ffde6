import { describe, expect, it } from 'vitest';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import { repositoryPart } from '../../../src/ecs/images.ts';
import type { Container } from '../../../src/inventory.ts';
import { container, designOf, image, inventory, settings } from './builders.ts';

/** Without what is said of every container and host. */
const design = (containers: readonly Container[], images = [image()]) => {
  const made = designMigration(inventory(containers, images), settings);
  return {
    ...made,
    findings: made.findings.filter(({ code }) => !['memory-reservation', 'open-files'].includes(code)),
  };
};

describe('images', () => {
  it.each([
    ['app:2', [], 'app'],
    ['registry.example.org:5000/team/blog:1.2@sha256:ab', [], 'blog'],
    ['Team/My__App', [], 'my-app'],
    [`sha256:${'a'.repeat(64)}`, ['site:1'], 'site'],
    [`sha256:${'a'.repeat(64)}`, [], 'untagged'],
    ['-x-', [], 'x'],
  ])('%s %j is kept as %s', (name, tags, expected) => {
    expect(repositoryPart(name, tags)).toBe(expected);
  });

  it('are wanted once each; two of one name differ in tag', () => {
    const b = `sha256:${'b'.repeat(64)}`;
    const { images } = design(
      [
        container({ name: 'a' }),
        container({ name: 'a2' }),
        container({ name: 'b', over: { imageId: b, imageName: 'other/app' } }),
      ],
      [image(), { ...image(), id: b }],
    );
    expect(images.map(({ reference }) => reference)).toEqual([
      `${settings.registry}/shop/app:aaaaaaaaaaaa`,
      `${settings.registry}/shop/app:bbbbbbbbbbbb`,
    ]);
  });

  it('that are gone, or for another machine, are blockers', () => {
    expect(design([container()], []).findings).toMatchObject([{ level: 'blocker', code: 'image-missing' }]);
    expect(design([container()], [{ ...image(), architecture: 'arm64' }]).findings).toMatchObject([
      { level: 'blocker', code: 'architecture' },
    ]);
  });
});

describe('secrets of a task', () => {
  it('no execution role without secrets', () => {
    expect(designOf().workload.taskDefinition).not.toHaveProperty('executionRoleArn');
  });

  it('an argument that looks secret is warned of, and not shown', () => {
    const { design: made, codes, row } = designOf({ config: { Cmd: ['redis-server', '--requirepass', 'hunter2'] } });
    expect(codes).toEqual(['warning secret-in-command']);
    expect(row('Config.Cmd')?.value).toBe('["redis-server","--requirepass","[redacted]"]');
    expect(JSON.stringify([made.accounting, made.findings])).not.toContain('hunter2');
  });
});

describe('an image', () => {
  it('for Windows is a blocker', () => {
    const { findings } = designMigration(inventory([container()], [{ ...image(), os: 'windows' }]), settings);
    expect(findings).toContainEqual(expect.objectContaining({ level: 'blocker', code: 'windows', subject: 'web' }));
  });

  it('without a stop signal has Docker’s own, which old engines wrote into the container', () => {
    expect(designOf({ config: { StopSignal: 'SIGTERM' } }).row('Config.StopSignal')).toBeUndefined();
    expect(
      designOf({ config: { StopSignal: 'SIGTERM' }, image: { StopSignal: 'SIGINT' } }).row('Config.StopSignal'),
    ).toMatchObject({
      outcome: 'lost',
    });
  });
});

describe('a task of several', () => {
  const networks = { shop: [] };
  it('that differ in network mode is a blocker', () => {
    const made = designMigration(
      inventory([container({ name: 'a' }), container({ name: 'b', host: { NetworkMode: 'host' } })]),
      { ...settings, workloads: { w: ['a', 'b'] } },
    );
    expect(made.findings).toContainEqual(
      expect.objectContaining({ level: 'blocker', code: 'network-mode-conflict', subject: 'w' }),
    );
  });

  it('that differ in pid namespace is a blocker', () => {
    const made = designMigration(
      inventory([container({ name: 'a' }), container({ name: 'b', host: { PidMode: 'host' } })]),
      { ...settings, workloads: { w: ['a', 'b'] } },
    );
    expect(made.findings).toContainEqual(expect.objectContaining({ level: 'blocker', code: 'pid-mode-conflict' }));
  });

  it('shares a namespace that one of them opened', () => {
    const made = design([container({ name: 'a' }), container({ name: 'b', host: { PidMode: 'container:a' } })]);
    expect(made.workloads[0]?.taskDefinition.pidMode).toBe('task');
    expect(made.findings.filter(({ level }) => level === 'blocker')).toEqual([]);
  });

  it('cannot be held to a share of the processor', () => {
    const made = design([
      container({ name: 'a', networks }),
      container({ name: 'b', networks, host: { NanoCpus: 5e8 } }),
    ]);
    expect(made.findings).toContainEqual(expect.objectContaining({ code: 'cpu-limit', subject: 'b' }));
  });

  it('of one container has no more units than its cap', () => {
    const made = design([container({ name: 'a', host: { CpuShares: 1024, NanoCpus: 2.5e8 } })]);
    expect(made.workloads[0]?.taskDefinition).toMatchObject({ cpu: '256', containerDefinitions: [{ cpu: 256 }] });
    expect(made.findings).toEqual([]);
  });

  it('gives all units as soon as one has shares, no more than two processors in all', () => {
    const made = design([
      container({ name: 'a', host: { CpuShares: 2048 } }),
      container({ name: 'b' }),
      container({ name: 'c' }),
    ]);
    const units = made.workloads.map(({ taskDefinition }) => taskDefinition.containerDefinitions?.[0]?.cpu);
    expect(units).toEqual([1024, 512, 512]);
  });
});

it('what was written outside of volumes is told of', () => {
  expect(designOf({ over: { writableBytes: 100 } }).codes).toEqual(['info writable-layer']);
  expect(designOf({ over: { writableBytes: 5_000_000 } }).codes).toEqual(['blocker writable-layer']);
});

it('a variable of the image that the container removes is lost', () => {
  const { codes, row } = designOf({ env: ['A'], imageEnv: ['A=1'] });
  expect(codes).toEqual(['warning removed-variable']);
  expect(row('Config.Env.A')).toMatchObject({ outcome: 'lost' });
});
