import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parsePathSize } from '../../../src/queries/files.ts';
import {
  changedFiles,
  layeredSize,
  layerFiles,
  mountsBelow,
  parseLayerFiles,
  parseMounts,
} from '../../../src/queries/layer.ts';
import { run, temporaryDirectory } from './run.ts';

let root: string;
const at = (path: string) => join(root, path);
beforeEach(() => {
  root = temporaryDirectory();
});

test('files of a layer, whatever they are called', () => {
  mkdirSync(at('srv/a\nb'), { recursive: true });
  writeFileSync(at('srv/a\nb/c d'), 'xyz');
  symlinkSync('elsewhere', at('link'));
  expect(Object.fromEntries(parseLayerFiles(run(layerFiles(root))))).toEqual({
    '/': { directory: true, bytes: 0 },
    '/srv': { directory: true, bytes: 0 },
    '/srv/a\nb': { directory: true, bytes: 0 },
    '/srv/a\nb/c d': { directory: false, bytes: 3 },
    '/link': { directory: false, bytes: 0 },
  });
  expect(parseLayerFiles(run(layerFiles(at('none'))))).toEqual(new Map());
});

test('what changed in a process’s view since then', () => {
  expect(parseLayerFiles(run(changedFiles(0, '2026-01-01T00:00:00.123456789Z')))).toEqual(new Map());
  const { script } = changedFiles(1, '2026-01-01T00:00:00.123456789Z');
  const here = script.replace('/proc/1/root', root.replace(/'/g, "'\\''").replace(/^(.*)$/, "'$1'"));
  writeFileSync(at('new'), 'xy');
  const seen = (text: string) => spawnSync('sh', ['-c', text], { encoding: 'utf8' }).stdout;
  expect(parseLayerFiles(seen(here))).toEqual(new Map([['/new', { directory: false, bytes: 2 }]]));
  expect(parseLayerFiles(seen(here.replaceAll('2026-01-01', '2999-01-01')))).toEqual(new Map());
});

describe('a directory within layers', () => {
  const size = (path: string) => parsePathSize(path, run(layeredSize([at('up'), at('init'), at('base')], path)));
  beforeEach(() => {
    for (const layer of ['up', 'init', 'base']) mkdirSync(at(layer));
    mkdirSync(at('base/srv/www'), { recursive: true });
    writeFileSync(at('base/srv/www/a'), 'x'.repeat(50_000));
  });

  test('of the image alone, and with what the container added', () => {
    const before = size('/srv/www');
    expect(before).toMatchObject({ kind: 'directory', files: 2 });
    mkdirSync(at('up/srv/www'), { recursive: true });
    writeFileSync(at('up/srv/www/b'), 'x'.repeat(50_000));
    const after = size('/srv/www');
    expect(after.files).toBe(4);
    expect(after.bytes - before.bytes).toBeGreaterThanOrEqual(50_000);
  });

  test('a file, nothing, a directory that was deleted', () => {
    expect(size('/srv/www/a')).toMatchObject({ kind: 'file', files: 1 });
    expect(size('/srv/none')).toMatchObject({ kind: 'missing' });
    mkdirSync(at('up/srv'));
    if (spawnSync('mknod', [at('up/srv/www'), 'c', '0', '0']).status === 0) {
      expect(size('/srv/www')).toMatchObject({ kind: 'missing' });
      expect(size('/srv/www/a')).toMatchObject({ kind: 'missing' });
    }
  });

  test('never through a symbolic link, which would lead to the host’s own files', () => {
    symlinkSync('/etc', at('up/linked'));
    expect(size('/linked')).toMatchObject({ kind: 'other' });
    expect(size('/linked/ssl')).toMatchObject({ kind: 'other' });
    mkdirSync(at('base/turned/in'), { recursive: true });
    symlinkSync('/etc', at('up/turned'));
    expect(size('/turned/in')).toMatchObject({ kind: 'other' });
  });
});

test('mounts below a directory', () => {
  const mounts = parseMounts(run(mountsBelow('/proc')));
  expect(mounts).toContain('/proc');
  expect(mounts.every((mount) => mount === '/proc' || mount.startsWith('/proc/'))).toBe(true);
  expect(parseMounts(run(mountsBelow('/pro')))).toEqual([]);
});

test('every script is one that a POSIX shell can parse', () => {
  for (const { script } of [
    layerFiles("/a'b"),
    changedFiles(7, 'then'),
    layeredSize(['/a', "/b'c"], '/x y'),
    mountsBelow('/x'),
  ])
    expect(spawnSync('dash', ['-n', '-c', script], { encoding: 'utf8' }).stderr).toBe('');
  expect(execFileSync('dash', ['-c', layeredSize([], '/x').script], { encoding: 'utf8' })).toBe('missing 0 0\n');
});
