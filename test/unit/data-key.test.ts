import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { authorizedLine, authorizeScript, receiver, removeAuthorizationScript, sender } from '../../src/data-key.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'data-key-'));
  mkdirSync(join(root, 'data/.ecsodus'), { recursive: true });
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'home/.ssh'), { recursive: true });
  command('mountpoint', 'exit 0');
  command('rsync', 'echo "rsync $*"; cat <&3');
  command('getent', `echo "ec2-user:x:1000:1000::${root}/home:/bin/sh"`);
  command('chown', 'exit 0');
});

const command = (name: string, script: string) => {
  writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, 'bin', name), 0o755);
};

/** Runs a script with /data in the test's folder, and an rsync that only shows what it is told. */
function run(script: string, { owner = 'source', asked = '', input = '' } = {}) {
  writeFileSync(join(root, 'data/.ecsodus/owner'), `${owner}\n`);
  const here = script.replaceAll('/data', `${root}/data`);
  const env = { ...process.env, PATH: `${root}/bin:${process.env.PATH}`, SSH_ORIGINAL_COMMAND: asked };
  return spawnSync('sh', ['-c', here], { encoding: 'utf8', env, input });
}

describe('what a temporary key may do', () => {
  it.each([
    ['receive while the source owns the data', receiver(), 'source', 0, 'write only = yes'],
    ['not receive once the target does', receiver(), 'target', 1, 'the target owns the data'],
    ['not receive where the fence says nothing', receiver(), '', 1, ''],
    ['be read from while the target owns the data', sender(), 'target', 0, 'read only = yes'],
    ['not be read from once the source does again', sender(), 'source', 1, 'the source owns the data'],
  ])('%s', (_, script, owner, code, said) => {
    const { status, stdout, stderr } = run(script, { owner, asked: 'rsync --server' });
    expect(status).toBe(code);
    expect(stdout + stderr).toContain(said);
    expect(stdout.includes('rsync --server --daemon')).toBe(code === 0);
  });

  it('tell how fast bytes arrive', () => {
    const { stdout } = run(receiver(), { asked: 'ecsodus-probe', input: 'x'.repeat(100_000) });
    expect(stdout).toMatch(/^100000 \d+\n$/);
    expect(run(receiver(), { asked: 'ecsodus-probe', owner: 'target' }).status).toBe(1);
  });

  it('nothing when it is not mounted', () => {
    command('mountpoint', 'exit 1');
    for (const script of [receiver(), sender()]) expect(run(script, { owner: 'source' }).status).toBe(1);
  });
});

describe('authorized_keys', () => {
  const file = () => readFileSync(join(root, 'home/.ssh/authorized_keys'), 'utf8');

  it('holds one line for each way, and others stay', () => {
    writeFileSync(join(root, 'home/.ssh/authorized_keys'), 'ssh-ed25519 OPERATOR\n');
    const lines = (['data', 'back'] as const).map((way) =>
      authorizedLine('blog', `ssh-ed25519 ${way} ecsodus:blog:${way}`, way),
    );
    for (const times of [1, 2]) {
      expect(times).toBeGreaterThan(0);
      run(authorizeScript('ec2-user', 'blog', lines[0] as string));
      run(authorizeScript('ec2-user', 'blog', lines[1] as string, 'back'));
    }
    expect(file()).toBe(['ssh-ed25519 OPERATOR', ...lines, ''].join('\n'));
    run(removeAuthorizationScript('ec2-user', 'blog', 'back'));
    expect(file()).toBe(['ssh-ed25519 OPERATOR', lines[0], ''].join('\n'));
  });
});
