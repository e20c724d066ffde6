import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HostWriter } from '../../src/host.ts';
import type { Container } from '../../src/inventory.ts';
import { makeManifest } from '../../src/proof/manifest.ts';
import { snapshotScript, writersOf } from '../../src/snapshot.ts';
import type { Hold } from '../../src/snapshot-holds.ts';
import { parseSnapshotMark } from '../../src/snapshot-marks.ts';
import { localHost } from './local-host.ts';
import { callsOf, standInDocker, statesOf } from './snapshot-docker.ts';

let root: string;
let bin: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'snapshot-'));
  bin = join(root, 'bin');
  await mkdir(join(root, 'data'));
  await writeFile(join(root, 'data', 'a b'), 'one');
  await standInDocker(bin, ['web', 'db', 'shop', 'cache']);
});

const pause = (container: string): Hold => ({ container, by: 'pause' });
const stop: Hold = { container: 'db', by: 'stop', graceSeconds: 60, mustEndByItself: true };

interface Given {
  readonly holds?: readonly Hold[];
  readonly limitSeconds?: number;
  readonly refresh?: string;
  readonly names?: readonly string[];
  readonly kind?: 'directory' | 'file';
  readonly source?: string;
}

/** The script names /var/lib/ecsodus; the test's own folder stands in its place. */
const scriptFor = (given: Given) => {
  const { holds = [], limitSeconds = 60, refresh = '', names = ['volumes/it'], kind = 'directory' } = given;
  const source = given.source ?? join(root, 'data');
  const datasets = names.map((name) => ({ name, kind, source, refresh }));
  return snapshotScript({ migration: 'blog', datasets, holds, limitSeconds }).replaceAll(
    '/var/lib/ecsodus',
    `${root}/lib`,
  );
};

const take = (given: Given) => localHost(bin).run(scriptFor(given));
const inCopy = (path: string) => readFile(join(root, 'lib/blog/snapshots', path), 'utf8');
const markText = (name = 'volumes%2Fit') => readFile(join(root, `lib/blog/marks/${name}.json`), 'utf8');
const markOf = async (name?: string) => parseSnapshotMark(await markText(name));
const absent = { code: 'ENOENT' };

async function standIn(name: string, script: string): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, name), 0o755);
}

/** Runs rsync as often as it is asked, and something else instead from the second time on. */
const secondPass = (instead: string) =>
  standIn(
    'rsync',
    `n=$(cat "$0.n" 2>/dev/null || echo 0); echo $((n + 1)) > "$0.n"\n[ "$n" = 0 ] || { ${instead}; }\nexec /usr/bin/rsync "$@"`,
  );

