import { describe, expect, it } from 'vitest';
import { designOf } from './builders.ts';

/** A container on the network `front`, as its endpoint and the engine's list of networks say. */
const on = (endpoint: object, listed: object = {}) =>
  designOf(
    { host: { NetworkMode: 'front' }, raw: { NetworkSettings: { Networks: { front: endpoint } } } },
    [],
    {},
    {
      networks: [{ Name: 'front', ...listed }],
    },
  );
const at = (key: string) => `NetworkSettings.Networks.front${key}`;

describe('a network of its own (§1.4)', () => {
  it.each<[string, object, string, string | undefined]>([
    ['bridge', { Driver: 'bridge' }, 'approximated', undefined],
    ['not listed', {}, 'approximated', undefined],
    ['internal', { Driver: 'bridge', Internal: true }, 'approximated', 'warning internal-network'],
    ['macvlan', { Driver: 'macvlan' }, 'lost', 'blocker network-driver'],
    ['ipvlan', { Driver: 'ipvlan' }, 'lost', 'blocker network-driver'],
    ['overlay', { Driver: 'overlay' }, 'approximated', 'warning network-driver'],
    ['a plugin', { Driver: 'weave' }, 'approximated', 'warning network-driver'],
  ])('%s', (_, listed, outcome, code) => {
    const { row, codes } = on({}, listed);
    expect(row(at(''))).toMatchObject({ outcome, note: expect.stringMatching(/./) });
    expect(codes).toEqual(code === undefined ? [] : [code]);
  });
});

describe('an endpoint has rows for', () => {
  it.each<[string, object, string, string, string | undefined]>([
    [
      'aliases, without the short id and the name',
      { Aliases: ['db', '7765622d2d2d', 'web'] },
      '.Aliases',
      '["db"]',
      undefined,
    ],
    ['links', { Links: ['db:mysql'] }, '.Links', '["db:mysql"]', undefined],
    [
      'a fixed address',
      { IPAMConfig: { IPv4Address: '172.20.0.9' } },
      '.IPAMConfig',
      '172.20.0.9',
      'warning fixed-address',
    ],
    [
      'link-local addresses',
      { IPAMConfig: { LinkLocalIPs: ['169.254.1.1'] } },
      '.IPAMConfig',
      '169.254.1.1',
      'warning fixed-address',
    ],
    ['IPv6', { GlobalIPv6Address: '2001:db8::9' }, '.GlobalIPv6Address', '2001:db8::9', 'warning ipv6'],
    ['driver options', { DriverOpts: { a: 'b' } }, '.DriverOpts', '{"a":"b"}', 'warning network-options'],
    ['a gateway priority', { GwPriority: 5 }, '.GwPriority', '5', undefined],
    [
      'a MAC address of a vendor',
      { MacAddress: '00:16:3e:00:00:01' },
      '.MacAddress',
      '00:16:3e:00:00:01',
      'warning mac-address',
    ],
    [
      'a MAC address that Docker would not have made of the IP address',
      { MacAddress: '02:42:ac:11:00:99', IPAddress: '172.17.0.2' },
      '.MacAddress',
      '02:42:ac:11:00:99',
      'warning mac-address',
    ],
  ])('%s', (_, endpoint, key, value, code) => {
    const { row, codes } = on(endpoint);
    expect(row(at(key))).toMatchObject({ value, note: expect.stringMatching(/./) });
    expect(codes).toEqual(code === undefined ? [] : [code]);
  });

  it.each<[string, object]>([
    ['a MAC address made of the IP address', { MacAddress: '02:42:ac:11:00:02', IPAddress: '172.17.0.2' }],
    ['a random MAC address, as engine 28 gives', { MacAddress: 'de:ad:be:ef:00:01', IPAddress: '172.17.0.2' }],
    ['a MAC address of a container that does not run', { MacAddress: '02:42:ac:11:00:02', IPAddress: '' }],
    [
      'what the engine alone put there',
      { Aliases: ['7765622d2d2d'], DNSNames: ['web'], IPAMConfig: {}, DriverOpts: null },
    ],
    ['state', { NetworkID: 'x', EndpointID: 'y', Gateway: '172.17.0.1', IPPrefixLen: 16, IPv6Gateway: '' }],
  ])('and none for %s', (_, endpoint) => {
    const { design } = on(endpoint);
    const rows = design.accounting.map(({ setting }) => setting).filter((setting) => setting.startsWith(at('.')));
    expect(rows).toEqual([]);
  });

  it('IPv6 where the network has it', () => {
    expect(on({}, { EnableIPv6: true }).codes).toEqual(['warning ipv6']);
  });

  it('an endpoint on the default bridge', () => {
    const { row } = designOf({
      raw: { NetworkSettings: { Networks: { bridge: { GlobalIPv6Address: '2001:db8::9' } } } },
    });
    expect(row('NetworkSettings.Networks.bridge.GlobalIPv6Address')).toMatchObject({ outcome: 'lost' });
    expect(row('NetworkSettings.Networks.bridge')).toBeUndefined();
  });
});
