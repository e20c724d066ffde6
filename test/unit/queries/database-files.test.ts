import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { databaseFiles, parseDatabaseFiles } from '../../../src/queries/database-files.ts';
import { run, temporaryDirectory } from './run.ts';

const found = (files: Readonly<Record<string, string>>, paths: readonly string[] = ['']) => {
  const root = temporaryDirectory();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const answer = parseDatabaseFiles(run(databaseFiles(paths.map((path) => join(root, path)))));
  return answer.map(({ file, lines }) => [file.slice(root.length + 1), lines]);
};

test.each([
  ['my.cnf', '[mysqld]\nmax_connections=5\ninnodb_buffer_pool_size = 1G\n', 'innodb_buffer_pool_size = 1G'],
  ['conf.d/x y.cnf', '  loose-innodb-buffer-pool-size=1G', '  loose-innodb-buffer-pool-size=1G'],
  ['data/postgresql.conf', '#shared_buffers = 1\nshared_buffers = 256MB\t# x', 'shared_buffers = 256MB\t# x'],
  ['redis.conf', 'maxmemory 256mb\nmaxmemory-policy x\nrequirepass s3cret', 'maxmemory 256mb'],
  ['mongod.conf', 'storage:\n  cacheSizeGB: 1', '  cacheSizeGB: 1'],
  ['jvm.options', '-Xms1g\n-Xmx1g', '-Xmx1g'],
])('%s', (file, text, lines) => expect(found({ [file]: text })).toEqual([[file, lines]]));

test('no more than the settings of memory, from no other file', () => {
  const line = 'shared_buffers = 1GB';
  expect(
    found({ 'a/b/c/d/e/postgresql.conf': line, 'notes.txt': line, 'big.cnf': `${line}\n${'#'.repeat(300_000)}` }),
  ).toEqual([]);
  expect(found({}, ['none'])).toEqual([]);
  expect(found({ 'postgresql.conf': 'password = x' })).toEqual([]);
});

test('a file that is mounted itself may have any name', () => {
  expect(found({ "it's mine": 'maxmemory 1gb' }, ["it's mine"])).toEqual([["it's mine", 'maxmemory 1gb']]);
});

test('what overrides comes last', () => {
  const files = {
    'postgresql.auto.conf': 'shared_buffers = 2GB',
    'postgresql.conf': 'shared_buffers = 1GB',
    'my.cnf': 'innodb_buffer_pool_size=1G',
    'conf.d/a.cnf': 'innodb_buffer_pool_size=2G',
  };
  expect(found(files).map(([file]) => file)).toEqual([
    'my.cnf',
    'conf.d/a.cnf',
    'postgresql.conf',
    'postgresql.auto.conf',
  ]);
});
