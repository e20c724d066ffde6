import { describe, expect, it } from 'vitest';
import { parseContainer, parseImage } from '../../src/parse-inspect.ts';
import { Secret } from '../../src/secret.ts';

const id = 'ab'.repeat(32);
const paths = (raw: object) => parseContainer({ ...raw }).strays?.map(({ path, reason }) => `${reason} ${path}`);

describe('docker inspect of ten years', () => {
  it('API 1.24: mounts without Type, no Platform, nulls where nothing is', () => {
    const found = parseContainer({
      Id: id,
      Name: '/web',
      Image: 'sha256:1',
      State: { Running: true },
      Config: { Env: null, Cmd: 'serve', Entrypoint: null, Labels: null, ExposedPorts: null },
      HostConfig: { Binds: null, PortBindings: null, LogConfig: { Type: 'json-file', Config: null }, Dns: null },
      Mounts: [
        {
          Name: 'v',
          Source: '/var/lib/docker/volumes/v/_data',
          Destination: '/v',
          Driver: 'local',
          Mode: 'rw',
          RW: true,
        },
        { Source: '/srv', Destination: '/srv', Mode: 'ro', RW: false },
        { Source: '/srv/b', Destination: '/b', Mode: 'z,ro' },
      ],
      NetworkSettings: { Networks: { bridge: null } },
    });
    expect(found).toMatchObject({ name: 'web', imageName: 'sha256:1', running: true, env: [], strays: [] });
    expect(found.inspect.Config).toEqual({ Cmd: ['serve'] });
    expect(found.inspect.HostConfig).toEqual({ LogConfig: { Type: 'json-file' } });
    expect(found.inspect.Mounts.map(({ Type, RW }) => `${Type} ${RW}`)).toEqual([
      'volume true',
      'bind false',
      'bind false',
    ]);
    expect(found.inspect.NetworkSettings.Networks).toEqual({ bridge: {} });
  });

  it('API 1.52: no addresses beside the networks, new state at the top', () => {
    const strays = paths({
      Id: id,
      Name: '/web',
      Config: { Image: 'app:2', Healthcheck: { Test: ['NONE'], StartInterval: 5 } },
      HostConfig: { CgroupnsMode: 'private', Annotations: { a: 'b' } },
      NetworkSettings: {
        SandboxID: 'x',
        SandboxKey: '/x',
        Ports: {},
        Networks: { front: { GwPriority: 1, DNSNames: ['web'] } },
      },
      ImageManifestDescriptor: { digest: 'sha256:2' },
      Storage: { RootFS: { Snapshot: { Name: 'overlayfs' } } },
      GraphDriver: { Name: 'overlay2', Data: { LowerDir: '/x' } },
    });
    expect(strays).toEqual([]);
  });

  it('nothing at all is a container too', () => {
    expect(parseContainer({})).toMatchObject({ id: '', name: 'unnamed', running: false, env: [], strays: [] });
    expect(parseContainer({ Id: id })).toMatchObject({ name: id.slice(0, 12), writableBytes: 0 });
  });

  it('environment: split at the first =, removed where there is none, secret by name', () => {
    const { env } = parseContainer({ Config: { Env: ['A=b=c', 'GONE', 'E=', 'DB_PASSWORD=x'] } });
    expect(env).toEqual([
      { name: 'A', value: 'b=c' },
      { name: 'GONE', value: undefined },
      { name: 'E', value: '' },
      { name: 'DB_PASSWORD', value: expect.any(Secret) },
    ]);
  });
});

