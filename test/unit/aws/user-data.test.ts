import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseHostKeys } from '../../../src/aws/host-keys.ts';
import { userData } from '../../../src/aws/user-data.ts';
import { generateKeyPair } from '../../../src/ssh/keys.ts';

const script = userData({ cluster: 'ecsodus-blog', migration: 'blog' });
const hostKey = generateKeyPair('root@ip-10-0-0-1').publicKey;

let root: string;
const file = (path: string) => join(root, path);
const read = (path: string) => readFileSync(file(path), 'utf8');

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(file(path)), { recursive: true });
  writeFileSync(file(path), text);
  chmodSync(file(path), mode);
}

/** A command that notes how it was called, and does what the test says. */
const stub = (name: string, body = ':') =>
  put(`bin/${name}`, `#!/bin/bash\necho "${name} $*" >>'${root}/called'\n${body}\n`, 0o755);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'user-data-'));
  mkdirSync(file('bin'), { recursive: true });
  mkdirSync(file('usr/bin'), { recursive: true });
  for (const tool of ['bash', 'cat', 'mkdir', 'mv', 'install', 'chmod']) {
    symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), file(`bin/${tool}`));
  }
  put('etc/ssh/ssh_host_ed25519_key.pub', `${hostKey}\n`);
  put('dev/console', '');
  stub('systemctl');
  stub('sleep');
  // Installs what is asked for, as the distribution would; rsync-rrsync is no package there.
  stub(
    'dnf',
    `[ "$3" = rsync ] || exit 1\nprintf '#!/bin/bash\\n' >'${root}/bin/rsync'; chmod 755 '${root}/bin/rsync'`,
  );
  put('usr/share/doc/rsync/support/rrsync', '#!/usr/bin/python3\n');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** In a real bash, with the absolute paths moved under a root of our own and nothing on PATH but the stubs. */
function run() {
  const moved = script.replaceAll(/(?<=[\s>=])\/(etc|dev|usr)\//g, (_, top: string) => `${root}/${top}/`);
  // /dev/null stays; the console is a file, so it must not be emptied at every line.
  const text = moved
    .replaceAll(`${root}/dev/null`, '/dev/null')
    .replaceAll(`>${root}/dev/console`, `>>${root}/dev/console`);
  put('user-data', text);
  return spawnSync('/bin/bash', ['--norc', file('user-data')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    env: { PATH: `${file('bin')}:${file('usr/bin')}` },
  });
}

test('is valid bash', () => {
  expect(script.startsWith('#!/bin/bash\n')).toBe(true);
  execFileSync('bash', ['-n'], { input: script });
});

test('leaves the guards, rsync, rrsync, the agent settings and the host keys', () => {
  const { status, stderr, stdout } = run();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(read('etc/systemd/system/docker.service.d/10-data.conf')).toBe('[Unit]\nRequiresMountsFor=/data\n');
  expect(read('etc/systemd/system/ecs.service.d/10-data.conf')).toBe(
    '[Unit]\nRequiresMountsFor=/data\nAssertPathIsMountPoint=/data\n',
  );
  expect(read('etc/ecs/ecs.config').trimEnd().split('\n')).toEqual([
    'ECS_RESERVED_MEMORY=256',
    'ECS_AVAILABLE_LOGGING_DRIVERS=["json-file","journald","syslog","awslogs","fluentd","gelf","splunk","none"]',
    'ECS_INSTANCE_ATTRIBUTES={"ecsodus.migration":"blog"}',
    'ECS_CLUSTER=ecsodus-blog',
  ]);
  expect(existsSync(file('usr/bin/rrsync'))).toBe(true);
  expect(parseHostKeys(read('dev/console'))).toEqual([hostKey.split(' ').slice(0, 2).join(' ')]);
  expect(stdout).toContain('ecsodus: user-data is done');
  expect(read('called')).toContain('systemctl daemon-reload');
});

test('never starts anything: the agent waits for user-data to end', () => {
  run();
  expect(read('called').match(/systemctl.*/g)).toEqual(['systemctl daemon-reload']);
});

test('twice is as good as once', () => {
  run();
  const before = read('etc/systemd/system/ecs.service.d/10-data.conf');
  expect(run().status).toBe(0);
  expect(read('etc/systemd/system/ecs.service.d/10-data.conf')).toBe(before);
});

test('asks for a package again where the first tries fail', () => {
  stub(
    'dnf',
    `[ "$(grep -c 'dnf install -y rsync$' '${root}/called')" -ge 3 ] || exit 1; printf '#!/bin/bash\\n' >'${root}/bin/rsync'; chmod 755 '${root}/bin/rsync'`,
  );
  symlinkSync(execFileSync('which', ['grep'], { encoding: 'utf8' }).trim(), file('bin/grep'));
  expect(run().status).toBe(0);
});

test('a failure is on the console and in the log, the guards are there and the cluster is not', () => {
  stub('dnf', 'exit 1');
  const { status, stdout } = run();
  expect(status).not.toBe(0);
  expect(stdout).toMatch(/ecsodus: user-data FAILED at line \d+/);
  expect(read('dev/console')).toMatch(/ecsodus: user-data FAILED at line \d+/);
  expect(read('etc/systemd/system/ecs.service.d/10-data.conf')).toContain('AssertPathIsMountPoint=/data');
  expect(existsSync(file('etc/ecs/ecs.config'))).toBe(false);
  expect(parseHostKeys(read('dev/console'))).toHaveLength(1);
});

test('an image without any rrsync says so', () => {
  rmSync(file('usr/share/doc'), { recursive: true });
  const { status, stdout } = run();
  expect(status).toBe(1);
  expect(stdout).toContain('ecsodus: FAILED: there is no rrsync on this image');
});

test('a package with rrsync in it needs no copy', () => {
  stub(
    'dnf',
    `printf '#!/bin/bash\\n' >'${root}/bin/rsync'; cp -p '${root}/bin/rsync' '${root}/bin/rrsync'; chmod 755 '${root}'/bin/*rsync`,
  );
  symlinkSync(execFileSync('which', ['cp'], { encoding: 'utf8' }).trim(), file('bin/cp'));
  expect(run().status).toBe(0);
  expect(existsSync(file('usr/bin/rrsync'))).toBe(false);
});
