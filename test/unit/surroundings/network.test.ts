import { describe, expect, test } from 'vitest';
import { isClosed, parseIptables } from '../../../src/surroundings/firewall.ts';
import { containerPids, parseProcNet, parseSs, programNames } from '../../../src/surroundings/sockets.ts';
import type { Listener } from '../../../src/surroundings/surroundings.ts';
import { container } from '../ecs/builders.ts';
import { around } from './scene.ts';

const ss = `State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
LISTEN 0      511          0.0.0.0:80         0.0.0.0:*    users:(("nginx",pid=812,fd=6),("nginx",pid=811,fd=6))
LISTEN 0      4096   127.0.0.53%lo:53         0.0.0.0:*    users:(("systemd-resolve",pid=500,fd=14))
LISTEN 0      80         127.0.0.1:3306       0.0.0.0:*    users:(("mysqld",pid=900,fd=21))
LISTEN 0      4096         0.0.0.0:8080       0.0.0.0:*    users:(("docker-proxy",pid=1200,fd=4))
LISTEN 0      511                *:9000             *:*    users:(("node",pid=1300,fd=18))
LISTEN 0      128             [::]:22            [::]:*    users:(("sshd",pid=700,fd=4))
LISTEN 0      128            [::1]:631           [::]:*
`;

describe('sockets', () => {
  test('ss: Docker’s and those of containers on the host’s network are not the host’s own', () => {
    expect(parseSs(ss, new Set(['1300']))).toEqual([
      { program: 'nginx', address: '0.0.0.0', port: 80 },
      { program: 'systemd-resolve', address: '127.0.0.53', port: 53 },
      { program: 'mysqld', address: '127.0.0.1', port: 3306 },
      { program: 'sshd', address: '::', port: 22 },
      { program: '', address: '::1', port: 631 },
    ]);
  });

  test('/proc/net/tcp with the owners of the sockets', () => {
    const tcp = `   0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   999        0 31337 1 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0
   2: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4243 1 0
   0: 00000000000000000000000001000000:0277 0:0 0A 00000000:00000000 00:00000000 00000000     0        0 99 1 0`;
    const owners = '900/fd/21 socket:[31337]\n811/fd/6 socket:[4242]\n1300/fd/3 socket:[4243]';
    const names = programNames('900/comm:mysqld\n811/comm:nginx\n1300/comm:node\n');
    expect(parseProcNet(tcp, owners, names, containerPids(`1300/cgroup:${'a'.repeat(64)}`))).toEqual([
      { program: 'mysqld', address: '127.0.0.1', port: 3306 },
      { program: 'nginx', address: '0.0.0.0', port: 80 },
      { program: '', address: '::1', port: 631 },
    ]);
  });
});

const listener = (program: string, port: number, address = '0.0.0.0'): Listener => ({ program, port, address });

describe('servers on the host itself', () => {
  test.each([
    [listener('nginx', 80), ['blocker host-web-server:nginx']],
    [listener('haproxy', 443, '::'), ['blocker host-web-server:haproxy']],
    [listener('', 443), ['blocker host-web-server:port 443']],
    [listener('nginx', 8081), ['warning host-service:nginx']],
    [listener('nginx', 80, '127.0.0.1'), ['warning host-service:nginx']],
    [listener('mysqld', 3306, '127.0.0.1'), ['warning host-database:mysqld']],
    [listener('postgres', 5432), ['warning host-database:postgres']],
    [listener('master', 25, '127.0.0.1'), ['warning host-service:master']],
    [listener('sshd', 22), []],
    [listener('systemd-resolve', 53, '127.0.0.53'), []],
    [listener('dockerd', 2375), []],
  ])('%j', (each, expected) => {
    expect(around({ listeners: [each] }).codes).toEqual(expected);
  });

  test('php-fpm and MariaDB on a socket file; a port of Docker’s whose owner is unknown', () => {
    expect(around({ programs: ['php-fpm7.4', 'mariadbd', 'bash', 'kworker/0:1'] }).codes).toEqual([
      'warning host-service:php-fpm7.4',
      'warning host-database:mariadbd',
    ]);
    const web = container({ host: { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '80' }] } } });
    expect(around({ listeners: [listener('', 80)] }, [web]).codes).toEqual([]);
  });

  test.each([
    [{ env: ['DATABASE_URL=mysql://app:hunter2@172.17.0.1:3306/shop'] }],
    [{ env: ['DB_HOST=10.0.0.9:3306'] }],
    [{ config: { Cmd: ['serve', '--db', 'db:3306'] }, host: { ExtraHosts: ['db:host-gateway'] } }],
  ])('a container that calls the database makes it a blocker: %j', (parts) => {
    const found = around({ listeners: [listener('mysqld', 3306)], addresses: ['10.0.0.9'] }, [container(parts)]);
    expect(found.codes).toContain('blocker host-database:mysqld');
    expect(found.findings[0]?.message).toContain('web calls it');
    expect(JSON.stringify(found.findings)).not.toContain('hunter2');
  });

  test('another port, another host: no caller', () => {
    const found = around({ listeners: [listener('mysqld', 3306)] }, [
      container({ env: ['A=172.17.0.1:33060', 'B=9172.17.0.1:3306'] }),
    ]);
    expect(found.codes).toContain('warning host-database:mysqld');
  });
});

