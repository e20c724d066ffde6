import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { parseDaemonFlags } from '../../../src/surroundings/daemon-settings.ts';
import { parseCurrentSysctls, parseSysctls } from '../../../src/surroundings/sysctl-findings.ts';
import { parseUnit } from '../../../src/surroundings/units.ts';
import { container } from '../ecs/builders.ts';
import { around } from './scene.ts';

describe('daemon.json', () => {
  test.each([
    [{ 'log-driver': 'json-file' }, []],
    [
      { 'log-driver': 'journald', 'log-opts': { tag: 'x' } },
      ['info daemon-json:log-driver', 'info daemon-json:log-opts'],
    ],
    [{ 'default-ulimits': { nofile: { Name: 'nofile', Hard: 1, Soft: 1 } } }, ['warning daemon-json:default-ulimits']],
    [{ dns: ['8.8.8.8'] }, ['warning daemon-json:dns']],
    [{ 'insecure-registries': ['r:5000'] }, ['info daemon-json:insecure-registries']],
    [{ 'insecure-registries': [] }, []],
    [{ 'registry-mirrors': ['https://m'] }, ['info daemon-json:registry-mirrors']],
    [{ bip: '10.9.0.1/16' }, ['warning daemon-json:bip']],
    [{ 'default-address-pools': [{ base: '10.9.0.0/16', size: 24 }] }, ['warning daemon-json:default-address-pools']],
    [{ 'userland-proxy': false }, ['warning daemon-json:userland-proxy']],
    [{ 'userland-proxy': true }, []],
    [{ 'live-restore': true }, ['info daemon-json:live-restore']],
    [{ 'default-runtime': 'runc' }, []],
    [{ 'default-runtime': 'nvidia' }, ['warning daemon-json:default-runtime']],
    [{ 'seccomp-profile': '/etc/s.json' }, ['warning daemon-json:seccomp-profile']],
    [{ 'userns-remap': 'default' }, ['blocker daemon-json:userns-remap']],
    [{ 'data-root': '/mnt/docker' }, ['info daemon-json:data-root']],
    [{ 'storage-driver': 'overlay2' }, []],
    [{ 'storage-driver': 'devicemapper' }, ['info daemon-json:storage-driver']],
    [{ ip: '127.0.0.1' }, ['blocker daemon-json:ip']],
    [{ icc: false }, ['warning daemon-json:icc']],
    [{ debug: true }, ['info daemon-json:debug']],
    [{ 'no-such-key': 1 }, ['warning daemon-json:no-such-key']],
    [{ toString: 1 }, ['warning daemon-json:toString']],
  ])('%j', (daemon, expected) => {
    expect(around({ daemon }).codes).toEqual(expected);
  });

  test('unreadable', () => {
    expect(around({ daemon: undefined }).codes).toEqual(['warning daemon-json:daemon.json']);
  });

  test('what makes sense on the instance, as lines; what answers on the droplet only is left out', () => {
    const daemon = {
      'default-ulimits': { nofile: { Name: 'nofile', Hard: 65536, Soft: 65536 } },
      dns: ['67.207.67.2', '10.0.0.2', '1.1.1.1'],
      'log-driver': 'journald',
      'data-root': '/mnt/docker',
    };
    const { setup } = around({ daemon });
    const [, json = ''] = /daemon\.json <<'ECSODUS'\n([\s\S]*?)\nECSODUS/.exec(setup) ?? [];
    expect(JSON.parse(json)).toEqual({ 'default-ulimits': daemon['default-ulimits'], dns: ['1.1.1.1'] });
    expect(setup).toContain('systemctl try-restart --no-block docker');
    expect(spawnSync('bash', ['-n'], { input: setup, encoding: 'utf8' }).stderr).toBe('');
    expect(around({ daemon: { dns: ['67.207.67.2'] } }).setup).toBe('');
  });

  test('Amazon Linux gives the flag that daemon.json must not repeat', () => {
    const { setup } = around({ daemon: { 'default-ulimits': { nofile: { Name: 'nofile', Hard: 1, Soft: 1 } } } });
    const [expression = ''] = /'s\/--default.*?'/.exec(setup) ?? [];
    const { stdout } = spawnSync('sed', [expression.slice(1, -1)], {
      input: 'OPTIONS="--default-ulimit nofile=32768:65536"\n',
      encoding: 'utf8',
    });
    expect(stdout).toBe('OPTIONS=""\n');
  });

  test.each([
    [['dockerd', '-H', 'fd://', '--containerd=/run/containerd/containerd.sock'], {}],
    [['dockerd', '-H', 'tcp://0.0.0.0:2375', '-H', 'unix:///run/docker.sock'], { hosts: ['tcp://0.0.0.0:2375'] }],
    [['docker', 'daemon', '--dns', '8.8.8.8', '--dns=1.1.1.1'], { dns: ['8.8.8.8', '1.1.1.1'] }],
    [
      ['dockerd', '--default-ulimit', 'nofile=1024:4096'],
      { 'default-ulimits': { nofile: { Name: 'nofile', Soft: 1024, Hard: 4096 } } },
    ],
    [
      ['dockerd', '--log-opt', 'max-size=1m', '--log-opt=max-file=2'],
      { 'log-opts': { 'max-size': '1m', 'max-file': '2' } },
    ],
    [
      ['dockerd', '--icc=false', '--live-restore', '-s', 'overlay'],
      { icc: false, 'live-restore': true, 'storage-driver': 'overlay' },
    ],
    [
      ['dockerd', '--insecure-registry', 'r:5000', '-g', '/mnt'],
      { 'insecure-registries': ['r:5000'], 'data-root': '/mnt' },
    ],
  ])('%j', (argv, expected) => {
    expect(parseDaemonFlags(argv)).toEqual(expected);
  });
});

