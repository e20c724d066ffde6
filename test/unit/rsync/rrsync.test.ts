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
import { manifestCommand } from '../../../src/proof/manifest.ts';
import { rsyncArguments, type Transfer } from '../../../src/rsync/arguments.ts';
import { parseProgress } from '../../../src/rsync/progress.ts';
import { sh } from '../../../src/shell.ts';
import { transfer } from './transfer.ts';

const stat = (output: string, label: string): number =>
  Number(new RegExp(`^${label}: ([\\d,]+)`, 'm').exec(output)?.[1]?.replaceAll(',', ''));

const commandOf = (changes: Transfer): string => sh`${rsyncArguments(changes)}`;

const rrsync = '/usr/bin/rrsync';
const canRun = existsSync('/usr/bin/rsync') && existsSync(rrsync) && process.getuid?.() === 0;

/** A real rsync to a real rrsync, over an `ssh` that only joins the two. */
describe.skipIf(!canRun)('rsync through rrsync', { timeout: 60_000 }, () => {
  let directory: string;
  const at = (...names: string[]) => join(directory, ...names);
  const digest = (path: string, kind: 'directory' | 'file') =>
    execFileSync('sh', ['-c', manifestCommand({ path, kind, store: at('store'), mode: 'still' })], {
      encoding: 'utf8',
    });
  const run = (changes: Partial<Transfer>) => {
    const RRSYNC_MODE = changes.direction === 'pull' ? '-ro' : '-wo';
    const command = commandOf({ ...transfer, from: at('source'), rsyncVersion: '3.2.7', ...changes });
    return spawnSync('sh', ['-c', command], {
      encoding: 'utf8',
      env: { ...process.env, RRSYNC_MODE, LC_ALL: 'C', PATH: `${at('bin')}:${process.env.PATH}` },
    });
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ecsodus-rsync-'));
    for (const name of ['bin', 'source/sub dir', 'data/volumes', 'data/binds'])
      mkdirSync(at(name), { recursive: true });
    // What sshd does for a forced command: the client's words, joined, in SSH_ORIGINAL_COMMAND.
    writeFileSync(
      at('bin/ssh'),
      `#!/bin/sh\nwhile [ "$1" != ec2-user ] && [ "$1" != 203.0.113.9 ]; do shift; done\nwhile [ "$1" != rsync ]; do shift; done\nSSH_ORIGINAL_COMMAND="$*" exec ${rrsync} "$RRSYNC_MODE" -no-lock ${at('data')}\n`,
    );
    chmodSync(at('bin/ssh'), 0o755);
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
    writeFileSync(at('names'), ['file', 'sub dir/hot', 'gone', ''].join('\0'));
    const { status, stderr } = run({ distrustTimes: { names: at('names') } });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const there = (name: string) => readFileSync(at('data/volumes/db', name), 'utf8');
    expect([there('file'), there('sub dir/hot'), there('cold')]).toEqual(['now', 'now', 'old']);
    expect(there('sub dir/hard'), 'the same file by another name').toBe('now');
  });

  test('back again, through a read-only rrsync', () => {
    run({});
    writeFileSync(at('data/volumes/db/new on target'), 'x');
    rmSync(at('data/volumes/db/link'));
    const { status, stderr } = run({ direction: 'pull' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(digest(at('source'), 'directory')).toBe(digest(at('data/volumes/db'), 'directory'));
  });

  test('an interrupted pass leaves nothing but the files themselves', () => {
    writeFileSync(at('source/large'), Buffer.alloc(20_000_000, 'x'));
    const command = commandOf({ ...transfer, from: at('source'), bandwidthKibps: 2000 });
    const env = { ...process.env, RRSYNC_MODE: '-wo', LC_ALL: 'C', PATH: `${at('bin')}:${process.env.PATH}` };
    spawnSync('sh', ['-c', `exec timeout 1 ${command}`], { env });
    expect(existsSync(at('data/volumes/db'))).toBe(true);
    expect(run({}).status).toBe(0);
    expect(digest(at('data/volumes/db'), 'directory')).toBe(digest(at('source'), 'directory'));
  });
});
