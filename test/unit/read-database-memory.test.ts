import { expect, test } from 'vitest';
import type { HostReader } from '../../src/host.ts';
import { readDatabaseMemory } from '../../src/read-database-memory.ts';
import { container } from './ecs/builders.ts';

const bind = (Source: string, Destination: string) => ({ Type: 'bind', Source, Destination, RW: true });

/** A source whose files say what the test says. */
function source(answer: string) {
  const scripts: string[] = [];
  const read = async ({ script }: { script: string }) => {
    scripts.push(script);
    return answer;
  };
  return { scripts, reader: { read } as unknown as HostReader };
}

test('a database is asked for what stands in the files it mounts', async () => {
  const { scripts, reader } = source('/srv/my.cnf\0innodb_buffer_pool_size=1G\0');
  const mounts = [bind('/srv/my.cnf', '/etc/my.cnf'), bind('/srv/data', '/var/lib/mysql')];
  expect(await readDatabaseMemory(reader, container({ mounts }))).toEqual([
    { setting: 'innodb_buffer_pool_size', bytes: 1024 ** 3, where: '/srv/my.cnf' },
  ]);
  expect(scripts).toEqual([expect.stringMatching(/for path in \/srv\/my\.cnf \/srv\/data;/)]);
});

test.each([
  ['no database', container({ mounts: [bind('/srv/www', '/www')] })],
  ['nothing mounted', container({ over: { imageName: 'mysql:8' } })],
])('%s: nothing is asked', async (_, given) => {
  const { scripts, reader } = source('');
  expect(await readDatabaseMemory(reader, given)).toEqual([]);
  expect(scripts).toEqual([]);
});
