import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { MigrationError } from '../../../src/errors.ts';
import type { Ssh } from '../../../src/ssh/connection.ts';
import { reconnecting } from '../../../src/ssh/reconnect.ts';

/** A connection that can be lost, and says which one it is. */
function connection(name: string) {
  let lost = false;
  const ssh = {
    host: 'droplet',
    remoteAddress: '203.0.113.9',
    exec: async () => {
      if (lost) throw new MigrationError('ssh-dropped', 'lost');
      return { stdout: name, stderr: '', code: 0 };
    },
    isLost: () => lost,
    close: () => {},
  } as unknown as Ssh;
  const lose = () => {
    lost = true;
  };
  return { ssh, lose };
}

const unreachable = () => Promise.reject(new MigrationError('ssh-unreachable', 'no answer'));

describe('a connection that is lost', () => {
  it('is opened again for the next call, once for all that wait', async () => {
    const [first, second] = [connection('first'), connection('second')];
    let opened = 0;
    const ssh = reconnecting(first.ssh, async () => [connection('zero'), second][++opened]?.ssh as Ssh, 'brief');
    expect((await ssh.exec('x')).stdout).toBe('first');
    first.lose();
    expect(ssh.isLost()).toBe(true);
    expect(await Promise.all([ssh.exec('x'), ssh.exec('y')])).toMatchObject([
      { stdout: 'second' },
      { stdout: 'second' },
    ]);
    expect(opened).toBe(1);
  });

  it('keeps the process alive while it waits to try again', () => {
    const at = (file: string) => JSON.stringify(import.meta.resolve(`../../../src/${file}`));
    const script = `import { MigrationError } from ${at('errors.ts')};
      import { reconnecting } from ${at('ssh/reconnect.ts')};
      let tries = 0;
      const open = async () => {
        if (++tries === 1) throw new MigrationError('ssh-unreachable', 'no answer');
        return { exec: async () => 'is back', isLost: () => false };
      };
      process.stdout.write(await reconnecting({ isLost: () => true }, open, 'patient').exec('x'));`;
    const words = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script];
    expect(execFileSync(process.execPath, words, { encoding: 'utf8' })).toBe('is back');
  });

  it('is tried for a while, and then not at every call', async () => {
    const { ssh: first, lose } = connection('first');
    let tries = 0;
    const ssh = reconnecting(
      first,
      () => (++tries === 2 ? Promise.resolve(connection('second').ssh) : unreachable()),
      'brief',
    );
    lose();
    expect((await ssh.exec('x')).stdout).toBe('second');
    const { ssh: other, lose: loseOther } = connection('other');
    tries = 10;
    const dead = reconnecting(
      other,
      () => {
        tries++;
        return Promise.reject(new MigrationError('ssh-auth-failed', 'no'));
      },
      'brief',
    );
    loseOther();
    await expect(dead.exec('x')).rejects.toMatchObject({ code: 'ssh-auth-failed' });
    await expect(dead.exec('x')).rejects.toMatchObject({ code: 'ssh-auth-failed' });
    expect(tries).toBe(11);
  });
});
