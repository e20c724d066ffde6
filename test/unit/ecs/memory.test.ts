import { describe, expect, it } from 'vitest';
import type { DatabaseMemory, Usage } from '../../../src/inventory.ts';
import { container, designOf } from './builders.ts';

const mib = 1024 ** 2;
const pool = (bytes: number): DatabaseMemory => ({ setting: 'innodb_buffer_pool_size', bytes, where: '/etc/my.cnf' });

describe('without limit or reservation', () => {
  it.each<[string, Usage | undefined, DatabaseMemory[], number]>([
    ['nothing known', undefined, [], 128],
    ['one byte', { memoryBytes: 1 }, [], 32],
    ['a quarter more, in steps of 16', { memoryBytes: 50 * mib }, [], 64],
    ['exactly a step', { memoryBytes: 64 * mib }, [], 80],
    ['just above a step', { memoryBytes: 64 * mib + 1 }, [], 96],
    ['what it had in swap counts', { memoryBytes: 64 * mib, swapBytes: 64 * mib }, [], 160],
    ['the peak does not', { memoryBytes: 64 * mib, peakBytes: 900 * mib }, [], 80],
    ['a database that is cold: its setting × 1.1 + 256', { memoryBytes: 64 * mib }, [pool(1024 * mib)], 1392],
    ['a database that uses more than its setting', { memoryBytes: 2048 * mib }, [pool(1024 * mib)], 2560],
    ['a database of which nothing was seen', undefined, [pool(1024 * mib)], 1392],
  ])('%s', (_, usage, databaseMemory, expected) => {
    const { definition, workload } = designOf({ over: { usage, databaseMemory } });
    expect(definition.memoryReservation).toBe(expected);
    expect(definition.memory).toBeUndefined();
    expect(workload.sampledMemory).toEqual(['web']);
    expect(workload.databaseMemory).toEqual(databaseMemory.length > 0 ? { web: 1392 } : {});
  });
});

describe('the finding says from what', () => {
  const said = (parts: Parameters<typeof container>[0]) =>
    designOf(parts).design.findings.filter(({ code }) => code === 'memory-reservation');

  it.each<[string, Parameters<typeof container>[0], string]>([
    ['a limit', { host: { Memory: 64 * mib } }, 'It reserves 64 MiB: ECS reserves the whole limit'],
    ['a reservation', { host: { MemoryReservation: 64 * mib } }, 'It reserves 64 MiB, as on the source.'],
    ['both', { host: { Memory: 128 * mib, MemoryReservation: 64 * mib } }, 'It reserves 64 MiB, as on the source.'],
    ['both equal', { host: { Memory: 64 * mib, MemoryReservation: 64 * mib } }, 'the whole limit'],
    [
      'a sample',
      { over: { usage: { memoryBytes: 50 * mib, peakBytes: 90 * mib } } },
      'It reserves 64 MiB: a quarter more than the 50 MiB of memory it was seen to use. It never had more than 90 MiB, page cache included.',
    ],
    [
      'swap',
      { over: { usage: { memoryBytes: 50 * mib, swapBytes: 10 * mib } } },
      'It reserves 80 MiB: a quarter more than the 50 MiB of memory and 10 of swap it was seen to use.',
    ],
    [
      'a database',
      { over: { databaseMemory: [pool(512 * mib)] } },
      'It reserves 832 MiB: innodb_buffer_pool_size is 512 MiB (/etc/my.cnf), × 1.1 + 256 MiB once it is warm.',
    ],
    ['nothing', { over: { usage: undefined } }, 'It reserves 128 MiB: nothing is known of what it uses.'],
  ])('%s', (_, parts, message) => {
    expect(said(parts)).toEqual([
      { level: 'info', code: 'memory-reservation', subject: 'web', message: expect.stringContaining(message) },
    ]);
  });
});

describe('warnings', () => {
  it.each<[string, Parameters<typeof container>[0], string[]]>([
    ['no kills', { over: { usage: { memoryBytes: mib, oomKills: 0 } } }, []],
    ['kills', { over: { usage: { memoryBytes: mib, oomKills: 3 } } }, ['warning oom-kills']],
    [
      'a limit below what its database is told',
      { host: { Memory: 512 * mib }, over: { databaseMemory: [pool(512 * mib)] } },
      ['warning database-memory'],
    ],
    ['a limit above it', { host: { Memory: 900 * mib }, over: { databaseMemory: [pool(512 * mib)] } }, []],
    [
      'swap in use by default',
      { host: { Memory: 64 * mib }, over: { usage: { memoryBytes: mib, swapBytes: mib } } },
      ['warning swap-in-use'],
    ],
    [
      'swap in use, asked for',
      { host: { Memory: 64 * mib, MemorySwap: 96 * mib }, over: { usage: { memoryBytes: mib, swapBytes: mib } } },
      ['info swap'],
    ],
    ['swap in use without limit', { over: { usage: { memoryBytes: mib, swapBytes: mib } } }, []],
  ])('%s', (_, parts, expected) => expect(designOf(parts).codes).toEqual(expected));

  it('say what to type', () => {
    const remedy = (parts: Parameters<typeof container>[0], code: string) =>
      designOf(parts).design.findings.find((each) => each.code === code)?.remedy;
    const killed = { memoryBytes: mib, oomKills: 1 };
    expect(remedy({ host: { Memory: 512 * mib }, over: { usage: killed } }, 'oom-kills')).toContain(
      'docker update --memory 768m --memory-swap 1536m web',
    );
    expect(remedy({ over: { usage: killed } }, 'oom-kills')).toContain('docker update --memory-reservation');
  });

  it('know of a kill from inspect alone', () => {
    const { inspect } = container();
    const over = { inspect: { ...inspect, State: { OOMKilled: true } }, usage: undefined };
    expect(designOf({ over }).codes).toEqual(['warning oom-kills']);
  });
});
