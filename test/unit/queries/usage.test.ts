import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { containerUsage, parseUsage } from '../../../src/queries/usage.ts';
import { commands, run, temporaryDirectory } from './run.ts';

const id = 'a'.repeat(64);
const other = 'b'.repeat(64);
let root: string;
beforeEach(() => {
  root = temporaryDirectory();
});

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** With /proc and /sys moved under a root of the test's own. */
function usage(containers: Parameters<typeof containerUsage>[0], seconds = 0, env = {}) {
  const query = containerUsage(containers, seconds);
  // The root has blanks and a quote in its name, so it goes in as a variable, inside and outside of quotes alike.
  const script = query.script
    .replaceAll('"/proc/', '"$ROOT/proc/')
    .replace('in /sys/fs/cgroup/memory /cgroup/memory', 'in "$ROOT/sys/fs/cgroup/memory" "$ROOT/cgroup/memory"')
    .replaceAll('path=/sys/', 'path=$ROOT/sys/');
  return parseUsage(run({ ...query, script }, { ROOT: root, ...env }));
}

const v2 = (path: string, memory: { anon: number; shmem: number }) => ({
  [`${path}/memory.stat`]: `anon ${memory.anon}\nfile 999999\nkernel 5\nshmem ${memory.shmem}\ninactive_file 9\n`,
  [`${path}/memory.swap.current`]: '77\n',
  [`${path}/memory.peak`]: '123456789012\n',
  [`${path}/memory.events`]: 'low 0\nhigh 0\nmax 9\noom 4\noom_kill 3\noom_group_kill 0\n',
});
const v2Answer = { memoryBytes: 150, swapBytes: 77, peakBytes: 123456789012, oomKills: 3 };

const v1 = (path: string, stat = 'total_rss 100\ntotal_shmem 50\n') => ({
  [`${path}/memory.stat`]: `cache 5\nrss 1\nshmem 2\nswap 1\n${stat}total_swap 60\n`,
  [`${path}/memory.max_usage_in_bytes`]: '4000\n',
  [`${path}/memory.oom_control`]: 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
});
const v1Answer = { memoryBytes: 150, swapBytes: 60, peakBytes: 4000, oomKills: 2 };
const v1Lines = (path: string) => `11:pids:${path}\n4:memory:${path}\n1:name=systemd:/x\n0::/\n`;

