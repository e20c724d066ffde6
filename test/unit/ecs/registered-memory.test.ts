import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { Design } from '../../../src/design.ts';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import { keepRegisteredMemory } from '../../../src/ecs/registered-memory.ts';
import { container, inventory, settings } from './builders.ts';

const mib = 1024 ** 2;
const stopped = { usage: undefined };
const pool = { setting: 'innodb_buffer_pool_size', bytes: 512 * mib, where: '/etc/my.cnf' };

/** Of one container called `my.web`, which ECS calls `my-web`. */
const designOf = (parts: Parameters<typeof container>[0]): Design =>
  designMigration(inventory([container({ ...parts, name: 'my.web' })]), settings);

const registered = (container: Partial<ContainerDefinition>): Record<string, TaskDefinition> => ({
  'my-web': { containerDefinitions: [{ name: 'other' }, { name: 'my-web', ...container }] },
});

const reservation = ({ workloads }: Design) =>
  workloads[0]?.taskDefinition.containerDefinitions?.[0]?.memoryReservation;
const said = ({ findings }: Design) => findings.find(({ code }) => code === 'memory-reservation')?.message;

describe('what is registered stands', () => {
  it.each<[string, Parameters<typeof container>[0]]>([
    ['over another sample', { over: { usage: { memoryBytes: 300 * mib } } }],
    ['over nothing known, once cut-over has stopped it', { over: stopped }],
  ])('%s', (_, parts) => {
    const design = keepRegisteredMemory(designOf(parts), registered({ memoryReservation: 96 }));
    expect(reservation(design)).toBe(96);
    expect(said(design)).toMatch(/^It reserves 96 MiB, as its task definition has it/);
  });

  it('and changes nothing else', () => {
    const design = designOf({ over: stopped });
    const kept = keepRegisteredMemory(design, registered({ memoryReservation: 96, image: 'other', cpu: 7 }));
    expect(JSON.parse(JSON.stringify(kept).replaceAll('"memoryReservation":96', '"memoryReservation":128'))).toEqual({
      ...JSON.parse(JSON.stringify(design)),
      findings: kept.findings,
    });
    expect(kept.findings.map(({ code }) => code)).toEqual(design.findings.map(({ code }) => code));
  });
});

describe('what is wanted stands', () => {
  it.each<[string, Parameters<typeof container>[0], Partial<ContainerDefinition>]>([
    ['where it is what is registered', { over: stopped }, { memoryReservation: 128 }],
    ['where it is a setting', { host: { MemoryReservation: 64 * mib } }, { memoryReservation: 96 }],
    ['where there was a limit, which is gone', { over: stopped }, { memory: 256, memoryReservation: 96 }],
    ['where no reservation is registered', { over: stopped }, {}],
    [
      'where a database is told to use more',
      { over: { ...stopped, databaseMemory: [pool] } },
      { memoryReservation: 831 },
    ],
  ])('%s', (_, parts, container) => {
    const design = designOf(parts);
    expect(keepRegisteredMemory(design, registered(container))).toEqual(design);
  });

  it('but for a database no more than that', () => {
    const design = designOf({ over: { ...stopped, databaseMemory: [pool] } });
    expect(reservation(design)).toBe(832);
    expect(reservation(keepRegisteredMemory(design, registered({ memoryReservation: 900 })))).toBe(900);
  });

  it('where nothing is registered', () => {
    const design = designOf({ over: stopped });
    expect(keepRegisteredMemory(design, { 'my-web': undefined })).toEqual(design);
  });
});