describe('sysctls', () => {
  test('files and the kernel’s own words', () => {
    expect(
      parseSysctls('# a\n;b=1\nvm.max_map_count=262144\n-net/core/somaxconn =  1024 \nkernel.sem = 250\t32000 100\n'),
    ).toEqual({
      'vm.max_map_count': '262144',
      'net.core.somaxconn': '1024',
      'kernel.sem': '250 32000 100',
    });
    expect(parseCurrentSysctls('vm/max_map_count:262144\nnet/core/somaxconn:4096\n')).toEqual({
      'vm.max_map_count': '262144',
      'net.core.somaxconn': '4096',
    });
  });

  test.each([
    [{ 'vm.max_map_count': '262144' }, {}, ['warning sysctl:vm.max_map_count']],
    [{ 'vm.max_map_count': '65530' }, {}, []],
    [{ 'net.core.somaxconn': '1024' }, {}, []],
    [{ 'net.core.somaxconn': '65535' }, {}, ['warning sysctl:net.core.somaxconn']],
    [{ 'net.ipv4.tcp_tw_reuse': '1' }, {}, ['warning sysctl:net.ipv4.tcp_tw_reuse']],
    [{ 'net.ipv4.ip_forward': '1', 'kernel.sysrq': '0' }, {}, ['info sysctl-host:sysctl']],
    [{}, { 'vm.max_map_count': '262144' }, ['warning sysctl:vm.max_map_count']],
    [{}, { 'vm.overcommit_memory': '1' }, ['warning sysctl:vm.overcommit_memory']],
    [{}, { 'fs.inotify.max_user_watches': '192536' }, []],
    [{}, { 'fs.inotify.max_user_watches': '524288' }, ['warning sysctl:fs.inotify.max_user_watches']],
    [{}, { 'net.core.somaxconn': '128', 'vm.max_map_count': '65530', 'vm.overcommit_memory': '0' }, []],
  ])('%j %j', (sysctls, sysctlsNow, expected) => {
    expect(around({ sysctls, sysctlsNow }).codes).toEqual(expected);
  });

  test('a file’s word stands, also where the kernel has another now', () => {
    const { findings } = around({
      sysctls: { 'vm.max_map_count': '262144' },
      sysctlsNow: { 'vm.max_map_count': '300000' },
    });
    expect(findings[0]?.message).toContain('vm.max_map_count = 262144;');
  });

  test('lines for the instance', () => {
    expect(around({ sysctls: { 'vm.max_map_count': '262144' } }).setup).toBe(
      "cat >/etc/sysctl.d/90-ecsodus-vm.max_map_count.conf <<'ECSODUS'\nvm.max_map_count = 262144\nECSODUS\nsysctl -q -p /etc/sysctl.d/90-ecsodus-vm.max_map_count.conf || true",
    );
  });
});

