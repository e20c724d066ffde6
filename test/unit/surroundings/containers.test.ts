import { describe, expect, test } from 'vitest';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import { javaVersion } from '../../../src/surroundings/old-images.ts';
import { container, image, inventory, settings } from '../ecs/builders.ts';
import { around } from './scene.ts';

type Parts = Parameters<typeof container>[0];
const networks = [
  { Name: 'bridge', IPAM: { Config: [{ Subnet: '172.17.0.0/16' }] } },
  { Name: 'shop', IPAM: { Config: [{ Subnet: '192.168.16.0/20', Gateway: '192.168.16.1' }] } },
];
const addresses = ['203.0.113.9', '10.19.0.5', '172.17.0.1', '172.18.0.1', '172.17.42.1', '169.254.169.254'];

describe('references in settings', () => {
  test.each<[Parts, string | undefined]>([
    [{ env: ['SITE=https://203.0.113.9/x'] }, 'warning source-address:web'],
    [{ env: ['DB_HOST=10.19.0.5'] }, 'warning source-address:web'],
    [{ env: ['DB_HOST=10.19.0.50'] }, 'warning private-address:web'],
    [{ env: ['DB_HOST=172.17.42.1'] }, 'warning old-bridge-address:web'],
    [{ env: ['DB_HOST=172.18.0.1'] }, 'warning bridge-address:web'],
    [{ env: ['DB_HOST=172.22.0.7:5432'] }, 'warning bridge-address:web'],
    [{ env: ['DB_HOST=192.168.16.4'] }, 'warning bridge-address:web'],
    [{ env: ['DB_HOST=192.168.60.4'] }, 'warning private-address:web'],
    [{ config: { Cmd: ['serve', '--listen', '203.0.113.9:80'] } }, 'warning source-address:web'],
    [{ config: { Labels: { 'proxy.to': 'http://10.19.0.5' } } }, 'warning source-address:web'],
    [{ host: { ExtraHosts: ['db:172.17.42.1'] } }, 'warning old-bridge-address:web'],
    [{ env: ['META=http://169.254.169.254/metadata/v1/id'] }, 'warning droplet-metadata:web'],
    [{ env: ['RESOLVER=67.207.67.3'] }, 'warning provider-resolver:web'],
    [
      { env: ['DATABASE_URL=postgres://u:p@private-db-1-do-user-1-0.b.db.ondigitalocean.com:25060/x'] },
      'blocker private-database:web',
    ],
    [{ env: ['DB=db-1-do-user-1-0.b.db.ondigitalocean.com'] }, 'warning managed-database:web'],
    [{ env: ['IMAGE=registry.digitalocean.com/me/x'] }, 'info provider-registry:web'],
    [{ env: ['S3=https://me.ams3.digitaloceanspaces.com'] }, 'warning spaces:web'],
    [{ env: ['S3=ams3.digitaloceanspaces.com', 'AWS_REGION=us-east-1'] }, 'info spaces:web'],
    [{ env: ['DB_HOST=172.17.0.1'] }, undefined],
    [
      { env: ['TRUST=172.16.0.0/12', 'ALL=0.0.0.0', 'SELF=127.0.0.1', 'NET=10.0.0.0/8', 'MASK=255.255.255.0'] },
      undefined,
    ],
    [{ env: ['VERSION=10.2.3.4-beta', 'LONG=10.1.2.3.4'] }, undefined],
    [{ env: ['SITE=https://example.com', 'DNS=8.8.8.8'] }, undefined],
  ])('%j', (parts, expected) => {
    expect(around({ addresses }, [container(parts)], { networks }).codes).toEqual(
      expected === undefined ? [] : [expected],
    );
  });

  test('places are named, secrets are not shown', () => {
    const env = ['API_TOKEN=hunter2@203.0.113.9', 'URL=http://me:hunter2@203.0.113.9/'];
    const { findings } = around({ addresses }, [container({ env })]);
    expect(findings[0]?.message).toContain('API_TOKEN (203.0.113.9), URL (203.0.113.9)');
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });

  test('mounted files, of those who mount them', () => {
    const mounts = [{ Type: 'bind', Source: '/srv/web', Destination: '/etc/x', RW: true }];
    const web = container({
      mounts,
      over: {
        mentions: [
          { name: '172.17.42.1', file: '/srv/web/a', strong: true },
          { name: 'db', file: '/srv/web/a', strong: true },
        ],
      },
    });
    const hostsInFiles = [
      { file: '/srv/web/b', host: 'private-x.b.db.ondigitalocean.com' },
      { file: '/srv/web/a', host: '172.17.42.1' },
      { file: '/srv/webmail/c', host: '172.19.0.2' },
    ];
    const { codes, findings } = around({ addresses, hostsInFiles }, [web]);
    expect(codes).toEqual(['warning old-bridge-address:web', 'blocker private-database:web']);
    expect(findings[0]?.message).toContain('in /srv/web/a (172.17.42.1);');
  });

  test('without anything known of the host, settings are judged all the same', () => {
    const found = inventory([container({ env: ['DB_HOST=172.17.42.1'] })]);
    expect(designMigration(found, settings).findings).toContainEqual(
      expect.objectContaining({ code: 'old-bridge-address' }),
    );
  });

  test('a container that stays is not judged', () => {
    expect(around({ addresses }, [container({ env: ['A=203.0.113.9'], over: { running: false } })]).codes).toEqual([]);
  });
});