const filter = (...rules: string[]) =>
  `*filter\n:INPUT ACCEPT [0:0]\n:DOCKER-USER - [0:0]\n${rules.join('\n')}\nCOMMIT\n`;

describe('firewall', () => {
  const packet = { hostPort: 15432, containerPort: 5432 };

  test.each([
    ['-A DOCKER-USER -j RETURN'],
    ['-A DOCKER-USER -p tcp -m tcp --dport 3306 -j DROP'],
    ['-A DOCKER-USER -p udp -m udp --dport 5432 -j DROP'],
    ['-A DOCKER-USER -s 203.0.113.0/24 -j DROP'],
    ['-A DOCKER-USER -i docker0 -p tcp --dport 5432 -j DROP'],
    ['-A DOCKER-USER -m conntrack --ctstate INVALID -j DROP'],
    ['-A DOCKER-USER -m conntrack --ctorigdstport 5432 -j DROP'],
    ['-A DOCKER-USER -m limit --limit 3/min -j DROP'],
    ['-A DOCKER-USER -p tcp -m multiport --dports 80,5432 -j ACCEPT\n-A DOCKER-USER -j DROP'],
    ['-A INPUT -p tcp --dport 5432 -j DROP'],
    ['-A FORWARD -j DROP'],
  ])('open: %s', (rules) => {
    expect(isClosed(parseIptables(filter(rules)), packet)).toBe(false);
  });

  test.each([
    ['-A DOCKER-USER -p tcp -m tcp --dport 5432 -j DROP'],
    ['-A DOCKER-USER -i eth0 -p tcp -m tcp --dport 5432 -j REJECT --reject-with tcp-reset'],
    ['-A DOCKER-USER ! -s 10.0.0.0/8 -p tcp -m tcp --dport 5000:6000 -j DROP'],
    ['-A DOCKER-USER ! -i docker0 -o docker0 -p tcp -m comment --comment "no db" -m tcp --dport 5432 -j DROP'],
    ['-A DOCKER-USER -p tcp -m conntrack --ctorigdstport 15432 --ctdir ORIGINAL -j DROP'],
    ['-A DOCKER-USER -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN\n-A DOCKER-USER -i eth0 -j DROP'],
    ['-A DOCKER-USER -s 198.51.100.7/32 -j ACCEPT\n-A DOCKER-USER -i eth+ -j DROP'],
    ['-A DOCKER-USER -j MINE\n-A MINE -p tcp -m multiport ! --dports 80,443 -j DROP'],
  ])('closed: %s', (rules) => {
    expect(isClosed(parseIptables(filter(rules)), packet)).toBe(true);
  });

  test('before Docker rewrites the port, in raw', () => {
    const raw = '*raw\n-A PREROUTING -i eth0 -p tcp -m tcp --dport 15432 -j DROP\nCOMMIT';
    expect(isClosed(parseIptables(raw), packet)).toBe(true);
    expect(isClosed(parseIptables(raw), { hostPort: 5432, containerPort: 15432 })).toBe(false);
  });

  const db = (HostIp = '') =>
    container({ name: 'db', host: { PortBindings: { '5432/tcp': [{ HostIp, HostPort: '5432' }] } } });

  test('a published port that the source closes', () => {
    const iptables = filter('-A DOCKER-USER -i eth0 -p tcp -m tcp --dport 5432 -j DROP');
    expect(around({ iptables }, [db()]).codes).toEqual([
      'blocker port-closed:db:5432',
      'warning firewall-rules:iptables',
    ]);
    expect(around({ iptables }, [db('127.0.0.1')]).codes).toEqual(['warning firewall-rules:iptables']);
  });

  test('Docker’s own rules, ours, ufw’s and fail2ban’s are no rules of the owner’s', () => {
    const iptables = `*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 5432 -j DNAT --to-destination 172.17.0.2:5432
-A PREROUTING -p tcp -m tcp --dport 80 -m comment --comment "ecsodus:shop:80" -j DNAT --to-destination 198.51.100.1:80
COMMIT
${filter(
  ':ufw-user-input - [0:0]',
  '-A INPUT -j ufw-before-input',
  '-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd',
  '-A FORWARD -j DOCKER-USER',
  '-A FORWARD -o shopnet -j DOCKER',
  '-A FORWARD -i shopnet ! -o shopnet -j ACCEPT',
  '-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A DOCKER-USER -j RETURN',
  '-A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT',
  '-A f2b-sshd -j RETURN',
)}`;
    const found = around({ iptables, programs: ['fail2ban-server'] }, [db()]);
    expect(found.codes).toEqual(['info ufw:ufw', 'warning fail2ban:fail2ban']);
    expect(found.findings[0]?.message).toContain('allows: -p tcp -m tcp --dport 22.');
  });

  test('nftables beside iptables’ own tables; a firewall that cannot be seen', () => {
    expect(around({ nftTables: ['ip filter', 'ip6 nat'] }).codes).toEqual([]);
    expect(around({ nftTables: ['ip filter', 'inet firewalld'] }).codes).toEqual(['warning firewall-rules:nftables']);
    expect(around({ vendor: 'DigitalOcean' }).codes).toContain('info cloud-firewall:DigitalOcean');
  });
});
