import { describe, expect, it } from 'vitest';
import type { AccountingRow } from '../../../src/finding.ts';
import { explain } from '../../lab/torture/explain.ts';
import { type Json, normalise } from '../../lab/torture/normalise.ts';

const naming = { nameOf: (known: string) => ({ abc: 'db', 'ecs-web-1-db-0': 'db' })[known] ?? known };

type Parts = { config?: Json; host?: Json; mounts?: readonly Json[]; networks?: Json; top?: Json };

const inspect = ({ config = {}, host = {}, mounts = [], networks = {}, top = {} }: Parts = {}): Json => ({
  Id: '0123456789abcdef',
  Name: '/web',
  Path: 'serve',
  Args: ['80'],
  Platform: 'linux',
  Config: { Hostname: '0123456789ab', Env: ['PATH=/bin'], ...config },
  HostConfig: { NetworkMode: 'default', ...host },
  Mounts: mounts,
  NetworkSettings: { Networks: { bridge: {}, ...networks } },
  ...top,
});

const row = (setting: string, outcome: AccountingRow['outcome']): AccountingRow => ({
  container: 'web',
  setting,
  outcome,
  value: '',
  target: '',
  note: '',
});

const unexplained = (before: Parts, after: Parts, rows: readonly AccountingRow[] = [], names: readonly string[] = []) =>
  explain({
    container: 'web',
    source: normalise(inspect(before), naming),
    target: normalise(inspect(after), naming),
    definition: { name: 'web', cpu: 8, stopTimeout: 3 },
    rows,
    names,
  }).unexplained.map(({ path }) => path);

describe('two containers that are set up the same', () => {
  it.each<[string, Parts, Parts]>([
    ['whatever is not set', { host: { Dns: null, Tmpfs: {} } }, { host: { Dns: [], Tmpfs: undefined } }],
    [
      'an entry point written out',
      { config: { Cmd: ['serve', '80'] } },
      { config: { Entrypoint: ['serve'], Cmd: ['80'] } },
    ],
    ['capabilities by their long names', { host: { CapAdd: ['CAP_CHOWN'] } }, { host: { CapAdd: ['CHOWN'] } }],
    ['swap as much as memory', { host: { Memory: 5, MemorySwap: 10 } }, { host: { Memory: 5 } }],
    [
      'a tmpfs asked for in another way',
      { host: { Mounts: [{ Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1048576, Mode: 1016 } }] } },
      { host: { Tmpfs: { '/t': 'mode=1770,size=1m' } } },
    ],
    [
      'a link by whatever name Docker has',
      { host: { Links: ['/db:/web/database'] } },
      { host: { Links: ['/ecs-web-1-db-0:/x/database'] } },
    ],
    [
      'the namespace of the same container',
      { host: { PidMode: 'container:abc' } },
      { host: { PidMode: 'container:ecs-web-1-db-0' } },
    ],
    [
      'blocking logs',
      { host: { LogConfig: { Type: 'syslog', Config: {} } } },
      { host: { LogConfig: { Type: 'syslog', Config: { mode: 'blocking' } } } },
    ],
    [
      'what ECS does to all',
      { host: { RestartPolicy: { Name: 'always' } }, config: { StopTimeout: 3 } },
      {
        host: {
          RestartPolicy: { Name: 'no' },
          CpuShares: 8,
          MemoryReservation: 9,
          CgroupParent: '/x/ecstasks-0f.slice',
        },
        config: { Env: ['PATH=/bin', 'AWS_REGION=x'], Labels: { 'com.amazonaws.ecs.cluster': 'c' } },
      },
    ],
  ])('%s', (_, before, after) => expect(unexplained(before, after)).toEqual([]));
});

