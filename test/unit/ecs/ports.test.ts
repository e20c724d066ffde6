import { describe, expect, it } from 'vitest';
import { designOf } from './builders.ts';

const binding = (HostPort: string, HostIp = '') => [{ HostIp, HostPort }];
const mapping = (containerPort: number, hostPort: number, protocol = 'tcp') => ({ containerPort, hostPort, protocol });

describe('published ports (§1.4)', () => {
  it.each([
    ['fixed', { '80/tcp': binding('8080') }, [mapping(80, 8080)], [8080], []],
    [
      'for IPv4 and IPv6',
      { '80/tcp': [...binding('80', '0.0.0.0'), ...binding('80', '::')] },
      [mapping(80, 80)],
      [80],
      [],
    ],
    [
      'at two host ports',
      { '80/tcp': [...binding('80'), ...binding('81')] },
      [mapping(80, 80), mapping(80, 81)],
      [80, 81],
      [],
    ],
    ['on loopback', { '80/tcp': binding('80', '127.0.0.1') }, [mapping(80, 80)], [], ['warning host-address']],
    ['on a private address', { '80/tcp': binding('80', '10.10.0.5') }, [mapping(80, 80)], [], ['warning host-address']],
    [
      'on one public address',
      { '80/tcp': binding('80', '203.0.113.5') },
      [mapping(80, 80)],
      [80],
      ['warning host-address'],
    ],
    ['on IPv6 loopback', { '80/tcp': binding('80', '::1') }, [mapping(80, 80)], [], ['warning host-address']],
    ['UDP', { '53/udp': binding('53') }, [mapping(53, 53, 'udp')], [], ['warning udp-port']],
    ['SCTP', { '9/sctp': binding('9') }, undefined, [], ['blocker sctp']],
    ['at any port', { '80/tcp': binding('') }, [mapping(80, 0)], [], ['warning dynamic-port']],
    [
      'TCP and UDP',
      { '53/tcp': binding('53'), '53/udp': binding('53') },
      [mapping(53, 53), mapping(53, 53, 'udp')],
      [53],
      ['warning tcp-and-udp'],
    ],
  ])('%s', (_, PortBindings, expected, open, warnings) => {
    const { definition, workload, codes } = designOf({ host: { PortBindings } });
    expect(definition.portMappings).toEqual(expected);
    expect(workload.ports).toEqual(open);
    expect(codes).toEqual(warnings);
  });

  it('pins a port of the engine’s choice that ECS would take, and no ephemeral one', () => {
    const at = (port: string) =>
      designOf({ host: { PortBindings: { '80/tcp': binding('') } }, ports: { '80/tcp': binding(port, '0.0.0.0') } })
        .definition.portMappings;
    expect(at('8099')).toEqual([mapping(80, 8099)]);
    expect(at('32768')).toEqual([mapping(80, 0)]);
  });

  it('--publish-all publishes what nothing else does', () => {
    const host = { PublishAllPorts: true, PortBindings: { '80/tcp': binding('80') } };
    const { definition } = designOf({ host, config: { ExposedPorts: { '80/tcp': {}, '443/tcp': {} } } });
    expect(definition.portMappings).toHaveLength(2);
    expect(definition.portMappings).toEqual(expect.arrayContaining([mapping(80, 80), mapping(443, 0)]));
  });

  it('on the host’s network names what the image exposes, and opens nothing', () => {
    const { definition, workload } = designOf({
      host: { NetworkMode: 'host' },
      config: { ExposedPorts: { '3000/tcp': {} } },
    });
    expect(definition.portMappings).toEqual([mapping(3000, 3000)]);
    expect(workload.taskDefinition.networkMode).toBe('host');
    expect(workload.ports).toEqual([]);
  });
});