describe('the cgroup of a container', () => {
  test.each<[string, string, Record<string, string>, object]>([
    [
      'v2, systemd',
      `0::/system.slice/docker-${id}.scope\n`,
      v2(`sys/fs/cgroup/system.slice/docker-${id}.scope`, { anon: 100, shmem: 50 }),
      v2Answer,
    ],
    ['v2, cgroupfs', `0::/docker/${id}\n`, v2(`sys/fs/cgroup/docker/${id}`, { anon: 100, shmem: 50 }), v2Answer],
    [
      'v2, its process deeper',
      `0::/docker/${id}/init.scope\n`,
      v2(`sys/fs/cgroup/docker/${id}`, { anon: 100, shmem: 50 }),
      v2Answer,
    ],
    ['v1, cgroupfs', v1Lines(`/docker/${id}`), v1(`sys/fs/cgroup/memory/docker/${id}`), v1Answer],
    [
      'v1, systemd',
      v1Lines(`/system.slice/docker-${id}.scope`),
      v1(`sys/fs/cgroup/memory/system.slice/docker-${id}.scope`),
      v1Answer,
    ],
    [
      'v1, several controllers in one',
      `4:cpu,memory:/docker/${id}\n`,
      v1(`sys/fs/cgroup/memory/docker/${id}`),
      v1Answer,
    ],
    ['v1, the old place', v1Lines(`/docker/${id}`), v1(`cgroup/memory/docker/${id}`), v1Answer],
    [
      'hybrid: v2 has no memory',
      `4:memory:/docker/${id}\n0::/docker/${id}\n`,
      { ...v1(`sys/fs/cgroup/memory/docker/${id}`), [`sys/fs/cgroup/unified/docker/${id}/x`]: '' },
      v1Answer,
    ],
    [
      'an old kernel: no shared memory, no count of kills',
      v1Lines(`/docker/${id}`),
      {
        [`sys/fs/cgroup/memory/docker/${id}/memory.stat`]:
          'total_rss 100\ntotal_inactive_anon 30\ntotal_active_anon 120\n',
        [`sys/fs/cgroup/memory/docker/${id}/memory.oom_control`]: 'oom_kill_disable 0\n',
      },
      { memoryBytes: 150 },
    ],
    [
      'v2 without peak and swap',
      `0::/docker/${id}\n`,
      { [`sys/fs/cgroup/docker/${id}/memory.stat`]: 'anon 1\nshmem 2\n' },
      { memoryBytes: 3 },
    ],
  ])('%s', (_, cgroup, files, expected) => {
    put({ 'proc/42/cgroup': cgroup, ...files });
    expect(usage([{ id, pid: 42 }])).toEqual({ [id]: expected });
  });

  test.each<[string, Record<string, string>]>([
    ['gone', {}],
    [
      'of others too',
      { 'proc/42/cgroup': '0::/user.slice\n', ...v2('sys/fs/cgroup/user.slice', { anon: 1, shmem: 1 }) },
    ],
    ['the root', { 'proc/42/cgroup': '0::/\n', ...v2('sys/fs/cgroup', { anon: 1, shmem: 1 }) }],
    ['not mounted', { 'proc/42/cgroup': v1Lines(`/docker/${id}`) }],
    ['without statistics', { 'proc/42/cgroup': `0::/docker/${id}\n`, [`sys/fs/cgroup/docker/${id}/pids.max`]: '1' }],
  ])('%s: nothing is told', (_, files) => {
    put(files);
    expect(usage([{ id, pid: 42 }])).toEqual({});
  });
});

test('the highest of a sample counts, each container for itself', () => {
  const [a, b] = [`sys/fs/cgroup/docker/${id}`, `sys/fs/cgroup/docker/${other}`];
  put({ 'proc/1/cgroup': `0::/docker/${id}\n`, 'proc/2/cgroup': `0::/docker/${other}\n` });
  put({ ...v2(a, { anon: 5, shmem: 0 }), ...v2(b, { anon: 900, shmem: 0 }) });
  // Each second `a` grows and shrinks again, and `b` shrinks for good; no test waits for a clock.
  const sleep = `n=$(cat "$ROOT/n" 2>/dev/null || echo 0); n=$((n + 1)); echo $n >"$ROOT/n"
set -- 3000000000 20 10; shift $((n - 1))
printf 'anon %s\\nshmem 1\\n' "$1" >"$ROOT/${a}/memory.stat"
printf 'anon 7\\nshmem 0\\n' >"$ROOT/${b}/memory.stat"`;
  const found = usage(
    [
      { id, pid: 1 },
      { id: other, pid: 2 },
    ],
    3,
    commands({ sleep }),
  );
  expect(found[id]?.memoryBytes).toBe(3_000_000_001);
  expect(found[other]?.memoryBytes).toBe(900);
  expect(run({ ...containerUsage([], 0), script: 'cat "$ROOT/n"' }, { ROOT: root })).toBe('3\n');
});

test('one that ends while it is watched keeps what was seen', () => {
  put({ 'proc/1/cgroup': `0::/docker/${id}\n`, ...v2(`sys/fs/cgroup/docker/${id}`, { anon: 5, shmem: 1 }) });
  const gone = commands({ sleep: `rm -r "$ROOT/sys/fs/cgroup/docker/${id}"` });
  expect(usage([{ id, pid: 1 }], 2, gone)).toEqual({ [id]: { ...v2Answer, memoryBytes: 6 } });
});

test('what is no answer is none', () => {
  expect(parseUsage('')).toEqual({});
  expect(parseUsage('x - - - -\n')).toEqual({});
});
