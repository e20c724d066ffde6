import { describe, expect, it } from 'vitest';
import { databaseSettings, settingsInFile, warmMemory } from '../../../src/ecs/database-memory.ts';
import { container } from './builders.ts';

const [mib, gib] = [1024 ** 2, 1024 ** 3];

describe('arguments', () => {
  it.each<[string[], string, number, string]>([
    [['mysqld', '--innodb-buffer-pool-size=1G'], 'innodb_buffer_pool_size', gib, 'argument 2'],
    [['mysqld', '--innodb_buffer_pool_size', '536870912'], 'innodb_buffer_pool_size', 512 * mib, 'argument 2'],
    [['postgres', '-c', 'shared_buffers=256MB'], 'shared_buffers', 256 * mib, 'argument 2'],
    [['postgres', '-cshared_buffers=1GB'], 'shared_buffers', gib, 'argument 2'],
    [['postgres', '--shared-buffers=16384'], 'shared_buffers', 128 * mib, 'argument 2'],
    [['redis-server', '--appendonly', 'yes', '--maxmemory', '256mb'], 'maxmemory', 256 * mib, 'argument 4'],
    [['redis-server', '--maxmemory', '100m'], 'maxmemory', 100e6, 'argument 2'],
    [['sh', '-c', 'exec redis-server --maxmemory 64mb'], 'maxmemory', 64 * mib, 'argument 3'],
    [['mongod', '--wiredTigerCacheSizeGB', '1.5'], 'wiredTigerCacheSizeGB', 1.5 * gib, 'argument 2'],
    [['mongod', '--wiredTigerCacheSizeGB=2'], 'wiredTigerCacheSizeGB', 2 * gib, 'argument 2'],
    [['java', '-Xms256m', '-Xmx1g', '-jar', 'app.jar'], '-Xmx', gib, 'argument 3'],
    [['java', '-Xmx1g', '-Xmx512m'], '-Xmx', 512 * mib, 'argument 3'],
  ])('%j', (Cmd, setting, bytes, where) => {
    expect(databaseSettings(container({ config: { Cmd } }))).toEqual([{ setting, bytes, where }]);
  });

  it.each([
    [['redis-server', '--maxmemory', '0']],
    [['redis-server', '--maxmemory-policy', 'allkeys-lru']],
    [['mysqld', '--innodb-buffer-pool-size-x=1G']],
    [['java', '-Xmxm', 'x-Xmx1g']],
    [['app', '--innodb-buffer-pool-size=big']],
  ])('%j says nothing', (Cmd) => expect(databaseSettings(container({ config: { Cmd } }))).toEqual([]));

  it('in the environment, but not in secrets', () => {
    const env = ['ES_JAVA_OPTS=-Xms512m -Xmx512m', 'DB_PASSWORD=-Xmx9g'];
    expect(databaseSettings(container({ env }))).toEqual([
      { setting: '-Xmx', bytes: 512 * mib, where: 'Config.Env.ES_JAVA_OPTS' },
    ]);
  });

  it('override a file, and the last file the first', () => {
    const file = (where: string, bytes: number) => ({ setting: 'maxmemory', bytes, where });
    const over = { databaseMemory: [file('/a', 1), file('/b', 2)] };
    expect(databaseSettings(container({ over }))).toEqual([file('/b', 2)]);
    const config = { Cmd: ['redis-server', '--maxmemory', '3'] };
    expect(databaseSettings(container({ over, config }))).toEqual([file('argument 2', 3)]);
  });
});

describe('files', () => {
  it.each<[string, string, string, number]>([
    ['mariadb:10', '[mysqld]\ninnodb_buffer_pool_size = 2G\n', 'innodb_buffer_pool_size', 2 * gib],
    ['mysql:8', 'loose-innodb-buffer-pool-size=64M', 'innodb_buffer_pool_size', 64 * mib],
    ['postgres:16', "shared_buffers = '512MB'\t# min 128kB\n", 'shared_buffers', 512 * mib],
    ['postgres:16', 'shared_buffers = 128MB\nshared_buffers = 1GB', 'shared_buffers', gib],
    ['redis:7', 'maxmemory 1gb\nmaxmemory-policy noeviction', 'maxmemory', gib],
    ['mongo:6', 'storage:\n  wiredTiger:\n    engineConfig:\n      cacheSizeGB: 0.5', 'wiredTigerCacheSizeGB', gib / 2],
    ['elasticsearch:8', '-Xms1g\n-Xmx2g', '-Xmx', 2 * gib],
  ])('of %s: %j', (imageName, text, setting, bytes) => {
    const found = settingsInFile(container({ over: { imageName } }), '/srv/conf', text);
    expect(found).toEqual([{ setting, bytes, where: '/srv/conf' }]);
  });

  it.each([
    ['a comment', 'mysql:8', '# innodb_buffer_pool_size = 2G'],
    ['another program', 'nginx', 'innodb_buffer_pool_size = 2G'],
    ['another setting', 'mysql:8', 'innodb_buffer_pool_size_x = 2G'],
  ])('%s says nothing', (_, imageName, text) => {
    expect(settingsInFile(container({ over: { imageName } }), '/srv/conf', text)).toEqual([]);
  });

  it('belong to a program that only its command or its data directory names', () => {
    const mounts = [{ Type: 'volume', Name: 'v', Source: '/v', Destination: '/var/lib/mysql', RW: true }];
    const text = 'innodb_buffer_pool_size = 2G';
    expect(settingsInFile(container({ mounts }), '/f', text)).toHaveLength(1);
    expect(settingsInFile(container({ config: { Cmd: ['mariadbd'] } }), '/f', text)).toHaveLength(1);
  });
});

it('the setting that asks for most decides', () => {
  const databaseMemory = [
    { setting: 'maxmemory', bytes: 100 * mib, where: 'a' },
    { setting: '-Xmx', bytes: 200 * mib, where: 'b' },
  ];
  expect(warmMemory(container({ over: { databaseMemory } }))).toMatchObject({
    bytes: 378 * mib,
    setting: { setting: '-Xmx' },
  });
});