describe('snapshot script', () => {
  it('copies, pausing the writers for the last pass only, and marks what it made', async () => {
    await take({ holds: [pause('web'), pause('db')] });
    expect(await callsOf(bin)).toEqual(['pause web', 'pause db', 'unpause web', 'unpause db']);
    expect(await inCopy('volumes/it/a b')).toBe('one');
    const mark = await markOf();
    expect(mark).toMatchObject({
      dataset: { name: 'volumes/it', kind: 'directory', source: join(root, 'data') },
      holds: [{ container: 'web', by: 'pause' }, pause('db')],
      files: 2,
      bytes: 3,
      clones: false,
      unsaved: [],
    });
    expect(mark?.pausedMilliseconds).toBeGreaterThan(0);
    await expect(lstat(join(root, 'lib/blog/held/volumes%2Fit'))).rejects.toMatchObject(absent);
  });

  it('makes a copy whose manifest is that of the data', async () => {
    await writeFile(join(root, 'data', 'zeros'), Buffer.alloc(100_000));
    await take({ holds: [pause('web')] });
    const path = join(root, 'data');
    const store = join(root, 'store');
    const data = await makeManifest(localHost() as HostWriter, { path, kind: 'directory', store, mode: 'still' });
    expect((await markOf())?.digest).toBe(data.digest);
  });

  it('stops a database for the last pass and starts it again', async () => {
    await take({ holds: [stop, pause('web')] });
    expect(await callsOf(bin)).toEqual(['stop -t 60 db', 'pause web', 'start db', 'unpause web']);
    expect(await statesOf(bin, 'db', 'web')).toEqual(['running', 'running']);
  });

  it('sends a signal first where the own one would wait for clients', async () => {
    await take({ holds: [{ ...stop, signal: 'INT' }] });
    expect(await callsOf(bin)).toEqual(['kill --signal INT db', 'stop -t 60 db', 'start db']);
  });

  it('makes no snapshot of a database that had to be killed, and starts it again', async () => {
    const script = `export EXIT_CODE=137\n${scriptFor({ holds: [stop] })}`;
    await expect(localHost(bin).run(script)).rejects.toThrow(/exit 76: ecsodus: killed db/);
    expect(await statesOf(bin, 'db')).toEqual(['running']);
    await expect(markText()).rejects.toMatchObject(absent);
  });

  it.each([
    ['stands still already', 'exited 0', 'exited'],
    ['was paused by somebody else', 'paused 0', 'paused'],
  ])('leaves a container that %s as it is', async (_, state, after) => {
    await writeFile(join(bin, 'states/db'), state);
    await writeFile(join(bin, 'states/web'), state);
    await take({ holds: [stop, pause('web')] });
    expect(await callsOf(bin)).toEqual([]);
    expect(await statesOf(bin, 'db', 'web')).toEqual([after, after]);
  });

  it('never stops what a stop would remove', async () => {
    await writeFile(join(bin, 'states/db.rm'), '');
    await take({ holds: [stop] });
    expect(await callsOf(bin)).toEqual([]);
  });

  it('copies all of a group in one hold', async () => {
    await take({ holds: [stop], names: ['volumes/it', 'volumes/log'] });
    expect(await callsOf(bin)).toEqual(['stop -t 60 db', 'start db']);
    expect(await inCopy('volumes/log/a b')).toBe('one');
    expect((await markOf('volumes%2Flog'))?.dataset.name).toBe('volumes/log');
  });

  it('brings the source up to date before each pass, the last while the writers stand still', async () => {
    const [log, file] = [join(bin, 'calls'), join(root, 'data', 'a b')];
    // As large as before, and within the same second.
    const refresh = `echo refresh >> ${log}; n=$(wc -l < ${log}); echo "$n" > '${file}'; touch -d "2026-01-01 00:00:00.$n" '${file}'`;
    await take({ holds: [pause('shop')], refresh });
    expect((await callsOf(bin)).slice(-3)).toEqual(['pause shop', 'refresh', 'unpause shop']);
    expect(await inCopy('volumes/it/a b')).toBe(`${(await callsOf(bin)).length - 1}\n`);
  });

  it('copies what was written to a page that was dirty already: neither size nor time tells', async () => {
    const file = join(root, 'data', 'a b');
    await standInDocker(bin, ['web'], {
      pause: `touch -r '${file}' ${root}/ref; printf two > '${file}'; touch -r ${root}/ref '${file}'`,
    });
    await take({ holds: [pause('web')] });
    expect(await inCopy('volumes/it/a b')).toBe('two');
  });

  it('does not follow a link into other data, wherever a directory has become one', async () => {
    await mkdir(join(root, 'other'));
    await writeFile(join(root, 'other/f'), 'others');
    await symlink(join(root, 'other'), join(root, 'data/sub'));
    const swap = `rm ${root}/data/sub; mkdir ${root}/data/sub; echo new > ${root}/data/sub/f`;
    await standInDocker(bin, ['web'], { pause: swap });
    await take({ holds: [pause('web')] });
    expect(await readFile(join(root, 'other/f'), 'utf8')).toBe('others');
    expect(await inCopy('volumes/it/sub/f')).toBe('new\n');
  });

  it('copies the file that a link leads to', async () => {
    await symlink(join(root, 'data/a b'), join(root, 'link'));
    await take({ holds: [pause('web')], kind: 'file', source: join(root, 'link') });
    expect(await inCopy('volumes/it')).toBe('one');
    expect((await lstat(join(root, 'lib/blog/snapshots/volumes/it'))).isSymbolicLink()).toBe(false);
  });

  it('pauses nothing where nobody writes', async () => {
    await take({});
    expect(await callsOf(bin)).toEqual([]);
    expect(await inCopy('volumes/it/a b')).toBe('one');
    expect((await markOf())?.pausedMilliseconds).toBe(0);
  });

  it('takes an earlier copy away first', async () => {
    await take({});
    await writeFile(join(root, 'lib/blog/snapshots/volumes/it/a b'), 'eno');
    await take({});
    expect(await inCopy('volumes/it/a b')).toBe('one');
  });
});

describe('a file system that shares blocks', () => {
  /** Clones wherever it is asked to, as btrfs does. */
  const cloning = (failing = 'false') =>
    standIn(
      'cp',
      `echo "$*" >> ${root}/cp\n${failing} && exit 1\nexec /bin/cp $(echo "$*" | sed 's/--reflink=always//')`,
    );

  it('is cloned in the hold, and not copied by rsync at all', async () => {
    await writeFile(join(root, 'data', 'ab'), 'one');
    await cloning();
    await standIn('rsync', 'exit 9');
    await standInDocker(bin, ['web'], { pause: `echo three > ${root}/data/ab` });
    await symlink('ab', join(root, 'data/link'));
    await writeFile(join(root, 'data/ab'), 'two');
    await localHost().run(`mv '${root}/data/a b' ${root}/data/c`);
    await take({ holds: [pause('web')] });
    expect(await inCopy('volumes/it/ab')).toBe('three\n');
    expect(await readlink(join(root, 'lib/blog/snapshots/volumes/it/link'))).toBe('ab');
    expect(await markOf()).toMatchObject({ clones: true });
  });

  it('where one file cannot be cloned, all are copied as elsewhere', async () => {
    await cloning('[ "$1" = -a ]');
    await take({ holds: [pause('web')] });
    expect(await inCopy('volumes/it/a b')).toBe('one');
    expect(await markOf()).toMatchObject({ clones: false });
  });
});

