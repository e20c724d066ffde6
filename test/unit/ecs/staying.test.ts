import { describe, expect, it } from 'vitest';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import type { Container, DataPath } from '../../../src/inventory.ts';
import { container, inventory, on, settings } from './builders.ts';

const ours = /^leave|^left/;

function design(containers: readonly Container[], leave: readonly string[]) {
  const paths = new Set(containers.flatMap(({ inspect }) => inspect.Mounts.map(({ Source }) => Source)));
  const data = [...paths].map((path): DataPath => ({ path, kind: 'directory', bytes: 1, files: 1 }));
  const made = designMigration(inventory(containers, undefined, data), { ...settings, leave });
  return {
    made,
    found: made.findings
      .filter(({ code }) => ours.test(code))
      .map((each) => `${each.level} ${each.code} ${each.subject}`),
    message: (code: string) => made.findings.find((each) => each.code === code)?.message,
  };
}

const bind = (Source: string, RW = true) => ({
  Type: 'bind',
  Source,
  Destination: '/data',
  Mode: '',
  RW,
  Propagation: '',
});
const withData = (name: string, ...mounts: readonly object[]) => container({ name, mounts: mounts as never });

describe('containers that stay', () => {
  it('are no part of the design, and are named', () => {
    const { made, found } = design(
      [withData('web', bind('/srv/web')), withData('notes', bind('/srv/notes'))],
      ['notes'],
    );
    expect(made.workloads.flatMap(({ containers }) => containers)).toEqual(['web']);
    expect(made.datasets.map(({ source }) => source)).toEqual(['/srv/web']);
    expect(made.accounting.filter(({ container: name }) => name === 'notes')).toEqual([]);
    expect(found).toEqual(['info left notes']);
  });

  it('must exist', () => {
    const { made, found } = design([container({ name: 'web' }), container({ name: 'notes' })], ['note']);
    expect(found).toEqual(['blocker leave-unknown note']);
    expect(made.findings.find(({ code }) => code === 'leave-unknown')?.remedy).toContain('Did you mean notes?');
  });

  it.each<{ what: string; web: object; notes: object; found: string[] }>([
    { what: 'both write it', web: bind('/srv'), notes: bind('/srv'), found: ['blocker left-with-data notes:/srv'] },
    {
      what: 'it writes inside of what moves',
      web: bind('/srv', false),
      notes: bind('/srv/notes'),
      found: ['blocker left-with-data notes:/srv/notes'],
    },
    {
      what: 'it writes around what moves',
      web: bind('/srv/web', false),
      notes: bind('/srv'),
      found: ['blocker left-with-data notes:/srv'],
    },
    {
      what: 'it reads what one that moves writes',
      web: bind('/srv'),
      notes: bind('/srv', false),
      found: ['warning left-with-data notes:/srv'],
    },
    { what: 'both only read it', web: bind('/srv', false), notes: bind('/srv', false), found: [] },
  ])('share data: $what', ({ web, notes, found }) => {
    expect(design([withData('web', web), withData('notes', notes)], ['notes']).found.slice(1)).toEqual(found);
  });

  it.each<{ what: string; containers: Container[]; found: string[] }>([
    {
      what: 'is called by one that moves',
      containers: [on('db'), on('web', ['DB_HOST=db'])],
      found: ['blocker left-apart web+db'],
    },
    {
      what: 'lends its network',
      containers: [container({ name: 'db' }), container({ name: 'web', host: { NetworkMode: 'container:db' } })],
      found: ['blocker left-apart web+db'],
    },
    {
      what: 'has nothing to do with it',
      containers: [container({ name: 'db' }), container({ name: 'web' })],
      found: [],
    },
  ])('and one that moves: $what', ({ containers, found }) => {
    expect(design(containers, ['db']).found.slice(1)).toEqual(found);
  });
});
