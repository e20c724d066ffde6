import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  lchownSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { manifest, manifestDifferences, manifestText, parseManifest } from '../../../src/queries/manifest.ts';
import { run, temporaryDirectory } from './run.ts';

const root = userInfo().uid === 0;
const names = ['plain', 'two words', "it's", 'new\nline', '-n', '*', 'ünïcødé', '$(id)'];

let directory: string;
const at = (name: string) => join(directory, name);
const digest = (path = directory) => parseManifest(run(manifest(path, 'directory')));

const copy = (): string => {
  const target = temporaryDirectory();
  execFileSync('cp', ['-a', `${directory}/.`, target]);
  return target;
};

beforeEach(() => {
  directory = temporaryDirectory();
  for (const name of names) writeFileSync(at(name), `content of ${name}`);
  mkdirSync(at('empty'));
  mkdirSync(at('deep/er'), { recursive: true });
  writeFileSync(at('deep/er/file'), '');
  linkSync(at('plain'), at('deep/hard link'));
  symlinkSync('../no such target', at('deep/link'));
  writeFileSync(at('sparse'), '');
  truncateSync(at('sparse'), 50_000_000);
  execFileSync('mkfifo', [at('fifo')]);
});

describe('manifest of a directory', () => {
  test('counts entries and bytes, and is the same for a copy anywhere', () => {
    const first = digest();
    expect(first.files).toBe(1 + names.length + 3 + 1 + 2 + 2);
    const bytes = names.reduce((sum, name) => sum + Buffer.byteLength(`content of ${name}`), 0);
    expect(first.bytes).toBe(50_000_000 + bytes + 'content of plain'.length);
    expect(digest(copy())).toEqual(first);
  });

  test('does not depend on the order in which the file system lists names', () => {
    const other = temporaryDirectory();
    for (const name of [...names].reverse())
      execFileSync('cp', ['-a', `--no-target-directory`, '--', at(name), join(other, name)]);
    execFileSync('cp', ['-a', '--', `${directory}/.`, other]);
    rmSync(join(other, 'deep/hard link'));
    linkSync(join(other, 'plain'), join(other, 'deep/hard link'));
    execFileSync('touch', ['-r', at('deep'), join(other, 'deep')]);
    execFileSync('touch', ['-r', directory, other]);
    expect(digest(other).digest).toBe(digest().digest);
  });

  const past = new Date('2020-01-01');
  const changes: readonly (readonly [string, () => void])[] = [
    [
      'one byte, with the same size and mtime',
      () => sameTime('plain', () => writeFileSync(at('plain'), 'Content of plain')),
    ],
    ['one byte more', () => appendFileSync(at('two words'), 'x')],
    ['one bit of a mode', () => sameTime('plain', () => chmodSync(at('plain'), 0o645))],
    ['a setuid bit', () => chmodSync(at('plain'), 0o4644)],
    ['one mtime', () => utimesSync(at('plain'), past, past)],
    ['one nanosecond', () => execFileSync('touch', ['-d', '2020-01-01T00:00:00.000000001Z', at('deep')])],
    ['an owner', () => lchownSync(at('plain'), 12_345, 0)],
    ['a group', () => lchownSync(at('plain'), 0, 12_345)],
    ["a symbolic link's owner", () => lchownSync(at('deep/link'), 12_345, 0)],
    [
      "the root's mode",
      () =>
        chmodSync(
          directory,
          0o700 + (execFileSync('stat', ['-c', '%a', directory], { encoding: 'utf8' }).trim() === '700' ? 5 : 0),
        ),
    ],
    ["the root's mtime", () => utimesSync(directory, past, past)],
    ['an empty directory gone', () => sameTime('.', () => rmSync(at('empty'), { recursive: true }))],
    ['a name', () => sameTime('.', () => renameSync(at('plain'), at('plain2')))],
    [
      'a link target',
      () =>
        sameTime('deep', () => {
          rmSync(at('deep/link'));
          symlinkSync('elsewhere', at('deep/link'));
        }),
    ],
    [
      'a hard link turned into a copy',
      () =>
        sameTime('deep', () => {
          rmSync(at('deep/hard link'));
          execFileSync('cp', ['-a', at('plain'), at('deep/hard link')]);
        }),
    ],
    [
      'a fifo turned into a file',
      () =>
        sameTime('.', () => {
          rmSync(at('fifo'));
          writeFileSync(at('fifo'), '');
        }),
    ],
  ];
  const needsRoot = /owner|group/;
  test.for(changes)('notices %s', ([name, change], { skip }) => {
    if (needsRoot.test(name) && !root) skip();
    const before = digest().digest;
    change();
    expect(digest().digest).not.toBe(before);
  });

  test('without content it notices everything but the content', () => {
    const shallow = () => run(manifest(directory, 'directory', { content: false }));
    const before = shallow();
    sameTime('plain', () => writeFileSync(at('plain'), 'Content of plain'));
    expect(shallow()).toBe(before);
    chmodSync(at('plain'), 0o640);
    expect(shallow()).not.toBe(before);
  });

  test('leaves sockets out', async () => {
    execFileSync('touch', ['-d', '2020-01-01', directory]);
    const before = digest();
    const server = createServer();
    // A path of a socket may have 107 bytes at most.
    await new Promise<void>((resolve) => server.listen(at('s'), resolve));
    execFileSync('touch', ['-d', '2020-01-01', directory]);
    expect(digest()).toEqual(before);
    server.close();
  });

  test('a missing directory is an error', () => {
    expect(() => digest('/no/such directory')).toThrow('/no/such directory');
  });

  test('what cannot be read is an error, not another digest', () => {
    // A sha256sum that fails on one file, as on a bad sector.
    const bin = temporaryDirectory();
    writeFileSync(
      join(bin, 'sha256sum'),
      '#!/bin/sh\n/usr/bin/sha256sum "$@"\ncase "$*" in *plain*) echo "plain: Input/output error" >&2; exit 1;; esac\n',
      { mode: 0o755 },
    );
    expect(() => run(manifest(directory, 'directory'), { PATH: `${bin}:${process.env.PATH}` })).toThrow(
      'Input/output error',
    );
  });

  test('the listing says what differs', () => {
    const before = run(manifestText(directory, 'directory'));
    sameTime('new\nline', () => chmodSync(at('new\nline'), 0o600));
    const differences = manifestDifferences(before, run(manifestText(directory, 'directory')));
    expect(differences.map((line) => line.slice(0, 15))).toEqual(['- new\x01line\tf 64', '+ new\x01line\tf 60']);
    sameTime('plain', () => writeFileSync(at('plain'), 'Content of plain'));
    const content = manifestDifferences(before, run(manifestText(directory, 'directory')));
    expect(content.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      '- deep/hard',
      '+ deep/hard',
      '- new\x01line\tf',
      '+ new\x01line\tf',
      '- plain\tsha256',
      '+ plain\tsha256',
    ]);
  });

  const sameTime = (name: string, change: () => void) => {
    const reference = join(temporaryDirectory(), 'time');
    execFileSync('touch', ['-r', at(name), reference]);
    change();
    if (name !== 'plain' || execFileSync('ls', [directory]).includes('plain'))
      execFileSync('touch', ['-r', reference, at(name)]);
  };
});
