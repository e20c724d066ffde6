import { describe, expect, it } from 'vitest';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import { isWatcher } from '../../../src/ecs/watchers.ts';
import type { Container } from '../../../src/inventory.ts';
import { container, inventory, settings } from './builders.ts';

const from = (name: string, Image: string) => container({ name, config: { Image } });
const labelled = (name: string, Labels: object) => container({ name, config: { Labels } });

function design(containers: readonly Container[], networks: readonly object[] = [], leave: readonly string[] = []) {
  const found = { ...inventory(containers), networks: networks as never };
  const made = designMigration(found, { ...settings, leave });
  const findings = made.findings.filter(({ code }) => /^(watcher|kept-elsewhere|swarm-network|left.*)$/.test(code));
  return {
    moved: made.workloads.flatMap((workload) => workload.containers),
    watchers: made.watchers,
    findings: findings.map(({ level, code, subject }) => `${level} ${code} ${subject}`),
    texts: findings.map(({ message, remedy }) => `${message} ${remedy}`),
  };
}

describe('what starts other containers', () => {
  it.each<[string, boolean]>([
    ['containrrr/watchtower', true],
    ['containrrr/watchtower:1.7.1', true],
    ['ghcr.io/containrrr/watchtower:latest', true],
    ['docker.io/willfarrell/autoheal:1.2.0', true],
    ['nickfedor/watchtower@sha256:00', true],
    ['pyouroboros/ouroboros', true],
    ['registry.example.com:5000/watchtower', true],
    ['qmcgaw/deunhealth:latest', true],
    ['crazymax/diun:4', false],
    ['example/watchtower-exporter:1', false],
    ['nginx:1.25', false],
    ['', false],
  ])('%s', (imageName, wanted) => {
    expect(isWatcher({ imageName })).toBe(wanted);
  });

  it.each([[[]], [['heal']]])('is not moved, and is held off, whatever "leave" says: %j', (leave) => {
    const found = design([container({ name: 'web' }), from('heal', 'willfarrell/autoheal:1.2.0')], [], leave);
    expect(found.moved).toEqual(['web']);
    expect(found.watchers).toEqual(['heal']);
    expect(found.findings).toEqual(['warning watcher heal']);
  });
});

it('one that does not run is held off too', () => {
  const resting = container({ name: 'heal', config: { Image: 'willfarrell/autoheal' }, over: { running: false } });
  expect(design([container({ name: 'web' }), resting])).toMatchObject({ watchers: ['heal'], moved: ['web'] });
});

describe('containers that Docker does not keep by itself', () => {
  const swarm = labelled('srv-captain--shop.1.x', { 'com.docker.swarm.service.name': 'srv-captain--shop' });

  it.each<[string, object, string]>([
    ['Swarm', { 'com.docker.swarm.service.name': 'shop_web' }, 'docker service rm shop_web'],
    ['Kubernetes', { 'io.kubernetes.pod.name': 'web-1' }, 'kubectl delete web-1'],
    ['Nomad', { 'com.hashicorp.nomad.job_name': 'web' }, 'nomad job stop web'],
  ])('%s', (keeper, labels, command) => {
    const { findings, texts } = design([labelled('web', labels)]);
    expect(findings).toEqual(['blocker kept-elsewhere web']);
    expect(texts[0]).toContain(keeper);
    expect(texts[0]).toContain(command);
  });

  it('are named as CapRover’s, and are nobody’s trouble where they stay', () => {
    expect(design([swarm]).texts[0]).toContain('CapRover');
    const stays = design([container({ name: 'web' }), swarm], [], [swarm.name]);
    expect(stays.findings).toEqual([`info left ${swarm.name}`]);
  });

  it('or whose network is Swarm’s', () => {
    const web = container({ name: 'web', networks: { overlay: [] } });
    expect(design([web], [{ Name: 'overlay', Scope: 'swarm' }]).findings).toEqual(['warning swarm-network web']);
    expect(design([web], [{ Name: 'overlay', Scope: 'local' }]).findings).toEqual([]);
  });
});
