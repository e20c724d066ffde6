import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { receiver, sender } from '../../../src/data-key.ts';
import { manifestCommand } from '../../../src/proof/manifest.ts';
import { rsyncArguments, sparseOption, type Transfer } from '../../../src/rsync/arguments.ts';
import { parseProgress } from '../../../src/rsync/progress.ts';
import { sh } from '../../../src/shell.ts';
import { transfer } from './transfer.ts';

const stat = (output: string, label: string): number =>
  Number(new RegExp(`^${label}: ([\\d,]+)`, 'm').exec(output)?.[1]?.replaceAll(',', ''));

/** With the option that the copy's script adds where there are holes. */
const commandOf = (changes: Transfer): string => sh`${rsyncArguments(changes).toSpliced(1, 0, sparseOption)}`;

/** A real rsync to the forced commands of the target, over an `ssh` that only joins the two. */
describe('rsync to the daemon of the forced command', { timeout: 60_000 }, () => {
  let directory: string;
  const at = (...names: string[]) => join(directory, ...names);
  const digest = (path: string, kind: 'directory' | 'file') =>
    execFileSync('sh', ['-c', manifestCommand({ path, kind, store: at('store'), mode: 'still' })], {
      encoding: 'utf8',
    });
  const run = (changes: Partial<Transfer>) => {
    const COMMAND = at(changes.direction === 'pull' ? 'send' : 'receive');
    writeFileSync(at('data/.ecsodus/owner'), changes.direction === 'pull' ? 'target' : 'source');
    const command = commandOf({ ...transfer, from: at('source'), rsyncVersion: '3.2.7', ...changes });
    return spawnSync('sh', ['-c', command], {
      encoding: 'utf8',
      env: { ...process.env, COMMAND, LC_ALL: 'C', PATH: `${at('bin')}:${process.env.PATH}` },
    });
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ecsodus-rsync-'));
    for (const name of ['bin', 'source/sub dir', 'data/volumes', 'data/binds', 'data/.ecsodus'])
      mkdirSync(at(name), { recursive: true });
    // What sshd does for a forced command: whatever the client asked for, this runs.
    for (const [name, script] of [
      ['receive', receiver()],
      ['send', sender()],
    ] as const)
      writeFileSync(at(name), script.replaceAll('/data', at('data')));
    for (const [name, script] of [
      ['ssh', 'exec sh "$COMMAND"'],
      ['mountpoint', 'exit 0'],
    ] as const) {
      writeFileSync(at('bin', name), `#!/bin/sh\n${script}\n`);
      chmodSync(at('bin', name), 0o755);
    }
    writeFileSync(at('data/.ecsodus/owner'), 'source');
    writeFileSync(at('source/file'), 'content');
    writeFileSync(at("source/sub dir/it's new\nline"), 'x');
    linkSync(at('source/file'), at('source/sub dir/hard'));
    symlinkSync('/nowhere', at('source/link'));
    writeFileSync(at('source/sparse'), '');
    truncateSync(at('source/sparse'), 30_000_000);
    execFileSync('chown', ['1234:5678', at('source/file')]);
    chmodSync(at('source'), 0o2750);
  });

  test('a directory arrives whole, and a second pass has nothing to do', () => {
    const first = run({});
    expect(first.stderr).toBe('');
    expect(first.stdout.split(/[\r\n]/).some((line) => parseProgress(line)?.doneBytes === 30_000_008)).toBe(true);
    expect(stat(first.stdout, 'Number of regular files transferred')).toBe(3);
    expect(digest(at('data/volumes/db'), 'directory')).toBe(digest(at('source'), 'directory'));
    expect(statSync(at('data/volumes/db/sparse')).blocks).toBeLessThan(1000);
    expect(stat(run({}).stdout, 'Number of regular files transferred')).toBe(0);
  });

  test('the delta: changed, deleted, and a target that was written to', () => {
    run({});
    writeFileSync(at('source/file'), 'changed');
    rmSync(at("source/sub dir/it's new\nline"));
    writeFileSync(at('data/volumes/db/foreign'), 'not from the source');
    const { status, stdout } = run({});
    expect(status).toBe(0);
    expect(stat(stdout, 'Number of deleted files')).toBe(2);
    expect(digest(at('data/volumes/db'), 'directory')).toBe(digest(at('source'), 'directory'));
  });

  test('a single file, sent again after it changed, and names that need quoting', () => {
    const name = "my $app's [1] (ü)";
    const from = at('source', `${name}.conf`);
    symlinkSync(from, at('source/to file'));
    for (const content of ['content', 'other content']) {
      writeFileSync(from, content);
      const { status, stderr } = run({ from, kind: 'file', to: `binds/${name}.conf` });
      expect(status, stderr).toBe(0);
      expect(readFileSync(at('data/binds', `${name}.conf`), 'utf8')).toBe(content);
      expect(digest(at('data/binds', `${name}.conf`), 'file')).toBe(digest(from, 'file'));
    }
    expect(readdirSync(at('data/binds'))).toEqual([`${name}.conf`]);
    expect(run({ from: at('source/to file'), kind: 'file', to: 'binds/to file' }).status).toBe(0);
    expect(lstatSync(at('data/binds/to file')).isFile()).toBe(true);
    expect(run({ to: `binds/${name}` }).status).toBe(0);
    expect(digest(at('data/binds', name), 'directory')).toBe(digest(at('source'), 'directory'));
  });

  test('written again within the second it was sent in, with the same size', () => {
    writeFileSync(at('source/file'), 'earlier');
    execFileSync('touch', ['-d', '2024-01-01T00:00:00.1Z', at('source/file')]);
    run({});
    writeFileSync(at('source/file'), 'later  ');
    execFileSync('touch', ['-d', '2024-01-01T00:00:00.2Z', at('source/file')]);
    expect(run({}).status).toBe(0);
    expect(readFileSync(at('data/volumes/db/file'), 'utf8')).toBe('later  ');
  });

  test('names whose times say nothing are compared by content, and no others', () => {
    run({});
    writeFileSync(at('source/gone'), '');
    for (const name of ['file', 'sub dir/hot', 'cold']) {
      for (const [root, content] of [
        ['source', 'now'],
        ['data/volumes/db', 'old'],
      ] as const) {
        writeFileSync(at(root, name), content);
        execFileSync('touch', ['-d', '2024-01-01', at(root, name)]);
      }
    }
    rmSync(at('source/gone'));
    writeFileSync(at('names'), ['file', 'sub dir/hard', 'sub dir/hot', 'gone', ''].join('\0'));
    const { status, stderr } = run({ names: at('names'), distrustTimes: true });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const there = (name: string) => readFileSync(at('data/volumes/db', name), 'utf8');
    expect([there('file'), there('sub dir/hot'), there('cold')]).toEqual(['now', 'now', 'old']);
    expect(there('sub dir/hard'), 'the same file by another name').toBe('now');
  });

  test("labels that the target's SELinux gave stay, in every kind of pass", () => {
    run({});
    const paths = ['.', 'file', 'sub dir'].map((name) => at('data/volumes/db', name));
    for (const path of paths) execFileSync('setfattr', ['-n', 'security.selinux', '-v', 'label', path]);
    const labels = () =>
      paths.map((path) =>
        execFileSync('getfattr', ['-n', 'security.selinux', '--only-values', path], { encoding: 'utf8' }),
      );
    execFileSync('touch', [at('source/sub dir'), at('source')]);
    chmodSync(at('source/file'), 0o600);
    expect(run({}).status).toBe(0);
    expect(labels()).toEqual(['label', 'label', 'label']);
    execFileSync('touch', [at('source/sub dir'), at('source')]);
    chmodSync(at('source/file'), 0o640);
    writeFileSync(at('names'), ['file', 'sub dir/hard', ''].join('\0'));
    expect(run({ names: at('names'), inPlace: true }).status).toBe(0);
    expect(labels()).toEqual(['label', 'label', 'label']);
  });

  test('devices, FIFOs and sockets arrive too', () => {
    execFileSync('sh', [
      '-c',
      `cd "$1" && mkfifo fifo && mknod device b 7 99 && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("s")'`,
      'sh',
      at('source'),
    ]);
    const { status, stderr } = run({});
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(digest(at('data/volumes/db'), 'directory')).toBe(digest(at('source'), 'directory'));
  });

  test('nothing outside of /data, and nothing that is ours in it', () => {
    const outside = (to: string) => run({ to }).status;
    symlinkSync(at('bin'), at('data/volumes/way out'));
    const before = readdirSync(at('bin'));
    expect(outside('.ecsodus')).not.toBe(0);
    outside('volumes/way out');
    outside('../bin');
    expect(readdirSync(at('bin'))).toEqual(before);
    expect(readdirSync(at('data/.ecsodus')).sort()).toEqual(['owner', 'receiving']);
    expect(run({ from: at('source'), to: '' }).status).toBe(0);
    expect(readdirSync(at('data/.ecsodus')), 'not deleted either').toContain('owner');
  });

  test('back again, through a read-only rsync', () => {
    run({});
    writeFileSync(at('data/volumes/db/new on target'), 'x');
    rmSync(at('data/volumes/db/link'));
    const { status, stderr } = run({ direction: 'pull' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(digest(at('source'), 'directory')).toBe(digest(at('data/volumes/db'), 'directory'));
  });

  test('an interrupted pass leaves nothing but the files themselves', () => {
    writeFileSync(at('source/large'), Buffer.alloc(20_000_000, 'x'));
    const command = commandOf({ ...transfer, from: at('source'), bandwidthKibps: 2000, inPlace: true });
    const env = { ...process.env, COMMAND: at('receive'), LC_ALL: 'C', PATH: `${at('bin')}:${process.env.PATH}` };
    spawnSync('sh', ['-c', `exec timeout 1 ${command}`], { env });
    expect(existsSync(at('data/volumes/db'))).toBe(true);
    expect(run({}).status).toBe(0);
    expect(digest(at('data/volumes/db'), 'directory')).toBe(digest(at('source'), 'directory'));
  });
});
