import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { containerSystems } from '../../../src/queries/container-systems.ts';
import { hostsInFiles, parseHostsInFiles } from '../../../src/queries/hosts-in-files.ts';
import { hostSurroundings, parseRecords } from '../../../src/queries/surroundings.ts';
import { parseSurroundings } from '../../../src/surroundings/parse-surroundings.ts';
import { nothingAround } from '../surroundings/scene.ts';
import { commands, run, temporaryDirectory } from './run.ts';

let root: string;
beforeEach(() => {
  root = temporaryDirectory();
});

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const link = (path: string, target: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
};

/** No tool of this machine's answers unless a test says so. */
const silent = {
  ss: 'exit 127',
  'iptables-save': '',
  nft: '',
  rpm: 'shift; for f; do echo "file $f is not owned by any package"; done',
};

const surroundings = (answers: Readonly<Record<string, string>> = {}, address = '203.0.113.9') => {
  const env = commands({ ...silent, ...answers });
  return parseSurroundings(run(hostSurroundings(root), env), run(containerSystems(root), env), '', address);
};

describe('hostSurroundings', () => {
  test('an empty host, with nothing but the shell’s own tools: nothing, and no error', () => {
    expect(surroundings()).toEqual({
      ...nothingAround,
      addresses: ['203.0.113.9', '172.17.42.1', '169.254.169.254', '67.207.67.2', '67.207.67.3'],
    });
  });

  test('what a package brought is left out, on Debian', () => {
    put({
      '/var/lib/dpkg/info/php.list':
        '/etc/cron.d/phpjobs\n/etc/systemd/system/pkg.service\n/etc/sysctl.d/10-pkg.conf\n',
      '/etc/cron.d/phpjobs': '* * * * * root php-job\n',
      '/etc/cron.d/mine': '* * * * * root my-job\n',
      '/etc/systemd/system/pkg.service': 'ExecStart=/pkg\n',
      '/etc/systemd/system/mine.service': 'ExecStart=/mine\n',
      '/etc/sysctl.d/10-pkg.conf': 'vm.pkg=1\n',
      '/etc/sysctl.d/99-mine.conf': 'vm.max_map_count=262144\n',
    });
    const { jobs, units, sysctls } = surroundings();
    expect(jobs.map(({ file, command }) => [file, command])).toEqual([['/etc/cron.d/mine', 'my-job']]);
    expect(units).toEqual([{ name: 'mine.service', enabled: false, does: '/mine' }]);
    expect(sysctls).toEqual({ 'vm.max_map_count': '262144' });
  });

  test('and by rpm', () => {
    put({ '/etc/cron.d/theirs': '* * * * * root a\n', '/etc/cron.d/mine': '* * * * * root b\n' });
    const rpm =
      'shift; for f; do case $f in */mine) echo "file $f is not owned by any package" ;; *) echo pkg-1 ;; esac; done';
    expect(surroundings({ rpm }).jobs.map(({ command }) => command)).toEqual(['b']);
  });

  test('crontabs of users, scripts, and the lines about Docker in what cron runs', () => {
    put({
      '/var/spool/cron/crontabs/root': '0 4 * * * /root/backup.sh >/dev/null\n# 0 5 * * * /root/old.sh\n',
      '/var/spool/cron/deploy': '@daily /home/deploy/x\n',
      '/etc/cron.daily/clean': '#!/bin/sh\ndocker exec db vacuum\n',
      '/root/backup.sh': '#!/bin/sh\nPASSWORD=hunter2\ndocker exec db mysqldump -phunter2 shop\n',
    });
    const { jobs } = surroundings();
    expect(jobs.map(({ file, schedule, dockerLines }) => [file, schedule, dockerLines])).toEqual([
      ['/etc/cron.daily/clean', '@daily', ['docker exec db vacuum']],
      ['/var/spool/cron/crontabs/root', '0 4 * * *', ['docker exec db mysqldump -p[redacted] shop']],
      ['/var/spool/cron/deploy', '@daily', []],
    ]);
  });

  test('units: enabled ones, links to packages’ own, links to elsewhere', () => {
    put({
      '/lib/systemd/system/ssh.service': 'ExecStart=/sshd\n',
      '/opt/app/app.service': '[Service]\nExecStart=/opt/app/run\n',
      '/etc/systemd/system/timers.target.wants/certbot.timer': '',
    });
    link('/etc/systemd/system/alias.service', join(root, '/lib/systemd/system/ssh.service'));
    link('/etc/systemd/system/masked.service', '/dev/null');
    link('/etc/systemd/system/app.service', join(root, '/opt/app/app.service'));
    link('/etc/systemd/system/multi-user.target.wants/app.service', '../app.service');
    const { units, enabled } = surroundings();
    expect(units).toEqual([{ name: 'app.service', enabled: true, does: '/opt/app/run' }]);
    expect(enabled).toContain('certbot.timer');
  });

  test('addresses without iproute2, hosts, swap, modules, vendor, time zone, daemon.json', () => {
    put({
      '/proc/net/fib_trie': `Local:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.19.0.0
        /16 link UNICAST
     |-- 10.19.0.5
        /32 host LOCAL
     |-- 10.19.255.255
        /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 172.17.0.1
        /32 host LOCAL
`,
      '/etc/hosts':
        '127.0.0.1 localhost\n127.0.1.1 droplet\n::1 ip6-localhost\nff02::1 ip6-allnodes\n\n10.0.0.5 db\n# 10.0.0.6 x\n',
      '/proc/swaps': 'Filename Type Size Used Priority\n/swapfile file 2097148 0 -2\n',
      '/etc/modules': '# a\nwireguard\n',
      '/etc/modules-load.d/k.conf': 'ip_vs rr\n',
      '/sys/class/dmi/id/sys_vendor': 'DigitalOcean\n',
      '/etc/timezone': 'Europe/Berlin\n',
      '/etc/docker/daemon.json': '{"bip":"10.9.0.1/24"}',
      '/proc/sys/vm/max_map_count': '262144\n',
    });
    expect(surroundings()).toMatchObject({
      addresses: [
        '10.19.0.5',
        '172.17.0.1',
        '203.0.113.9',
        '172.17.42.1',
        '169.254.169.254',
        '67.207.67.2',
        '67.207.67.3',
      ],
      hosts: ['10.0.0.5 db'],
      swapBytes: 2097148 * 1024,
      modules: ['ip_vs', 'wireguard'],
      vendor: 'DigitalOcean',
      timeZone: 'Europe/Berlin',
      daemon: { bip: '10.9.0.1/24' },
      sysctlsNow: { 'vm.max_map_count': '262144' },
    });
    put({
      '/etc/docker/daemon.json':
        '{"log-opts":{"splunk-token":"hunter2","tag":"x"},"proxies":{"http-proxy":"http://me:hunter2@p"}}',
    });
    expect(surroundings().daemon).toEqual({
      'log-opts': { 'splunk-token': '[redacted]', tag: 'x' },
      proxies: { 'http-proxy': '[redacted]' },
    });
    put({ '/etc/docker/daemon.json': '{"bip":', '/etc/timezone': 'Etc/UTC\n' });
    expect(surroundings().timeZone).toBe('');
    link('/etc/localtime', '/usr/share/zoneinfo/America/New_York');
    expect(surroundings()).toMatchObject({ daemon: undefined, timeZone: 'America/New_York' });
  });

  test('certificates, acme.sh, DigitalOcean’s volumes', () => {
    root = mkdtempSync(join(tmpdir(), 'no-space-')); // which /proc/mounts writes in octal
    put({
      '/etc/letsencrypt/live/README': '',
      '/etc/letsencrypt/live/shop.test/cert.pem': '',
      '/root/.acme.sh/account.conf': '',
      '/dev/sda': '',
      '/proc/mounts': `/dev/vda1 / ext4 rw 0 0\n${root}/dev/sda /mnt/data ext4 rw 0 0\n`,
    });
    link('/dev/disk/by-id/scsi-0DO_Volume_data', '../../sda');
    link('/dev/disk/by-id/scsi-0DO_Volume_data-part1', '../../sda');
    expect(surroundings()).toMatchObject({
      certificates: ['shop.test'],
      acmeFolders: ['/root/.acme.sh'],
      disks: [{ name: 'data', mountPoints: ['/mnt/data'] }],
    });
  });

  const id = 'ab12'.repeat(16);

  test('programs, sockets and dockerd’s command line, those of containers left out', () => {
    put({
      '/proc/10/comm': 'nginx\n',
      '/proc/20/comm': 'redis-server\n',
      '/proc/20/cgroup': `12:memory:/docker/${id}\n0::/docker/${id}\n`,
      '/proc/30/comm': 'dockerd\n',
      '/proc/30/cmdline': 'dockerd\0-H\0fd://\0--bip=10.9.0.1/24\0',
      '/proc/40/comm': 'dockerd\n',
      '/proc/40/cgroup': `0::/system.slice/docker-${id}.scope\n`,
      '/proc/40/cmdline': 'dockerd\0--mtu=1\0',
    });
    const ss = `echo 'LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=10,fd=6))'; echo 'LISTEN 0 511 *:6379 *:* users:(("redis-server",pid=20,fd=6))'`;
    expect(surroundings({ ss, 'iptables-save': 'echo "*filter"', nft: 'echo table inet f' })).toMatchObject({
      programs: ['dockerd', 'nginx'],
      listeners: [{ program: 'nginx', address: '0.0.0.0', port: 80 }],
      daemon: { bip: '10.9.0.1/24' },
      iptables: '*filter\n',
      nftTables: ['inet f'],
    });
  });

  test('sockets without ss', () => {
    put({
      '/proc/net/tcp':
        '  sl  local_address rem_address st\n   0: 00000000:0050 00000000:0000 0A 0:0 0:0 0 0 0 4242 1 0\n   1: 0100007F:0050 0100007F:1234 01 0:0 0:0 0 0 0 4243 1 0\n',
      '/proc/10/comm': 'caddy\n',
    });
    link('/proc/10/fd/3', 'socket:[4242]');
    expect(surroundings().listeners).toEqual([{ program: 'caddy', address: '0.0.0.0', port: 80 }]);
  });

  test('containers: distribution, C library, JVM, first process; links from the root are not followed', () => {
    const other = 'cd34'.repeat(16);
    put({
      '/proc/100/cgroup': `0::/system.slice/docker-${id}.scope\n`,
      '/proc/99/cgroup': `0::/system.slice/docker-${id}.scope\n`,
      '/proc/99/root/usr/lib/os-release': 'PRETTY_NAME="x"\nID=debian\nVERSION_ID="8"\n',
      '/proc/99/root/lib/x86_64-linux-gnu/libc-2.19.so': '',
      '/proc/99/root/usr/lib/jvm/java-8/release': 'JAVA_VERSION="1.8.0_181"\nOS_NAME="Linux"\n',
      '/proc/200/cgroup': `0::/system.slice/docker-${other}.scope\n`,
      '/proc/200/root/etc/redhat-release': 'CentOS release 6.9 (Final)\n',
      '/proc/200/root/lib64/libc-2.12.so': '',
      '/secret': 'ID=secret\n',
    });
    link('/proc/99/exe', '/lib/systemd/systemd');
    link('/proc/100/exe', '/usr/lib/jvm/java-8/jre/bin/java');
    link('/proc/200/root/etc/os-release', join(root, 'secret'));
    expect(surroundings().systems).toEqual({
      [id]: { distribution: 'debian', version: '8', libc: '2.19', java: '1.8.0_181', init: '/lib/systemd/systemd' },
      [other]: { distribution: 'centos', version: '6.9', libc: '2.12' },
    });
  });
});

