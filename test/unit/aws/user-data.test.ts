import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseHostKeys } from '../../../src/aws/host-keys.ts';
import { firstBootMark, userData } from '../../../src/aws/user-data.ts';
import { generateKeyPair } from '../../../src/ssh/keys.ts';

const settings = { cluster: 'ecsodus-blog', migration: 'blog' };
const script = userData(settings);
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
  for (const tool of ['bash', 'cat', 'mkdir', 'mv', 'install', 'chmod', 'grep']) {
    symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), file(`bin/${tool}`));
  }
  put('etc/ssh/ssh_host_ed25519_key.pub', `${hostKey}\n`);
  put('dev/console', '');
  stub('systemctl');
  stub('sleep');
  // Installs what is asked for, as the distribution would.
  stub(
    'dnf',
    `[ "$3" = rsync ] || exit 1\nprintf '#!/bin/bash\\n' >'${root}/bin/rsync'; chmod 755 '${root}/bin/rsync'`,
  );
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** In a real bash, with the absolute paths moved under a root of our own and nothing on PATH but the stubs. */
function run(text = script) {
  const moved = text
    .replaceAll('/swapfile', `${root}/swapfile`)
    .replaceAll(/(?<=[\s>=])\/(etc|dev|usr)\//g, (_, top: string) => `${root}/${top}/`);
  // /dev/null stays; the console is a file, so it must not be emptied at every line.
  const script = moved
    .replaceAll(`${root}/dev/null`, '/dev/null')
    .replaceAll(`${root}/dev/zero`, '/dev/zero')
    .replaceAll(`>${root}/dev/console`, `>>${root}/dev/console`);
  put('user-data', script);
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

test('leaves the guards, rsync, the agent settings and the host keys', () => {
  const { status, stderr, stdout } = run();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(read('etc/systemd/system/docker.service.d/10-data.conf')).toBe('[Unit]\nRequiresMountsFor=/data\n');
  expect(read('etc/systemd/system/ecs.service.d/10-data.conf')).toBe(
    `[Unit]\nRequiresMountsFor=/data\nAssertPathIsMountPoint=/data\nAssertFileNotEmpty=${root}/etc/ecs/ecs.config\n`,
  );
  expect(read('etc/ecs/ecs.config').trimEnd().split('\n')).toEqual([
    'ECS_RESERVED_MEMORY=256',
    'ECS_AVAILABLE_LOGGING_DRIVERS=["json-file","journald","syslog","awslogs","fluentd","gelf","splunk","none"]',
    'ECS_INSTANCE_ATTRIBUTES={"ecsodus.migration":"blog"}',
    'ECS_CLUSTER=ecsodus-blog',
  ]);
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

describe('instance.setup', () => {
  const withSetup = (setup: string) => run(userData({ ...settings, setup }));

  test('runs in a shell of its own, after rsync and before the cluster is named', () => {
    const lines = `echo "it's \${HOME:-homeless} $1" >'${root}/ran'
[ -e '${root}/bin/rsync' ] && [ ! -e /etc/ecs/ecs.config ] && say 'from setup'
cd /; umask 077; set +e; false; exit 0`;
    const { status, stdout, stderr } = withSetup(lines);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(read('ran')).toBe("it's homeless \n");
    expect(stdout).toMatch(/ecsodus: from setup\n[\s\S]*ecsodus: instance.setup is done\n/);
    expect(read('etc/ecs/ecs.config')).toContain('ECS_CLUSTER=ecsodus-blog');
  });

  test.each<[string, string, string]>([
    ['a line', 'true\nfalse\ntouch after', 'instance.setup FAILED at line 2: false'],
    ['a pipe', 'false | cat', 'instance.setup FAILED at line 1'],
    ['a function', 'f() {\n  false\n}\nf', 'instance.setup FAILED at line 2: false'],
    ['its end', 'exit 7', 'instance.setup FAILED with exit 7: no agent'],
    ['its grammar', 'if true; then', 'instance.setup FAILED with exit'],
  ])('%s that fails is told on the console, and there is no agent', (_, setup, message) => {
    const { status, stdout } = withSetup(setup);
    expect(status).toBe(1);
    expect(stdout).toContain(message);
    expect(read('dev/console')).toContain(message);
    expect(stdout).not.toContain('user-data is done');
    expect(existsSync(file('after'))).toBe(false);
    expect(existsSync(file('etc/ecs/ecs.config'))).toBe(false);
    expect(read('etc/systemd/system/ecs.service.d/10-data.conf')).toContain('AssertFileNotEmpty=');
    expect(parseHostKeys(read('dev/console'))).toHaveLength(1);
  });
});

describe('swap', () => {
  const withSwap = () => run(userData({ ...settings, swapMib: 96 }));
  beforeEach(() => {
    put('etc/fstab', 'UUID=x / xfs defaults 0 0\n');
    stub('dd');
    stub('mkswap');
    stub('swapon', `[ "$1" != --show=NAME ] || cat '${root}/swaps' 2>/dev/null || :`);
  });
  const called = (name: string) => read('called').match(new RegExp(`^${name} .*`, 'gm')) ?? [];

  test('is a file of that size, for root alone, on at every boot', () => {
    const { status, stderr } = withSwap();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(called('dd')).toEqual([`dd if=/dev/zero of=${root}/swapfile.new bs=1M count=96 status=none`]);
    expect(called('mkswap')).toEqual([`mkswap ${root}/swapfile.new`]);
    expect(called('swapon').at(-1)).toBe(`swapon ${root}/swapfile`);
    expect(statSync(file('swapfile')).mode & 0o777).toBe(0o600);
    expect(read('etc/fstab')).toBe(`UUID=x / xfs defaults 0 0\n${root}/swapfile none swap defaults 0 0\n`);
    expect(read('called').indexOf('swapon')).toBeGreaterThan(read('called').indexOf('dnf'));
  });

  test('twice is as good as once', () => {
    withSwap();
    put('swaps', `${root}/swapfile\n`);
    expect(withSwap().status).toBe(0);
    expect([called('dd').length, called('mkswap').length]).toEqual([1, 1]);
    expect(called('swapon').filter((call) => !call.includes('--show'))).toHaveLength(1);
    expect(read('etc/fstab').match(/swapfile/g)).toHaveLength(1);
  });

  test.each(['dd', 'mkswap', 'swapon'])('where %s fails it is told, and the agent starts all the same', (command) => {
    stub(command, 'exit 1');
    const { status, stdout } = withSwap();
    expect(status).toBe(0);
    expect(stdout).toContain('ecsodus: there is no swap');
    expect(stdout).not.toContain('user-data FAILED');
    expect(read('etc/fstab')).not.toContain('swapfile');
    expect(read('etc/ecs/ecs.config')).toContain('ECS_CLUSTER=ecsodus-blog');
  });

  test('there is none where nobody asked', () => {
    run(userData({ ...settings, swapMib: 0 }));
    expect(read('called')).not.toContain('swapon');
  });
});

test('the mark of a first boot changes with what is asked of it', () => {
  expect(firstBootMark({})).toBeUndefined();
  expect(firstBootMark({ swapMib: 0 })).toBeUndefined();
  const marks = [{ swapMib: 1 }, { swapMib: 2 }, { setup: '' }, { setup: 'x' }, { swapMib: 1, setup: 'x' }].map(
    firstBootMark,
  );
  expect(new Set(marks).size).toBe(5);
  expect(marks.every((mark) => /^[0-9a-f]{12}$/.test(mark ?? ''))).toBe(true);
});