describe('a difference', () => {
  it.each<[string, Parts, Parts, string]>([
    ['another command', {}, { top: { Args: ['81'] } }, 'Config.Process'],
    ['another image', { top: { Image: 'a' } }, { top: { Image: 'b' } }, 'Image'],
    ['a variable that changed', { config: { Env: ['A=1'] } }, { config: { Env: ['A=2'] } }, 'Config.Env.A'],
    ['a variable that is gone, though empty', { config: { Env: ['A='] } }, { config: { Env: [] } }, 'Config.Env.A'],
    [
      'a limit that is gone',
      { host: { Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }] } },
      {},
      'HostConfig.Ulimits.nofile',
    ],
    [
      'paths that are masked again',
      { host: { MaskedPaths: [] } },
      { host: { MaskedPaths: ['/proc/kcore'] } },
      'HostConfig.MaskedPaths',
    ],
    [
      'a mount that may be written to',
      { mounts: [{ Type: 'bind', Destination: '/d', RW: false }] },
      { mounts: [{ Type: 'bind', Destination: '/d', RW: true }] },
      'Mounts./d.Access',
    ],
    [
      'a port that is gone',
      { host: { PortBindings: { '80/tcp': [{ HostPort: '80' }] } } },
      {},
      'HostConfig.PortBindings.80/tcp',
    ],
    [
      'a port at one address',
      { host: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '80' }] } } },
      { host: { PortBindings: { '80/tcp': [{ HostPort: '80' }] } } },
      'HostConfig.PortBindings.80/tcp',
    ],
    [
      'an exposed port that no definition maps',
      {},
      { config: { ExposedPorts: { '81/tcp': {} } } },
      'Config.ExposedPorts.81/tcp',
    ],
    ['a link nobody had', {}, { host: { Links: ['/ecs-web-1-db-0:/x/database'] } }, 'HostConfig.Links.database'],
    ['a network that was left', { networks: { web: { Aliases: ['a'] } } }, {}, 'NetworkSettings.Networks.web'],
    ['another time to stop in', { config: { StopTimeout: 5 } }, {}, 'Config.StopTimeout'],
    ['a field nobody knows', { host: { Novel: 'x' } }, {}, 'HostConfig.Novel'],
    ['a top-level field nobody knows', { top: { Novel: 'x' } }, {}, 'Novel'],
  ])(
    '%s is not explained by itself, nor by a row that says mapped, but by one that says lost',
    (_, before, after, path) => {
      expect(unexplained(before, after)).toContain(path);
      expect(unexplained(before, after, [row(path, 'mapped')])).toContain(path);
      const area = path.split('.').slice(0, 2).join('.');
      expect(
        unexplained(before, after, [
          row(path.startsWith('Mounts') ? 'Mounts./d' : area, 'lost'),
          row(path, 'approximated'),
        ]),
      ).not.toContain(path);
    },
  );

  it('is explained by the row that speaks of it most closely', () => {
    const [before, after] = [{ host: { Dns: ['1.1.1.1', '10.0.0.1'] } }, {}];
    const rows = [row('HostConfig.Dns.1.1.1.1', 'mapped'), row('HostConfig.Dns.10.0.0.1', 'lost')];
    expect(unexplained(before, after, rows)).toEqual(['HostConfig.Dns.1.1.1.1']);
  });

  it('is no loss where a link stands for a name of the network', () => {
    const after = { host: { Links: ['/ecs-web-1-db-0:/x/database'] } };
    expect(unexplained({}, after, [], ['database'])).toEqual([]);
  });

  it('is not explained by what ECS does to all where it does another thing', () => {
    expect(
      unexplained({ host: { RestartPolicy: { Name: 'on-failure' } } }, { host: { RestartPolicy: { Name: 'no' } } }),
    ).toEqual(['HostConfig.RestartPolicy']);
    expect(unexplained({ host: { CpuShares: 512 } }, { host: { CpuShares: 8 } })).toEqual(['HostConfig.CpuShares']);
    expect(
      unexplained({ config: { Env: ['AWS_REGION=nyc3'] } }, { config: { Env: ['AWS_REGION=us-east-1'] } }),
    ).toContain('Config.Env.AWS_REGION');
  });
});
