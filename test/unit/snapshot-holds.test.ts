import { describe, expect, it } from 'vitest';
import type { Container } from '../../src/inventory.ts';
import type { DatabaseSign } from '../../src/queries/database-data.ts';
import { unheeded } from '../../src/snapshot-findings.ts';
import { groupsOf } from '../../src/snapshot-groups.ts';
import { type HoldBy, holdsFor, holdsText } from '../../src/snapshot-holds.ts';

interface Given {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly config?: object;
  readonly host?: object;
  readonly running?: boolean;
}

const container = (name: string, { image = 'example/app', command = [], config, host, running = true }: Given = {}) =>
  ({
    id: `id-${name}`,
    name,
    imageName: image,
    running,
    inspect: { Config: { Cmd: command, ...config }, HostConfig: { ...host } },
  }) as unknown as Container;

const holds = (
  writers: readonly Container[],
  signs: readonly DatabaseSign[],
  { snapshotBy = {}, others = [] }: { snapshotBy?: Record<string, HoldBy>; others?: readonly Container[] } = {},
) =>
  holdsFor(
    { dataset: { name: 'd' }, writers, signs: new Set(signs) },
    { snapshotBy, containers: [...writers, ...others] },
  );

const mariadb = (given: Given = {}) => container('db', { image: 'mariadb:11', ...given });
const postgres = (given: Given = {}) => container('db', { image: 'postgres:16', ...given });
const stopped = { container: 'db', by: 'stop', graceSeconds: 60, mustEndByItself: true };

describe('a writer is held', () => {
  it.each<[string, Container, readonly DatabaseSign[], object]>([
    ['paused, where there is no database', container('db'), [], { by: 'pause' }],
    ['stopped: MariaDB', mariadb(), ['ibdata1'], stopped],
    ['stopped: MySQL, known by its command', container('db', { command: ['mysqld'] }), ['ibdata1'], stopped],
    ['stopped: a server of any name, by its data alone', container('db'), ['ibdata1'], stopped],
    ['stopped by a fast shut-down: PostgreSQL', postgres(), ['PG_VERSION'], { ...stopped, signal: 'INT' }],
    ['stopped: MongoDB', container('db', { image: 'mongo:7' }), ['WiredTiger'], stopped],
    [
      'paused once it has saved: Redis',
      container('db', { image: 'redis:7' }),
      ['redis-dump'],
      { by: 'pause', saves: true },
    ],
    ['paused: SQLite', container('db'), ['sqlite'], { by: 'pause' }],
    ['stopped: a database beside SQLite', mariadb(), ['sqlite', 'ibdata1'], stopped],
    ['paused: a database’s image without its data', mariadb(), [], { by: 'pause' }],
    ['paused: what --rm would remove', mariadb({ host: { AutoRemove: true } }), ['ibdata1'], { by: 'pause' }],
    [
      'in its own time where that is longer',
      mariadb({ config: { StopTimeout: 300 } }),
      ['ibdata1'],
      { graceSeconds: 300 },
    ],
  ])('%s', (_, writer, signs, expected) => {
    expect(holds([writer], signs)[0]).toMatchObject(expected);
  });

  it.each(['SIGINT', 'INT', '2'])('with no signal beside its own, %s', (StopSignal) => {
    expect(holds([postgres({ config: { StopSignal } })], ['PG_VERSION'])[0]).not.toHaveProperty('signal');
  });

  it.each(['NetworkMode', 'IpcMode', 'PidMode'])('not stopped while another lives in its %s', (mode) => {
    const sidecar = (running: boolean) => container('side', { host: { [mode]: 'container:id-db' }, running });
    expect(holds([mariadb()], ['ibdata1'], { others: [sidecar(true)] })).toEqual([
      { container: 'db', by: 'pause', why: 'not stopped, since side would lose the namespaces it shares with it' },
    ]);
    expect(holds([mariadb()], ['ibdata1'], { others: [sidecar(false)] })[0]?.by).toBe('stop');
  });

  it('only paused beside the database that it backs up', () => {
    expect(holds([container('backup'), mariadb()], ['ibdata1']).map(({ by }) => by)).toEqual(['pause', 'stop']);
  });

  it('stopped like all others where nobody looks like the database', () => {
    expect(holds([container('a'), container('b')], ['ibdata1']).map(({ by }) => by)).toEqual(['stop', 'stop']);
  });
});

describe('the operator chooses', () => {
  it('a pause for a database', () => {
    expect(holds([mariadb()], ['ibdata1'], { snapshotBy: { db: 'pause' } })).toEqual([
      { container: 'db', by: 'pause', why: '"snapshotBy" says pause' },
    ]);
  });

  it('a stop for anything, in its own time', () => {
    const choice = { snapshotBy: { web: 'stop' } as const };
    expect(holds([container('web')], [], choice)).toEqual([
      { container: 'web', by: 'stop', why: '"snapshotBy" says stop' },
    ]);
  });

  it('what is so by itself: nothing changes', () => {
    expect(holds([mariadb()], ['ibdata1'], { snapshotBy: { db: 'stop' } })).toEqual(holds([mariadb()], ['ibdata1']));
  });

  it('and is told what cannot be', () => {
    const containers = [container('web', { host: { AutoRemove: true } }), container('db')];
    expect(unheeded({ containers, snapshotBy: { web: 'stop', bd: 'pause', db: 'stop' } })).toMatchObject([
      { level: 'warning', code: 'snapshot-not-stopped', subject: 'web' },
      { level: 'blocker', code: 'snapshot-by-unknown', subject: 'bd', remedy: 'Did you mean db?' },
    ]);
  });
});

it('the plan says who is held and why', () => {
  expect(holdsText(holds([container('web'), mariadb()], ['ibdata1']))).toBe(
    'web paused for its last moments; db stopped for its last moments (MariaDB’s and MySQL’s files are whole only after it has shut down)',
  );
});

describe('groups', () => {
  const question = (name: string, writers: readonly Container[], ...signs: DatabaseSign[]) => ({
    dataset: { name },
    writers,
    signs: new Set(signs),
  });
  const [db, web] = [mariadb(), container('web')];
  const names = (...questions: readonly ReturnType<typeof question>[]) =>
    groupsOf(questions, { snapshotBy: {}, containers: [db, web] }).map(({ datasets, holds }) => [
      datasets.map(({ name }) => name).join('+'),
      holds.map(({ container, by }) => `${container} ${by}`).join(', '),
    ]);

  it('each dataset by itself, also with the same writer', () => {
    expect(names(question('b', [web]), question('a', [web]), question('c', []))).toEqual([
      ['a', 'web pause'],
      ['b', 'web pause'],
      ['c', ''],
    ]);
  });

  it('all that a stopped container writes together, in whatever order', () => {
    const expected = [
      ['data+log', 'db stop, web pause'],
      ['uploads', 'web pause'],
    ];
    const [data, log] = [question('data', [db], 'ibdata1'), question('log', [web, db])];
    const uploads = question('uploads', [web]);
    expect(names(data, log, uploads)).toEqual(expected);
    expect(names(uploads, log, data)).toEqual(expected);
  });
});
