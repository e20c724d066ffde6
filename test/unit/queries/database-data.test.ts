import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { databaseData, parseDatabaseData } from '../../../src/queries/database-data.ts';
import { run } from './run.ts';

/** The signs found in a directory with these files, by content. */
async function signsIn(files: Readonly<Record<string, string>>): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), 'a database-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  const found = parseDatabaseData(run(databaseData([root, join(root, 'missing')])));
  expect([...found.keys()].filter((path) => path !== root)).toEqual([]);
  return [...(found.get(root) ?? [])].sort();
}

const sqlite = 'SQLite format 3\0\x10\0';

test.each([
  ['nothing', { 'index.html': 'x' }, []],
  ['MariaDB', { ibdata1: '', aria_log_control: '', 'mysql/db.frm': '' }, ['aria_log_control', 'ibdata1']],
  [
    'PostgreSQL, in a folder of its own',
    { '18/docker/PG_VERSION': '18', '18/docker/base/1/PG_VERSION': '18' },
    ['PG_VERSION'],
  ],
  ['MongoDB', { WiredTiger: 'WiredTiger', 'WiredTiger.lock': '' }, ['WiredTiger']],
  ['Redis', { 'dump.rdb': 'REDIS0011', 'appendonlydir/appendonly.aof.1.incr.aof': '' }, ['redis-dump', 'redis-log']],
  ['an old Redis', { 'appendonly.aof': '' }, ['redis-log']],
  ['SQLite', { 'data/app.db': sqlite, 'data/other.db': 'else' }, ['sqlite']],
  ['no SQLite behind its usual name', { 'thumbs.db': 'not SQLite format 3' }, []],
  ['both of two', { 'pg/PG_VERSION': '16', "it's.sqlite3": sqlite }, ['PG_VERSION', 'sqlite']],
])('%s', async (_, files, signs) => {
  expect(await signsIn(files as unknown as Record<string, string>)).toEqual(signs);
});

test('several places at once, each for itself', async () => {
  const [one, other] = [await mkdtemp(join(tmpdir(), 'one-')), await mkdtemp(join(tmpdir(), 'other-'))];
  for (let number = 0; number < 3; number++) await writeFile(join(one, `${number}.db`), sqlite);
  await writeFile(join(other, 'a.db'), sqlite);
  await writeFile(join(other, 'PG_VERSION'), '');
  const text = run(databaseData([one, other]));
  expect(text.split('sqlite')).toHaveLength(3);
  expect(parseDatabaseData(text)).toEqual(
    new Map([
      [other, new Set(['PG_VERSION', 'sqlite'])],
      [one, new Set(['sqlite'])],
    ]),
  );
  expect(run(databaseData([]))).toBe('');
});

test('a file that is mounted by itself', async () => {
  const root = await mkdtemp(join(tmpdir(), 'database-'));
  await writeFile(join(root, 'one.sqlite'), sqlite);
  const path = join(root, 'one.sqlite');
  expect(parseDatabaseData(run(databaseData([path])))).toEqual(new Map([[path, new Set(['sqlite'])]]));
});
