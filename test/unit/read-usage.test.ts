import { expect, test } from 'vitest';
import type { HostReader } from '../../src/host.ts';
import { readUsage, usageOf } from '../../src/read-usage.ts';

const running = (id: string, Pid = 42) => ({ id, inspect: { State: { Running: true, Pid } } as never });
const stopped = { id: 'stopped', inspect: { State: { Running: false } } as never };

/** A source whose cgroups tell of `known` only; the rest is asked of Docker. */
function source(known: string) {
  const asked: string[] = [];
  const reader = {
    read: async ({ script }: { script: string }) => {
      asked.push(script.includes('kept:') ? 'a script with kept' : 'a script');
      return known;
    },
    docker: {
      stats: async (id: string) => {
        asked.push(id);
        return id === 'silent' ? {} : { memory_stats: { usage: 50, stats: { inactive_file: 20 } } };
      },
    },
  } as unknown as HostReader;
  return { asked, reader };
}

test('the kernel is asked first, Docker for the rest, and nobody for what is remembered', async () => {
  const { asked, reader } = source('seen 100 - 900 1\n');
  const containers = [running('seen'), running('hidden'), running('silent'), running('kept'), stopped];
  expect(await readUsage(reader, containers, { kept: { memoryBytes: 1 } }, 0)).toEqual({
    kept: { memoryBytes: 1 },
    seen: { memoryBytes: 100, peakBytes: 900, oomKills: 1 },
    hidden: { memoryBytes: 30 },
  });
  expect(asked).toEqual(['a script', 'hidden', 'silent']);
});

test('where all are remembered nothing is asked', async () => {
  const { asked, reader } = source('');
  expect(await readUsage(reader, [running('a'), stopped], { a: { memoryBytes: 1 } }, 5)).toEqual({
    a: { memoryBytes: 1 },
  });
  expect(asked).toEqual([]);
});

test.each([
  [{ usage: 100, stats: { total_inactive_file: 40 } }, { memoryBytes: 60 }],
  [{ usage: 100, stats: { inactive_file: 40 } }, { memoryBytes: 60 }],
  [{ usage: 10, stats: { inactive_file: 40 } }, { memoryBytes: 0 }],
  [{ usage: 100, stats: { anon: 30, shmem: 20, inactive_file: 5 } }, { memoryBytes: 50 }],
  [
    { usage: 100, max_usage: 900, stats: { total_rss: 30, total_shmem: 20, rss: 1, shmem: 1 } },
    { memoryBytes: 50, peakBytes: 900 },
  ],
  [{ usage: 100, stats: { total_rss: 30, total_inactive_file: 40 } }, { memoryBytes: 60 }],
  [{}, undefined],
  [undefined, undefined],
])('memory_stats %j', (stats, expected) => expect(usageOf(stats)).toEqual(expected));