describe('systemd units', () => {
  const unit = (name: string, text: string, enabled = [name]) =>
    around({ units: parseUnit(`/etc/systemd/system/${name}`, text, enabled) });

  test.each([
    [
      'shop.service',
      '[Service]\nExecStart=/usr/bin/docker run --rm --name shop shop\n',
      'blocker container-unit:shop.service',
    ],
    [
      'shop.service',
      '[Service]\nExecStartPre=-/usr/bin/docker rm shop\nExecStart=/usr/bin/docker-compose -f /srv/c.yml \\\n  up\n',
      'blocker container-unit:shop.service',
    ],
    ['shop.service', '[Service]\nExecStart=/usr/bin/docker start -a shop\n', 'blocker container-unit:shop.service'],
    ['app.service', '[Service]\nExecStart=/opt/app/run\n', 'warning host-unit:app.service'],
    ['backup.timer', '[Timer]\nOnCalendar=daily\n', 'warning host-unit:backup.timer'],
  ])('%s: %s', (name, text, expected) => {
    expect(unit(name, text).codes).toEqual([expected]);
  });

  test('a container that a timer runs is no blocker, one that it starts again is, and a disabled timer does nothing', () => {
    const codes = (command: string, enabled: readonly string[]) =>
      around({
        units: [
          ...parseUnit('/etc/systemd/system/b.timer', 'OnCalendar=daily', enabled),
          ...parseUnit('/etc/systemd/system/b.service', `ExecStart=${command}`, enabled),
        ],
      }).codes.filter((code) => code.includes('b.service'));
    expect(codes('/usr/bin/docker run --rm backup', ['b.timer'])).toEqual(['warning container-unit:b.service']);
    expect(codes('/usr/bin/docker restart web', ['b.timer'])).toEqual(['blocker container-unit:b.service']);
    expect(codes('/usr/bin/docker restart web', [])).toEqual([]);
  });

  test('stock units, disabled ones, and a secret on the command line', () => {
    expect(unit('snap.lxd.daemon.service', 'ExecStart=x').codes).toEqual([]);
    expect(unit('droplet-agent.service', 'ExecStart=x').codes).toEqual([]);
    expect(unit('app.service', 'ExecStart=x', []).codes).toEqual([]);
    const { findings } = unit('app.service', '[Service]\nExecStart=/opt/app --password=hunter2\n');
    expect(findings[0]?.message).toContain('/opt/app --password=[redacted]');
  });

  test('a service that its timer starts counts as enabled; packages’ timers', () => {
    const units = [
      ...parseUnit('/etc/systemd/system/b.timer', 'OnCalendar=daily', ['b.timer']),
      ...parseUnit('/etc/systemd/system/b.service', 'ExecStart=/b', []),
    ];
    expect(
      around({ units, enabled: ['b.timer', 'apt-daily.timer', 'certbot.timer', 'borgmatic.timer', 'ssh.service'] })
        .codes,
    ).toEqual([
      'warning host-unit:b.timer',
      'warning host-unit:b.service',
      'warning certificate-renewal:certbot.timer',
      'info host-timer:borgmatic.timer',
    ]);
  });
});