describe('images that the instance cannot run', () => {
  const judged = (parts: Parts, system = {}, parts2: Parameters<typeof image>[0] & { tags?: string[] } = {}) => {
    const one = container(parts);
    const { tags = ['app:2'] } = parts2;
    return around({ systems: { [one.id]: system } }, [one], { images: [{ ...image(parts2), tags }] }).codes;
  };

  test.each([
    [{ distribution: 'centos', version: '6' }, true],
    [{ distribution: 'centos', version: '6.9', libc: '2.12' }, true],
    [{ distribution: 'debian', version: '7' }, true],
    [{ distribution: 'ubuntu', version: '12.04' }, true],
    [{ libc: '2.15' }, true],
    [{ distribution: 'centos', version: '7', libc: '2.17' }, false],
    [{ distribution: 'ubuntu', version: '14.04', libc: '2.19' }, false],
    [{ distribution: 'debian', version: '12' }, false],
    [{ distribution: 'alpine', version: '3.2' }, false],
  ])('C library of %j', (system, isOld) => {
    expect(judged({}, system)).toEqual(isOld ? ['blocker old-libc:web'] : []);
  });

  test.each([
    ['centos:6', true],
    ['centos:centos6.9', true],
    ['debian:wheezy-slim', true],
    ['ubuntu:12.04', true],
    ['library/ubuntu:precise', true],
    ['debian:7', true],
    ['debian:70', false],
    ['centos:7', false],
    ['mycentos:6', false],
    ['app:6', false],
  ])('%s, where nothing could be read', (tag, isOld) => {
    expect(judged({ over: { imageName: tag } })).toEqual(isOld ? ['blocker old-libc:web'] : []);
    expect(judged({}, {}, { tags: [tag] })).toEqual(isOld ? ['blocker old-libc:web'] : []);
    expect(judged({ over: { imageName: tag } }, { distribution: 'debian', version: '12' })).toEqual([]);
  });

  test.each([
    ['1.8.0_292', 8, 292],
    ['8u111', 8, 111],
    ['jdk8u292-b10', 8, 292],
    ['jdk-11.0.11+9', 11, 11],
    ['11.0.16', 11, 16],
    ['17.0.1', 17, 1],
    ['17', 17, 0],
    ['7u151', 7, 151],
    ['14-ea+33', 14, 0],
  ])('Java %s', (text, major, update) => {
    expect(javaVersion(text)).toMatchObject({ major, update });
  });

  const limited = { host: { Memory: 512 * 1024 ** 2 } };
  test.each([
    ['1.8.0_292', true],
    ['1.8.0_372', false],
    ['11.0.15', true],
    ['11.0.16', false],
    ['10.0.2', true],
    ['13.0.1', true],
    ['15.0.1', false],
    ['17.0.1', false],
    ['', false],
  ])('limits of a JVM %s', (java, isBlind) => {
    const expected = isBlind ? ['warning old-jvm:web'] : [];
    expect(judged(limited, { java })).toEqual(java === '' ? [] : expected);
    expect(judged(limited, {}, { env: [`JAVA_VERSION=${java}`] })).toEqual(expected);
    expect(judged({}, { java })).toEqual([]);
    expect(judged({ ...limited, env: ['JAVA_OPTS=-Xmx256m'] }, { java })).toEqual([]);
  });

  test.each<[Parts, object, string[]]>([
    [{ config: { Cmd: ['/sbin/init'] } }, { distribution: 'centos', version: '7' }, ['blocker systemd-container:web']],
    [{}, { distribution: 'debian', version: '8', init: '/lib/systemd/systemd' }, ['blocker systemd-container:web']],
    [
      { config: { Entrypoint: ['/usr/sbin/init'] }, over: { imageName: 'centos:7' } },
      {},
      ['blocker systemd-container:web'],
    ],
    [{ config: { Cmd: ['/sbin/init'] } }, { distribution: 'debian', version: '12' }, ['warning systemd-container:web']],
    [{}, { distribution: 'centos', version: '7', init: '/usr/sbin/httpd' }, []],
    [{ config: { Cmd: ['/usr/bin/myinit'] } }, {}, []],
  ])('systemd: %j %j', (parts, system, expected) => {
    expect(judged(parts, system)).toEqual(expected);
  });

  test.each([
    ['docker:19.03-dind', [], ['blocker old-docker:web']],
    ['docker:20.10-dind', [], []],
    ['docker:dind', ['DOCKER_VERSION=18.09.7'], ['blocker old-docker:web']],
    ['docker:dind', ['DOCKER_VERSION=24.0.1'], []],
    ['docker:19.03', [], []],
    ['app:1.2', ['DOCKER_VERSION=1.2'], []],
  ])('Docker within Docker: %s %j', (imageName, env, expected) => {
    expect(judged({ over: { imageName } }, {}, { env })).toEqual(expected);
  });
});
