import { describe, expect, test } from 'vitest';
import { rsyncArguments, sparseInPlace, type Transfer } from '../../../src/rsync/arguments.ts';
import { transfer } from './transfer.ts';

describe('rsyncArguments', () => {
  test('a directory', () => {
    expect(rsyncArguments(transfer)).toEqual([
      'rsync',
      '-aHAX',
      '--numeric-ids',
      '--no-inc-recursive',
      '--delete',
      '-M--modify-window=-1',
      '--filter=-x security.selinux',
      '--outbuf=L',
      '--timeout=60',
      '--info=progress2',
      '--stats',
      '-e',
      'ssh -F /run/ecsodus/shop/route -T -i /run/ecsodus/shop/key -o UserKnownHostsFile=/run/ecsodus/shop/known_hosts -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o Ciphers=aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes256-ctr,chacha20-poly1305@openssh.com -o Compression=no',
      '--',
      '/var/lib/docker/volumes/db/_data/',
      'ec2-user@203.0.113.9::ecsodus/volumes/db/',
    ]);
  });

  const last = (changes: Partial<Transfer>) => rsyncArguments({ ...transfer, ...changes }).slice(-2);

  test.each<[string, Partial<Transfer>, readonly string[]]>([
    [
      'a file goes into its directory',
      { from: '/etc/a.conf', kind: 'file', to: 'binds/etc/a.conf' },
      ['/etc/a.conf', 'ec2-user@203.0.113.9::ecsodus/binds/etc/'],
    ],
    [
      'slashes are not doubled',
      { from: '/srv/', to: 'binds/srv/' },
      ['/srv/', 'ec2-user@203.0.113.9::ecsodus/binds/srv/'],
    ],
    [
      'nothing is quoted: no shell reads it',
      { to: 'binds/my app' },
      ['/var/lib/docker/volumes/db/_data/', 'ec2-user@203.0.113.9::ecsodus/binds/my app/'],
    ],
    [
      'IPv6',
      { address: '2001:db8::1' },
      ['/var/lib/docker/volumes/db/_data/', 'ec2-user@[2001:db8::1]::ecsodus/volumes/db/'],
    ],
  ])('%s', (_name, changes, expected) => {
    expect(last(changes)).toEqual(expected);
  });

  test('pull', () => {
    const argv = rsyncArguments({ ...transfer, direction: 'pull' });
    expect(argv.slice(-2)).toEqual(['ec2-user@203.0.113.9::ecsodus/volumes/db/', '/var/lib/docker/volumes/db/_data/']);
    expect(argv).toContain('--modify-window=-1');
  });

  test('options', () => {
    expect(rsyncArguments({ ...transfer, bandwidthKibps: 500 })).toContain('--bwlimit=500');
    expect([sparseInPlace('3.1.2'), sparseInPlace('v3.4.1')]).toEqual([false, true]);
    const again = rsyncArguments({ ...transfer, names: '/run/it', distrustTimes: true });
    expect(again).toEqual(expect.arrayContaining(['--ignore-times', '--files-from=/run/it', '--from0']));
    expect(again, 'without a list of everything it would delete what is not on it').not.toContain('--delete');
    const ssh = (changes: Partial<Transfer>) =>
      rsyncArguments({ ...transfer, ...changes }).find((word) => word.startsWith('ssh '));
    expect(ssh({ hostKeyAlias: 'i-1' })).toMatch(/ HostKeyAlias=i-1$/);
    expect(ssh({ key: "/run/it's/key", knownHosts: '/run/my hosts' })).toMatch(
      /-i "\/run\/it's\/key" .* 'UserKnownHostsFile=\/run\/my hosts'/,
    );
  });
});
