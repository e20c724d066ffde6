import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config.ts';
import { checkLimits } from '../../../src/ecs/limits.ts';
import type { Container } from '../../../src/inventory.ts';
import { offlineDesign } from '../../../src/offline/offline-design.ts';
import { container, image, inventory } from '../ecs/builders.ts';

const config = parseConfig('', 'ecsodus.yaml', { source: 'offline' });
const designOf = (containers: readonly Container[], by = config) =>
  offlineDesign({ inventory: inventory(containers, [image()]), findings: [] }, by, {
    region: undefined,
    images: true,
  });

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    container({
      name: `web.${index}`,
      mounts: [{ Type: 'volume', Name: `v${index}`, Source: `/v/${index}`, Destination: '/v', RW: true }],
    }),
  );

describe('many containers', () => {
  const design = designOf(numbered(500));

  it('are planned one by one, and hold within the limits', () => {
    expect(design.workloads).toHaveLength(500);
    expect(design.datasets).toHaveLength(500);
    expect(checkLimits(design.workloads)).toEqual([]);
  });

  it('were not measured: one finding says so of all', () => {
    const found = design.findings.filter(({ code }) => code === 'not-measured');
    expect(found).toMatchObject([{ level: 'info', subject: 'data', message: expect.stringMatching(/^500 volumes/) }]);
  });
});

describe('room on the instance', () => {
  const on = (type: string) =>
    designOf(numbered(30), parseConfig(`instance: {type: ${type}}`, 'x', { source: 'offline' }));

  it('is looked for without asking AWS', () => {
    const short = on('t3.small').findings.filter(({ code }) => code === 'resource-memory');
    expect(short.length).toBeGreaterThan(0);
    expect(short.every(({ level }) => level === 'blocker')).toBe(true);
    expect(on('m6i.4xlarge').findings).toContainEqual(
      expect.objectContaining({ level: 'info', code: 'instance-type', subject: 'm6i.4xlarge' }),
    );
  });
});

describe('names that clash after cleaning', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['dot and dash', ['web.1', 'web-1'], ['web-1', 'web-1-2']],
    ['case', ['Web', 'web'], ['web', 'web-2']],
    ['all but the letters', ['a_b', 'a.b', 'a-b'], ['a-b', 'a-b-2', 'a-b-3']],
  ])('%s: each gets a name of its own, and a finding says which', (_, names, workloads) => {
    const design = designOf(names.map((name) => container({ name })));
    expect(design.workloads.map(({ name }) => name)).toEqual(workloads);
    const clashes = design.findings.filter(({ code }) => code === 'name-clash');
    expect(clashes).toHaveLength(1);
    for (const name of names) expect(clashes[0]?.message).toContain(`${name} is `);
    expect(checkLimits(design.workloads)).toEqual([]);
  });

  it('in one task too', () => {
    const design = designOf(['web.1', 'web-1'].map((name) => container({ name, networks: { front: [] } })));
    const [definition] = design.workloads.map(({ taskDefinition }) => taskDefinition);
    expect(new Set(definition?.containerDefinitions?.map(({ name }) => name)).size).toBe(2);
    expect(design.findings.filter(({ code }) => code === 'name-clash')).toHaveLength(1);
  });

  it('says nothing of names that do not', () => {
    expect(designOf(numbered(3)).findings.map(({ code }) => code)).not.toContain('name-clash');
  });
});