test('hosts in files: DigitalOcean’s, Docker’s range; nasty names; nothing at all', () => {
  put({
    "/a/it's": 'x=private-db-1.b.db.ondigitalocean.com:25060 http://172.18.0.4:80 172.15.0.1 172.32.0.1\n',
    '/a/sub dir/b': 'me.ams3.digitaloceanspaces.com registry.digitalocean.com/x example.com\n',
    '/a/binary': '172.18.0.4\0',
    '/c': '172.20.0.1',
  });
  const found = parseHostsInFiles(run(hostsInFiles([join(root, 'a'), join(root, 'c'), join(root, 'none')])));
  expect(found.map(({ file, host }) => `${file.slice(root.length)} ${host}`).sort()).toEqual([
    "/a/it's 172.18.0.4",
    "/a/it's private-db-1.b.db.ondigitalocean.com",
    '/a/sub dir/b me.ams3.digitaloceanspaces.com',
    '/a/sub dir/b registry.digitalocean.com',
    '/c 172.20.0.1',
  ]);
  expect(parseHostsInFiles(run(hostsInFiles([])))).toEqual([]);
});

test('on this machine: records in threes, and every script is one that a POSIX shell can parse', () => {
  expect(parseRecords(run(hostSurroundings())).map(({ kind }) => kind)).toContain('programs');
  for (const { script } of [hostSurroundings(), containerSystems(), hostsInFiles(["it's"])]) {
    expect(spawnSync('dash', ['-n', '-c', script], { encoding: 'utf8' }).stderr).toBe('');
  }
});
