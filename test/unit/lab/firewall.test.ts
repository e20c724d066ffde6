import { expect, it } from 'vitest';
import { firewallText } from '../../lab/instances-firewall.ts';
import type { IngressRule } from '../../lab/moto-state.ts';

const tcp = (fromPort: number, toPort: number, cidr: string): IngressRule => ({
  protocol: 'tcp',
  fromPort,
  toPort,
  cidr,
});
const text = (...rules: readonly string[]): string =>
  ['*mangle', ':LAB-SECURITY-GROUPS - [0:0]', ...rules, '-A LAB-SECURITY-GROUPS -j DROP', 'COMMIT', ''].join('\n');

it.each<[string, readonly IngressRule[], string]>([
  ['nothing lets nothing in', [], text()],
  [
    'one port from one address',
    [tcp(22, 22, '10.213.2.1/32')],
    text('-A LAB-SECURITY-GROUPS -s 10.213.2.1/32 -p tcp --dport 22:22 -j RETURN'),
  ],
  [
    'a range of ports from everywhere',
    [tcp(8000, 8100, '0.0.0.0/0')],
    text('-A LAB-SECURITY-GROUPS -s 0.0.0.0/0 -p tcp --dport 8000:8100 -j RETURN'),
  ],
  [
    'every protocol, so every port',
    [{ protocol: '-1', fromPort: null, toPort: null, cidr: '10.0.0.0/8' }],
    text('-A LAB-SECURITY-GROUPS -s 10.0.0.0/8 -j RETURN'),
  ],
  ['another protocol opens no TCP port', [{ protocol: 'udp', fromPort: 22, toPort: 22, cidr: '0.0.0.0/0' }], text()],
  [
    'two groups with the same rule, in any order',
    [tcp(80, 80, '0.0.0.0/0'), tcp(22, 22, '0.0.0.0/0'), tcp(80, 80, '0.0.0.0/0')],
    text(
      '-A LAB-SECURITY-GROUPS -s 0.0.0.0/0 -p tcp --dport 22:22 -j RETURN',
      '-A LAB-SECURITY-GROUPS -s 0.0.0.0/0 -p tcp --dport 80:80 -j RETURN',
    ),
  ],
])('%s', (_, ingress, expected) => {
  expect(firewallText(ingress)).toBe(expected);
});
