import { execFileSync, spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { hostname, totalmem, uptime } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { blockDevice, mountPoint } from '../../../src/queries/disk.ts';
import { parseFile, parsePathSizes, pathSizes, readFile } from '../../../src/queries/files.ts';
import { hostFacts, parseHostFacts } from '../../../src/queries/host-facts.ts';
import { mentions, parseMentions } from '../../../src/queries/mentions.ts';
import { commands, run, temporaryDirectory } from './run.ts';

let directory: string;
const at = (name: string) => join(directory, name);
beforeEach(() => {
  directory = temporaryDirectory();
});

test('hostFacts on this machine', () => {
  const facts = parseHostFacts(run(hostFacts('/no/such/place'), { SSH_CLIENT: '198.51.100.7 50000 22' }));
  expect(facts).toMatchObject({ hostname: hostname(), operatorAddress: '198.51.100.7' });
  expect(facts.memoryBytes / totalmem()).toBeCloseTo(1, 1);
  expect(facts.cpus).toBeGreaterThan(0);
  expect(facts.freeBytes).toBeGreaterThan(0);
  expect(facts.os.length).toBeGreaterThan(3);
  expect(facts.uptimeSeconds / uptime()).toBeCloseTo(1, 1);
  expect(facts.sentBytes).toBeGreaterThanOrEqual(0);
});

test.each([
  ['by the interface of the default route', 'eth0', 4000],
  ['by all that are not Docker’s own, where there is no such route', '', 4700],
])('sent to the world: %s', (_, outward, expected) => {
  const of = (name: string, sent: number) => `sent.${name}=9 1 0 0 0 0 0 0 ${sent} 1 0 0 0 0 0 0`;
  const interfaces = [
    of('lo', 10),
    of('eth0', 4000),
    of('eth1', 700),
    of('docker0', 80),
    of('br-1a2b', 90),
    of('veth1', 60),
  ];
  expect(parseHostFacts([`outward=${outward}`, 'uptime=86400.07', ...interfaces].join('\n'))).toMatchObject({
    sentBytes: expected,
    uptimeSeconds: 86_400,
  });
});

test('the counter is the kernel’s, of the interface with the default route', () => {
  const [, outward = ''] = /^(\S+)\t00000000/m.exec(readFileSync('/proc/net/route', 'utf8')) ?? [];
  const text = run(hostFacts());
  expect(text).toContain(`outward=${outward}\n`);
  for (const name of readdirSync('/sys/class/net')) expect(text).toMatch(new RegExp(`^sent\\.${name}=\\d`, 'm'));
});

test.each([
  ['rsync  version 3.2.7  protocol version 31', '3.2.7'],
  ['rsync  version v3.4.1  protocol version 32', 'v3.4.1'],
])('rsync version %s', (line, expected) => {
  expect(parseHostFacts(run(hostFacts(), commands({ rsync: `echo '${line}'` }))).rsyncVersion).toBe(expected);
});

test.each([
  ['Inodes IFree\n6400 0', 0],
  ['Inodes IFree\n 6400  5000', 5000],
  ['Inodes IFree\n     0     0', Number.POSITIVE_INFINITY],
  ['Inodes IFree\n     -     -', Number.POSITIVE_INFINITY],
])('names left, where df says %j', (said, expected) => {
  expect(parseHostFacts(run(hostFacts(), commands({ df: `echo '${said}'` }))).freeFiles).toBe(expected);
});

test('no rsync, no SSH_CLIENT', () => {
  const facts = parseHostFacts(run(hostFacts(), { ...commands({ rsync: 'exit 127' }), SSH_CLIENT: '' }));
  expect(facts).toMatchObject({ rsyncVersion: undefined, operatorAddress: '' });
});

describe('pathSizes', () => {
  const sizes = (paths: readonly string[]) => parsePathSizes(paths, run(pathSizes(paths)));
  const size = (path: string) => sizes([path])[0];

  test('allocated bytes: holes and second links do not count; every entry does', () => {
    writeFileSync(at('a\nb'), 'x'.repeat(100_000));
    linkSync(at('a\nb'), at('c'));
    writeFileSync(at('sparse'), '');
    truncateSync(at('sparse'), 1_000_000_000);
    const found = size(directory);
    expect(found).toMatchObject({ kind: 'directory', files: 4 });
    const counted = execFileSync('sh', ['-c', 'du -s --block-size=1 -- "$0"', directory], { encoding: 'utf8' });
    expect(found?.bytes).toBe(Number(counted.split('\t')[0]));
    expect(found?.bytes).toBeGreaterThanOrEqual(100_000);
    expect(found?.bytes).toBeLessThan(200_000);
  });

  test('each of several for itself, one within another too', () => {
    mkdirSync(at('a\n b/c'), { recursive: true });
    writeFileSync(at('a\n b/c/file'), 'x'.repeat(50_000));
    linkSync(at('a\n b/c/file'), at('a\n b/link'));
    const paths = ['none', 'a\n b/c', 'a\n b', 'a\n b/link'].map(at);
    const [none, inner, outer, link] = sizes(paths);
    expect(sizes(paths).map(({ path, kind, files }) => [path, kind, files])).toEqual([
      [paths[0], 'missing', 0],
      [paths[1], 'directory', 2],
      [paths[2], 'directory', 4],
      [paths[3], 'file', 1],
    ]);
    expect(none?.bytes).toBe(0);
    expect(link?.bytes).toBeGreaterThanOrEqual(50_000);
    expect((outer?.bytes ?? 0) - (inner?.bytes ?? 0)).toBeLessThan(50_000);
  });

  test('file, link to a directory, fifo, missing', () => {
    writeFileSync(at('-f'), 'x');
    mkdirSync(at('d'));
    symlinkSync('d', at('link'));
    execFileSync('mkfifo', [at('fifo')]);
    expect(size(at('-f'))).toMatchObject({ kind: 'file', files: 1 });
    expect(size(at('link'))).toMatchObject({ kind: 'directory', files: 1 });
    expect(size(at('fifo'))).toEqual({ path: at('fifo'), kind: 'other', bytes: 0, files: 1 });
    symlinkSync('nowhere', at('dangling'));
    for (const missing of ['none', 'dangling'].map(at))
      expect(size(missing)).toEqual({ path: missing, kind: 'missing', bytes: 0, files: 0 });
    expect(sizes([])).toEqual([]);
  });
});

describe('mentions', () => {
  const found = (path: string, words: readonly string[]) => parseMentions(run(mentions(path, words)), words);

  test.each([
    ['proxy_pass http://web:8080;', ['web']],
    ['DB_HOST=my-db', ['my-db']],
    ['see my-db-2', []],
    ['webserver web_1 xweb', []],
    ['web.example.com db.internal', []],
    ['The host is web. And db.', ['web', 'db']],
    ['"web","db"', ['web', 'db']],
    ['a.b', ['a.b']],
    ['aXb', []],
    ['nothing', []],
  ])('%j', (text, expected) => {
    writeFileSync(at('conf'), text);
    const words = found(directory, ['web', 'db', 'my-db', 'a.b']).map(({ name }) => name);
    expect(words).toEqual(expected);
  });

  test.each<[string, string]>([
    ['proxy_pass http://web:8080;', 'web:8080 strong'],
    ['proxy_pass http://web;', 'web strong'],
    ['server web;', 'web strong'],
    ['fastcgi_pass web:9000;', 'web:9000 strong'],
    ['postgres://u:hunter2@db/blog', 'db strong'],
    [`define( 'DB_HOST', 'db' );`, 'db strong'],
    [`'host' => 'db',`, 'db strong'],
    ['  hostname: db', 'db strong'],
    ['user web;', 'web'],
    ['root /var/www/web;', ''],
    ['listen 10.0.0.7:80', '10.0.0.7:80 strong'],
    ['# old: fd00::7', 'fd00::7'],
    ['Allow 10.0.0.70', ''],
  ])('%j says %s', (text, expected) => {
    writeFileSync(at('conf'), text);
    const said = found(directory, ['web', 'db', '10.0.0.7', 'fd00::7']);
    expect(
      said.map(({ name, port, strong }) => `${name}${port ? `:${port}` : ''}${strong ? ' strong' : ''}`).join(),
    ).toBe(expected);
  });

  test('nasty file names, binary and large files, a single file, nothing at all', () => {
    writeFileSync(at('new\nline $(id)'), 'web');
    writeFileSync(at('binary'), 'web\0web');
    writeFileSync(at('large'), 'web\n'.repeat(100_000));
    expect(found(directory, ['web'])).toEqual([{ file: at('new\nline $(id)'), name: 'web', strong: false }]);
    expect(found(at('new\nline $(id)'), ['web', 'no'])).toHaveLength(1);
    expect(found(at('none'), ['web'])).toEqual([]);
    expect(found(directory, [])).toEqual([]);
    expect(found(temporaryDirectory(), ['web'])).toEqual([]);
  });
});

test('readFile tells a missing file from an empty one', () => {
  writeFileSync(at('empty'), '');
  writeFileSync(at('text'), 'missing\n');
  expect(parseFile(run(readFile(at('empty'))))).toBe('');
  expect(parseFile(run(readFile(at('text'))))).toBe('missing\n');
  expect(parseFile(run(readFile(at('none'))))).toBeUndefined();
});

test('every script is one that a POSIX shell can parse', () => {
  for (const query of [
    hostFacts(),
    pathSizes(['/x']),
    mentions('/x', ['a', "b'c"]),
    blockDevice('vol-1'),
    mountPoint('/x'),
  ]) {
    expect(spawnSync('dash', ['-n', '-c', query.script], { encoding: 'utf8' }).stderr).toBe('');
  }
});
