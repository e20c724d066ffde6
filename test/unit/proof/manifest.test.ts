import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Manifest, type ManifestMode, manifestCommand, parseManifest } from '../../../src/proof/manifest.ts';

const names = ['plain', 'two words', "it's", 'new\nline', '-n', '*', 'ünïcødé', '$(id)', 'a-b', 'a.b'];

let directory: string;
const at = (name: string) => join(directory, name);
const shell = (script: string) => execFileSync('sh', ['-c', script, 'sh', directory], { encoding: 'utf8' });

function read(
  path = directory,
  { store = mkdtempSync(join(tmpdir(), 'proof-')), mode = 'still' as ManifestMode } = {},
): Manifest {
  const kind = path.endsWith('two words') ? 'file' : 'directory';
  const { status, stdout, stderr } = spawnSync('sh', ['-c', manifestCommand({ path, kind, store, mode })], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return parseManifest(stdout);
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'proof-'));
  for (const name of names) writeFileSync(at(name), `content of ${name}`);
  mkdirSync(at('empty'));
  mkdirSync(at('a/er'), { recursive: true });
  writeFileSync(at('a/er/file'), '');
  linkSync(at('plain'), at('a/hard link'));
  symlinkSync('../no such target', at('a/link'));
  writeFileSync(at('sparse'), '');
  truncateSync(at('sparse'), 5_000_000);
  shell(`cd "$1" && mkfifo fifo && mknod device c 1 3 && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("s")' &&
printf x > "$(printf 'bad\\377name')" && setfattr -n user.origin -v here plain && setfacl -m u:33:r 'two words' && setfacl -d -m g:7:rx a`);
});

describe('manifest of a directory', () => {
  test('counts entries and bytes, and is the same for a copy anywhere', () => {
    const first = read();
    expect(first.files).toBe(1 + names.length + 1 + 2 + 3 + 5);
    const bytes = names.reduce((sum, name) => sum + Buffer.byteLength(`content of ${name}`), 0);
    expect(first.bytes).toBe(5_000_000 + bytes + 1);
    const copy = mkdtempSync(join(tmpdir(), 'proof-'));
    shell(`rsync -aHAXS --modify-window=-1 "$1/" '${copy}'`);
    expect(read(copy)).toEqual(first);
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
    ['one nanosecond', () => shell(`touch -d 2020-01-01T00:00:00.000000001Z "$1/a"`)],
    ['an owner', () => lchownSync(at('plain'), 12_345, 0)],
    ['a group above 65536', () => lchownSync(at('plain'), 0, 123_456)],
    ["a symbolic link's owner", () => lchownSync(at('a/link'), 12_345, 0)],
    ["the root's mode", () => chmodSync(directory, 0o751)],
    ["the root's mtime", () => utimesSync(directory, past, past)],
    ['an empty directory gone', () => sameTime('.', () => rmSync(at('empty'), { recursive: true }))],
    ['a name', () => sameTime('.', () => renameSync(at('plain'), at('plain2')))],
    ['a link target', () => sameTime('a', () => shell('cd "$1/a" && ln -sfn elsewhere link'))],
    [
      'a hard link turned into a copy',
      () => sameTime('a', () => shell('cd "$1/a" && rm "hard link" && cp -a ../plain "hard link"')),
    ],
    ['a fifo turned into a file', () => sameTime('.', () => shell('cd "$1" && rm fifo && : > fifo'))],
    ['a device number', () => sameTime('.', () => shell('cd "$1" && rm device && mknod device c 1 5'))],
    ['a socket gone', () => sameTime('.', () => rmSync(at('s')))],
    ['an extended attribute', () => shell('setfattr -n user.origin -v there "$1/plain"')],
    ['an access list', () => shell('setfacl -m u:33:rw "$1/two words"')],
    ['a default access list', () => shell('setfacl -d -m g:8:rx "$1/a"')],
    [
      'a capability',
      () => shell('setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 "$1/*"'),
    ],
  ];
  test.each(changes)('notices %s, with and without an earlier reading', (_, change) => {
    const [fresh, store] = [mkdtempSync(join(tmpdir(), 'proof-')), mkdtempSync(join(tmpdir(), 'proof-'))];
    const before = read(directory, { store }).digest;
    change();
    expect(read(directory, { store }).digest).not.toBe(before);
    expect(read(directory, { store: fresh }).digest).not.toBe(before);
  });

  test("leaves out the label that the target's SELinux gives", () => {
    const before = read();
    shell('setfattr -n security.selinux -v system_u:object_r:container_file_t:s0 "$1/plain"');
    expect(read().digest).toBe(before.digest);
  });

  test('reads a file with many names once', () => {
    linkSync(at('two words'), at('a/another'));
    expect(read().readFiles).toBe(names.length + 3);
  });

  test('a missing directory is an error, and so is one that cannot be read', () => {
    expect(() => read('/no/such directory')).toThrow('/no/such directory: No such file or directory');
  });

  test('a file of several names is told by its first one, also when that changes', () => {
    const store = mkdtempSync(join(tmpdir(), 'proof-'));
    read(directory, { store });
    shell('cd "$1" && mv a z');
    const [again, fresh] = [read(directory, { store }), read()];
    expect(again.digest).toBe(fresh.digest);
  });

  test('trusts no time that lies within the clock', () => {
    const store = mkdtempSync(join(tmpdir(), 'proof-'));
    writeFileSync(at('hot'), 'now');
    read(directory, { store, mode: 'live' });
    sameTime('hot', () => writeFileSync(at('hot'), 'Now'));
    expect(read(directory, { store }).digest).toBe(read().digest);
  });

  test('a list cut off by a crash is written anew', () => {
    const store = mkdtempSync(join(tmpdir(), 'proof-'));
    const first = read(directory, { store });
    truncateSync(join(store, 'manifest'), 100);
    expect(read(directory, { store }).digest).toBe(first.digest);
  });

  test('waits for a reading into the same list that an earlier run left behind', () => {
    const store = mkdtempSync(join(tmpdir(), 'proof-'));
    const reading = manifestCommand({ path: directory, kind: 'directory', store, mode: 'still' });
    const said = shell(
      `flock '${store}' sh -c 'sleep 0.5; echo the earlier one' & sleep 0.2; ${reading} >/dev/null; echo the later one; wait`,
    );
    expect(said).toBe('the earlier one\nthe later one\n');
  });

  const sameTime = (name: string, change: () => void) => {
    const reference = join(mkdtempSync(join(tmpdir(), 'proof-')), 'time');
    execFileSync('touch', ['-r', at(name), reference]);
    change();
    execFileSync('sh', ['-c', 'test ! -e "$2" || touch -r "$1" "$2"', 'sh', reference, at(name)]);
  };
});

describe('manifest of a file', () => {
  test('is the same under another name, and notices content and mode', () => {
    const other = join(mkdtempSync(join(tmpdir(), 'proof-')), 'two words');
    execFileSync('cp', ['-a', at('two words'), other]);
    const before = read(at('two words'));
    expect(before).toMatchObject({ files: 1, bytes: 20 });
    expect(read(other)).toEqual(before);
    chmodSync(other, 0o600);
    expect(read(other).digest).not.toBe(before.digest);
  });
});