describe('what no rule sees is kept apart', () => {
  it.each<[string, object, string[]]>([
    ['an unknown key at the top', { Fancy: { a: 1 } }, ['unknown Fancy']],
    ['one of Config', { Config: { Fancy: 1 } }, ['unknown Config.Fancy']],
    ['one of HostConfig', { HostConfig: { Fancy: [1] } }, ['unknown HostConfig.Fancy']],
    ['one of the health check', { Config: { Healthcheck: { Fancy: 1 } } }, ['unknown Config.Healthcheck.Fancy']],
    ['one of the log', { HostConfig: { LogConfig: { Fancy: 'x' } } }, ['unknown HostConfig.LogConfig.Fancy']],
    [
      'one of the restart policy',
      { HostConfig: { RestartPolicy: { Fancy: 1 } } },
      ['unknown HostConfig.RestartPolicy.Fancy'],
    ],
    [
      'one of a mount',
      { Mounts: [{ Type: 'bind', Source: '/a', Destination: '/a', RW: true, Fancy: 1 }] },
      ['unknown Mounts./a.Fancy'],
    ],
    [
      'one of a mount request’s options',
      { HostConfig: { Mounts: [{ Target: '/a', BindOptions: { Fancy: true }, VolumeOptions: { Fancy: 'x' } }] } },
      ['unknown HostConfig.Mounts./a.BindOptions.Fancy', 'unknown HostConfig.Mounts./a.VolumeOptions.Fancy'],
    ],
    [
      'one of an endpoint, and of its addresses',
      { NetworkSettings: { Networks: { front: { Fancy: 1, IPAMConfig: { Fancy: 'x' } } } } },
      ['unknown NetworkSettings.Networks.front.IPAMConfig.Fancy', 'unknown NetworkSettings.Networks.front.Fancy'],
    ],
    ['one of the network settings', { NetworkSettings: { Fancy: 1 } }, ['unknown NetworkSettings.Fancy']],
    [
      'one of a device',
      { HostConfig: { Devices: [{ PathOnHost: '/dev/a', Fancy: 1 }] } },
      ['unknown HostConfig.Devices./dev/a.Fancy'],
    ],
    [
      'one of a device request',
      { HostConfig: { DeviceRequests: [{ Fancy: 1 }] } },
      ['unknown HostConfig.DeviceRequests.0.Fancy'],
    ],
    [
      'one of a ulimit',
      { HostConfig: { Ulimits: [{ Name: 'nofile', Fancy: 1 }] } },
      ['unknown HostConfig.Ulimits.nofile.Fancy'],
    ],
    [
      'one of a port binding',
      { HostConfig: { PortBindings: { '80/tcp': [{ Fancy: 'x' }] } } },
      ['unknown HostConfig.PortBindings.80/tcp.0.Fancy'],
    ],
    ['empty ones are nothing', { Fancy: null, Config: { Fancy: [] }, HostConfig: { Fancy: {}, Other: 0 } }, []],
    ['a number where a text belongs', { Config: { User: 5 } }, ['unreadable Config.User']],
    ['a text where a number belongs', { HostConfig: { Memory: '64m' } }, ['unreadable HostConfig.Memory']],
    [
      'a fraction where a whole number belongs',
      { HostConfig: { PidsLimit: 1.5 } },
      ['unreadable HostConfig.PidsLimit'],
    ],
    ['a list where an object belongs', { HostConfig: { LogConfig: [1] } }, ['unreadable HostConfig.LogConfig']],
    ['one bad entry of a list', { Config: { Cmd: ['a', 5] } }, ['unreadable Config.Cmd.1']],
    ['a label that is no text', { Config: { Labels: { a: 1 } } }, ['unreadable Config.Labels.a']],
    ['a whole part', { HostConfig: 'x', Config: [1] }, ['unreadable HostConfig', 'unreadable Config']],
    [
      'a mount without a place',
      { Mounts: [{ Type: 'bind', Source: '/a', Destination: 'a', RW: true }] },
      ['unreadable Mounts.a'],
    ],
    [
      'a bind without a source',
      { Mounts: [{ Type: 'bind', Source: '', Destination: '/a' }] },
      ['unreadable Mounts./a'],
    ],
    [
      'a volume whose name leads elsewhere',
      { Mounts: [{ Type: 'volume', Name: '../../etc', Destination: '/a' }] },
      ['unreadable Mounts./a'],
    ],
  ])('%s', (_, raw, expected) => {
    expect([...(paths(raw) ?? [])].sort()).toEqual([...expected].sort());
  });

  it('and the rest of a part stays', () => {
    const { inspect } = parseContainer({
      Config: { Cmd: ['a', 5, 'b'], Labels: { a: 1, b: 'c' } },
      HostConfig: { Mounts: [{ Target: '/t', TmpfsOptions: { Options: [['noexec'], ['uid', '7']] } }] },
      Mounts: [{ Type: 'x' }, { Type: 'bind', Source: '/a', Destination: '/a' }],
    });
    expect(inspect.Config).toEqual({ Cmd: ['a', 'b'], Labels: { b: 'c' } });
    expect(inspect.HostConfig).toEqual({
      Mounts: [{ Target: '/t', TmpfsOptions: { Options: [['noexec'], ['uid', '7']] } }],
    });
    expect(inspect.Mounts.map(({ Destination }) => Destination)).toEqual(['/a']);
  });
});

describe('docker image inspect', () => {
  it.each<[string, object, object]>([
    [
      'null Config',
      { Config: null, Size: 5, Architecture: 'arm64' },
      { config: {}, env: [], bytes: 5, architecture: 'arm64' },
    ],
    [
      'no Config, as API 1.52 writes "nothing set"',
      {},
      { config: {}, env: [], bytes: 0, architecture: 'amd64', tags: [] },
    ],
    [
      'whatever stands where Docker puts something else',
      { RepoTags: ['a:1', 5], Config: { Env: 'A=1', User: 5, Cmd: 'x' }, Size: 'x' },
      { tags: ['a:1'], env: ['A=1'], config: { Cmd: ['x'] }, bytes: 0 },
    ],
  ])('%s', (_, raw, expected) => {
    expect(parseImage('sha256:1', { ...raw })).toMatchObject(expected);
  });
});
