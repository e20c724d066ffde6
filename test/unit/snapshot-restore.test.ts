import { mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseRestorePlace, restorePlace } from '../../src/queries/restore-place.ts';
import type { SnapshotMark } from '../../src/snapshot-marks.ts';
import { refusePlace, restoreScript } from '../../src/snapshot-restore.ts';
import { localHost } from './local-host.ts';
import { run } from './queries/run.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'restore-'));
  await mkdir(join(root, 'snap'));
  await writeFile(join(root, 'snap/a b'), 'x'.repeat(5000));
  await mkdir(join(root, 'empty'));
  await symlink('snap', join(root, 'link'));
});

const look = (path: string) => parseRestorePlace(run(restorePlace(path, join(root, 'snap'))));

describe('the place to restore to', () => {
  it.each([
    ['not/there yet', 'missing', 'not/there yet'],
    ['empty', 'empty', 'empty'],
    ['snap', 'taken', 'snap'],
    ['snap/a b', 'taken', 'snap/a b'],
    ['link/new', 'missing', 'snap/new'],
    ['empty/../link', 'taken', 'snap'],
  ])('%s is %s', (path, state, real) => {
    const place = look(join(root, path));
    expect(place).toMatchObject({ state, path: join(root, real) });
    expect(place.freeBytes).toBeGreaterThan(0);
    expect(place.neededBytes).toBeGreaterThanOrEqual(5000);
  });

  const free = { path: '/root/new', state: 'missing', freeBytes: 100, neededBytes: 100 } as const;
  it.each([
    [free, undefined],
    [{ ...free, state: 'empty' } as const, undefined],
    [{ ...free, state: 'taken' } as const, 'restore-not-empty'],
    [{ ...free, neededBytes: 101 }, 'restore-no-room'],
    [{ ...free, path: '/srv/live' }, 'restore-into-data'],
    [{ ...free, path: '/srv/live/new' }, 'restore-into-data'],
    [{ ...free, path: '/srv/lively' }, undefined],
  ])('%o is refused with %s', (place, code) => {
    const refuse = expect(() => refusePlace(place, ['/srv/live'], 'droplet'));
    if (code === undefined) refuse.not.toThrow();
    else refuse.toThrow(expect.objectContaining({ code, hint: expect.stringContaining('--to') }));
  });
});

describe('the copy', () => {
  const mark = (kind: 'directory' | 'file', source: string) => ({ dataset: { kind, source } }) as SnapshotMark;

  it('of a directory is that directory', async () => {
    const to = join(root, 'new place/deep');
    await localHost().run(restoreScript(mark('directory', '/srv/x'), join(root, 'snap'), to));
    expect((await readFile(join(to, 'a b'), 'utf8')).length).toBe(5000);
  });

  it('of a file is in it, under its own name', async () => {
    const to = join(root, 'empty');
    await localHost().run(restoreScript(mark('file', '/srv/app.sqlite'), join(root, 'snap/a b'), to));
    expect((await readFile(join(to, 'app.sqlite'), 'utf8')).length).toBe(5000);
  });
});