describe('the rest of the host', () => {
  const mounts = (...Source: string[]) =>
    container({ mounts: Source.map((each) => ({ Type: 'bind', Source: each, Destination: '/x', RW: true })) });
  const onHost = container({ name: 'agent', host: { NetworkMode: 'host' } });

  test('/etc/hosts', () => {
    const hosts = ['10.0.0.5 db.internal'];
    expect(around({ hosts }, [container()]).codes).toContain('info etc-hosts:/etc/hosts');
    const found = around({ hosts }, [onHost]);
    expect(found.codes).toContain('warning etc-hosts:/etc/hosts');
    expect(found.setup).toBe("cat >>/etc/hosts <<'ECSODUS'\n10.0.0.5 db.internal\nECSODUS");
  });

  test('kernel modules', () => {
    const found = around({ modules: ['loop', 'br_netfilter', 'wireguard', 'wireguard'] });
    expect(found.codes).toEqual(['warning kernel-module:wireguard']);
    expect(found.setup).toContain('modprobe wireguard || true');
  });

  test('swap', () => {
    const { codes, setup } = around({ swapBytes: 2 * 1024 ** 3 });
    expect(codes).toEqual(['info host-swap:swap']);
    expect(setup).toContain('bs=1M count=2048 ');
    expect(around({ swapBytes: 64 * 1024 ** 3 }).setup).toContain('bs=1M count=4096 ');
  });

  test.each([
    [['/mnt/data'], ['/mnt/data/uploads'], 'info attached-volume:data'],
    [['/mnt/data'], ['/mnt/database'], 'warning attached-volume:data'],
    [[], [], 'warning attached-volume:data'],
  ])('volume at %j, mounts %j', (mountPoints, sources, expected) => {
    expect(around({ disks: [{ name: 'data', mountPoints }] }, [mounts(...sources)]).codes).toContain(expected);
  });

  test.each([
    [['/etc/letsencrypt'], 'their renewal is not', 'Renew on the instance'],
    [['/etc/letsencrypt/live/shop'], 'their renewal is not', 'Mount all of /etc/letsencrypt'],
    [['/srv'], 'not copied', 'Renew on the instance'],
  ])('certificates, mounts %j', (sources, message, remedy) => {
    const { findings } = around({ certificates: ['shop.test'] }, [mounts(...sources)]);
    expect(findings.find(({ code }) => code === 'certificates')).toMatchObject({
      level: 'warning',
      subject: '/etc/letsencrypt',
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(remedy),
    });
  });

  test('acme.sh, DigitalOcean’s agents and backups', () => {
    expect(around({ acmeFolders: ['/root/.acme.sh'], programs: ['do-agent'], vendor: 'DigitalOcean' }).codes).toEqual([
      'info cloud-firewall:DigitalOcean',
      'warning certificates:/root/.acme.sh',
      'info provider-agent:do-agent',
      'info provider-backups:DigitalOcean',
    ]);
  });
});

describe('lines that stand in instance.setup already', () => {
  const sysctls = { 'vm.max_map_count': '262144', 'net.core.somaxconn': '65535' };
  const { setup } = around({ sysctls });
  const only = around({ sysctls: { 'vm.max_map_count': '262144' } }).setup;

  test('all: settled, and nothing is offered', () => {
    const found = around({ sysctls }, [], {}, `echo mine\n${setup.replaceAll('\n', '  \n')}\n`);
    expect(found.findings.map(({ level, code }) => `${level} ${code}`)).toEqual(['info sysctl', 'info sysctl']);
    expect(found.findings[0]?.remedy).toContain('"instance.setup" sees to it.');
    expect(found.setup).toBe('');
  });

  test('some: the others are offered', () => {
    const found = around({ sysctls }, [], {}, only);
    expect(found.codes).toEqual(['info sysctl:vm.max_map_count', 'warning sysctl:net.core.somaxconn']);
    expect(found.setup).toContain('somaxconn');
    expect(found.setup).not.toContain('max_map_count');
  });

  test('a blocker becomes a warning', () => {
    const old = container({ over: { imageName: 'centos:6' } });
    expect(around({}, [old], {}, around({}, [old]).setup).codes).toEqual(['warning old-libc:web']);
  });
});
