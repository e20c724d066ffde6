import { EC2Client } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { leadsOut, networkReader } from '../../../src/aws/ec2-network.ts';
import { clientOptions, fakeClient } from './fake-client.ts';

const out = { DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-1', State: 'active' as const };
const local = { DestinationCidrBlock: '172.31.0.0/16', GatewayId: 'local', State: 'active' as const };
const nat = { DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1', State: 'active' as const };
const table = (association: object, ...Routes: object[]) => ({
  Associations: [association],
  Routes: [local, ...Routes],
});
const main = { Main: true };
const own = { SubnetId: 'subnet-1' };

test.each<[string, object[], boolean]>([
  ['the main table leads out', [table(main, out)], true],
  ['its own does', [table(main), table(own, out)], true],
  ['its own does not, whatever the main one does', [table(main, out), table(own)], false],
  ["another subnet's does", [table(main), table({ SubnetId: 'subnet-2' }, out)], false],
  ['only outward, by a NAT gateway', [table(main, nat)], false],
  ['the gateway is gone', [table(main, { ...out, State: 'blackhole' })], false],
  ['by a gateway of a VPN', [table(main, { ...out, GatewayId: 'vgw-1' })], false],
  ['there is no table', [], false],
])('%s', (_, tables, answer) => {
  expect(leadsOut(tables, 'subnet-1')).toBe(answer);
});

const network = (subnets: object[]) =>
  networkReader(
    fakeClient(new EC2Client(clientOptions), 'ec2', { DescribeSubnets: () => ({ Subnets: subnets }) }).client,
  );
const subnet = (zone: string, over: object = {}) => ({ SubnetId: `subnet-${zone}`, AvailabilityZone: zone, ...over });

test('without a default VPC, the command that makes one is named', async () => {
  await expect(network([]).findSubnets(undefined)).rejects.toMatchObject({
    code: 'subnet-missing',
    hint: expect.stringContaining('aws ec2 create-default-vpc'),
  });
});

test('default subnets come by zone, with what is known of their addresses', async () => {
  const found = await network([
    subnet('b', { AvailableIpAddressCount: 3 }),
    subnet('a', { Ipv6Native: true }),
  ]).findSubnets(undefined);
  expect(found).toMatchObject([
    { id: 'subnet-a', zone: 'a', freeAddresses: 0, hasIpv4: false },
    { id: 'subnet-b', zone: 'b', freeAddresses: 3, hasIpv4: true },
  ]);
});
