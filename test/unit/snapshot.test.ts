import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Container } from '../../src/inventory.ts';
import { snapshotScript, writersOf } from '../../src/snapshot.ts';
import { localHost } from './local-host.ts';

let root: string;
let bin: string;

/** Stands in for the docker command: writes down what it was asked, with what the source file held at that moment. */
const docker = '#!/bin/sh\necho "$*" >> "$(dirname "$0")/calls"\n';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'snapshot-'));
  bin = join(root, 'bin');
  await mkdir(bin);
  await mkdir(join(root, 'data'));
  await writeFile(join(root, 'data', 'a b'), 'one');
  await writeFile(join(bin, 'docker'), docker);
  await chmod(join(bin, 'docker'), 0o755);
});

/** The script names /var/lib/ecsodus; the test's own folder stands in its place. */
const scriptFor = (pause: readonly string[], limitSeconds = 60, refresh = '') =>
  snapshotScript({
    migration: 'blog',
    dataset: { name: 'volumes/it', kind: 'directory', source: join(root, 'data') },
    pause,
    refresh,
    limitSeconds,
  }).replaceAll('/var/lib/ecsodus', `${root}/lib`);

const calls = async () => (await readFile(join(bin, 'calls'), 'utf8')).trimEnd().split('\n');

describe('snapshot script', () => {
  it('copies, pausing the writers for the second pass only, and says how long that was', async () => {
    await localHost(bin).run(scriptFor(['web', 'db']));
    expect(await calls()).toEqual(['pause web db', 'unpause web db']);
    expect(await readFile(join(root, 'lib/blog/snapshots/volumes/it/a b'), 'utf8')).toBe('one');
    const mark = JSON.parse(await readFile(join(root, 'lib/blog/marks/volumes%2Fit.json'), 'utf8'));
    expect(mark.pausedMilliseconds).toBeGreaterThan(0);
  });

  it('brings the source up to date before each pass, the second while the writers stand still', async () => {
    const [log, file] = [join(bin, 'calls'), join(root, 'data', 'a b')];
    // As large as before, and within the same second.
    const refresh = `echo refresh >> ${log}; n=$(wc -l < ${log}); echo "$n" > '${file}'; touch -d "2026-01-01 00:00:00.$n" '${file}'`;
    await localHost(bin).run(scriptFor(['shop'], 60, refresh));
    expect(await calls()).toEqual(['refresh', 'pause shop', 'refresh', 'unpause shop']);
    expect(await readFile(join(root, 'lib/blog/snapshots/volumes/it/a b'), 'utf8')).toBe('3\n');
  });

  it('unpauses where it cannot be brought up to date', async () => {
    const refresh = `[ ! -e ${join(bin, 'calls')} ] || exit 32`;
    await expect(localHost(bin).run(scriptFor(['shop'], 60, refresh))).rejects.toThrow(/exit 32/);
    expect(await calls()).toEqual(['pause shop', 'unpause shop']);
  });

  it('pauses nothing where nobody writes', async () => {
    await localHost(bin).run(scriptFor([]));
    await expect(calls()).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readFile(join(root, 'lib/blog/snapshots/volumes/it/a b'), 'utf8')).toBe('one');
  });

  it.each([
    ['fails', 'exit 12'],
    ['takes longer than the limit', 'sleep 5'],
  ])('unpauses, and leaves no mark, when the second pass %s', async (_, failure) => {
    const counting = `#!/bin/sh\nn=$(cat "$0.n" 2>/dev/null || echo 0); echo $((n + 1)) > "$0.n"\n[ "$n" = 0 ] || ${failure}\n`;
    await writeFile(join(bin, 'rsync'), counting);
    await chmod(join(bin, 'rsync'), 0o755);
    await expect(localHost(bin).run(scriptFor(['db'], 1))).rejects.toThrow(/exit/);
    expect(await calls()).toEqual(['pause db', 'unpause db']);
    await expect(readFile(join(root, 'lib/blog/marks/volumes%2Fit.json'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('writers of a dataset', () => {
  const container = (name: string, RW: boolean, Source: string, running = true) =>
    ({ name, running, inspect: { Mounts: [{ Source, RW }] } }) as unknown as Container;
  const dataset = {
    name: 'd',
    kind: 'directory',
    source: '/srv/a',
    target: '',
    bytes: 0,
    files: 0,
    containers: ['web', 'db', 'shop'],
    liftedFrom: 'shop',
  } as const;

  it.each([
    ['a container that mounts it', container('web', true, '/srv/a'), ['web']],
    ['one that mounts a part of it', container('web', true, '/srv/a/part'), ['web']],
    ['the one it is lifted out of', container('shop', true, '/elsewhere'), ['shop']],
    ['not one that only reads it', container('web', false, '/srv/a'), []],
    ['not one that has stopped', container('web', true, '/srv/a', false), []],
    ['not one with a like name', container('web', true, '/srv/ab'), []],
  ])('are: %s', (_, found, names) => {
    expect(writersOf(dataset, { containers: [found] })).toEqual(names);
  });
});