describe('nothing stays held', () => {
  it('where the source cannot be brought up to date', async () => {
    const refresh = `[ ! -e ${join(bin, 'calls')} ] || exit 32`;
    await expect(take({ holds: [pause('shop')], refresh })).rejects.toThrow(/exit 32/);
    expect(await callsOf(bin)).toEqual(['pause shop', 'unpause shop']);
  });

  it.each([
    ['fails', 'exit 12', /exit 12/],
    ['takes longer than the limit', 'sleep 5', /exit 124: ecsodus: time-limit/],
  ])('when the last pass %s; and there is no mark', async (_, failure, message) => {
    await secondPass(failure);
    await expect(take({ holds: [pause('web'), stop], limitSeconds: 1 })).rejects.toThrow(message);
    expect(await callsOf(bin)).toEqual(['stop -t 60 db', 'pause web', 'start db', 'unpause web']);
    await expect(markText()).rejects.toMatchObject(absent);
  });

  it.each(['TERM', 'HUP', 'INT', 'KILL'] as const)('when the script gets SIG%s in the hold', async (signal) => {
    await secondPass(`echo $$ > ${root}/pid; exec sleep 8`);
    const script = spawn('sh', ['-c', scriptFor({ holds: [pause('web'), stop] })], {
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
      stdio: 'ignore',
      detached: true,
    });
    await expect.poll(() => statesOf(bin, 'web', 'db'), { timeout: 5000 }).toEqual(['paused', 'exited']);
    await delay(200);
    script.kill(`SIG${signal}`);
    await expect.poll(() => statesOf(bin, 'web', 'db'), { timeout: 3000 }).toEqual(['running', 'running']);
    await expect.poll(() => readdir(join(root, 'lib/blog/held'))).toEqual([]);
    const copying = Number(await readFile(join(root, 'pid'), 'utf8'));
    await expect.poll(() => existsSync(`/proc/${copying}`)).toBe(false);
    await expect(markText()).rejects.toMatchObject(absent);
  });

  it('when it is killed while the engine still stops a container: the stop is waited for', async () => {
    await standInDocker(bin, ['db'], { stop: 'sleep 1' });
    const script = spawn('sh', ['-c', scriptFor({ holds: [stop] })], {
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
      stdio: 'ignore',
    });
    await expect.poll(() => callsOf(bin), { timeout: 5000 }).toEqual(['stop -t 60 db']);
    script.kill('SIGKILL');
    await expect.poll(() => callsOf(bin), { timeout: 5000 }).toEqual(['stop -t 60 db', 'stop -t 60 db', 'start db']);
    await expect.poll(() => statesOf(bin, 'db')).toEqual(['running']);
  });

  it('where the engine is away for a while', async () => {
    const away = `[ -e ${root}/back ] || exit 1`;
    await standInDocker(bin, ['web'], { unpause: away });
    await expect(take({ holds: [pause('web')] })).rejects.toThrow(/ecsodus: not-released/);
    expect(await statesOf(bin, 'web')).toEqual(['paused']);
    await writeFile(join(root, 'back'), '');
    await expect.poll(() => statesOf(bin, 'web'), { timeout: 4000 }).toEqual(['running']);
  });
});

describe('Redis', () => {
  const hold: Hold = { container: 'cache', by: 'pause', saves: true };

  it('saves before it is paused', async () => {
    await take({ holds: [hold] });
    expect(await callsOf(bin)).toEqual(['exec', 'pause cache', 'unpause cache']);
    expect(await markOf()).toMatchObject({ unsaved: [] });
  });

  it('that cannot be asked is told in the mark', async () => {
    await writeFile(join(bin, 'mute'), '');
    await take({ holds: [hold] });
    expect(await markOf()).toMatchObject({ unsaved: ['cache'] });
  });

  it('gets its password by environment, and no argument has it', async () => {
    await writeFile(join(bin, 'states/cache.cmd'), 'redis-server\n--requirepass\npass word\n');
    const docker = await readFile(join(bin, 'docker'), 'utf8');
    const spy = `[ "$1" != exec ] || { printf '%s' "$REDISCLI_AUTH" > ${root}/given; echo "$*" > ${root}/arguments; }`;
    await writeFile(join(bin, 'docker'), docker.replace('#!/bin/sh\n', `#!/bin/sh\n${spy}\n`));
    await take({ holds: [hold] }).catch(() => {});
    expect(await readFile(join(root, 'given'), 'utf8')).toBe('pass word');
    const words = await readFile(join(root, 'arguments'), 'utf8');
    expect(words).toMatch(/^exec -e REDISCLI_AUTH cache sh -c /);
    expect(words).not.toContain('pass word');
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
    expect(writersOf(dataset, { containers: [found] }).map(({ name }) => name)).toEqual(names);
  });
});
