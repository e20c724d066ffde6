import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  type EC2Client,
  type IpPermission,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  RevokeSecurityGroupIngressCommand,
  type RouteTable,
  type Subnet as SdkSubnet,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { MigrationError } from '../errors.ts';
import type { AwsReader, AwsWriter, SecurityRule, Subnet } from './aws.ts';
import { unlessAbsent } from './aws-errors.ts';
import { requireOurs } from './ours.ts';
import { tagList, tagsFrom } from './tags.ts';

export const networkReader = (
  client: EC2Client,
): Pick<AwsReader, 'findSubnets' | 'hasInternetRoute' | 'findSecurityGroup'> => ({
  findSubnets: async (id) => (id === undefined ? defaultSubnets(client) : [await namedSubnet(client, id)]),
  hasInternetRoute: async ({ id, vpcId }) => {
    const tables: RouteTable[] = [];
    const ofVpc = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
    for await (const page of paginateDescribeRouteTables({ client }, ofVpc)) tables.push(...(page.RouteTables ?? []));
    return leadsOut(tables, id);
  },
  findSecurityGroup: async (name, vpcId) => {
    const filters = {
      Filters: [
        { Name: 'group-name', Values: [name] },
        { Name: 'vpc-id', Values: [vpcId] },
      ],
    };
    const groups: SecurityGroup[] = [];
    for await (const page of paginateDescribeSecurityGroups({ client }, filters))
      groups.push(...(page.SecurityGroups ?? []));
    const [group] = groups;
    if (group) requireOurs('security group', name, tagsFrom(group.Tags));
    return group?.GroupId ? { id: group.GroupId, rules: (group.IpPermissions ?? []).flatMap(rulesOf) } : undefined;
  },
});

type NetworkWrites = 'createSecurityGroup' | 'allowIngress' | 'revokeIngress';

export const networkWriter = (client: EC2Client): Pick<AwsWriter, NetworkWrites> => ({
  createSecurityGroup: async ({ name, vpcId, tags }) => {
    const command = new CreateSecurityGroupCommand({
      GroupName: name,
      Description: 'Container instance of an ecsodus migration',
      VpcId: vpcId,
      TagSpecifications: [{ ResourceType: 'security-group', Tags: tagList({ ...tags, Name: name }) }],
    });
    await unlessAbsent(client.send(command), 'InvalidGroup.Duplicate');
  },
  allowIngress: async (GroupId, rule) => {
    const command = new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission(rule, true)] });
    await unlessAbsent(client.send(command), 'InvalidPermission.Duplicate');
  },
  revokeIngress: async (GroupId, rule) => {
    const command = new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission(rule, false)] });
    await unlessAbsent(client.send(command), 'InvalidPermission.NotFound');
  },
});

async function namedSubnet(client: EC2Client, id: string): Promise<Subnet> {
  const [found] =
    (await unlessAbsent(
      subnets(client, { SubnetIds: [id] }),
      'InvalidSubnetID.NotFound',
      'InvalidSubnetID.Malformed',
    )) ?? [];
  if (found) return found;
  throw new MigrationError('subnet-missing', `There is no subnet ${id} in this region.`, {
    hint: 'Set "instance.subnet" in ecsodus.yaml to one of: aws ec2 describe-subnets --query "Subnets[].SubnetId"',
  });
}

/** By zone, so that every run takes the same one. */
async function defaultSubnets(client: EC2Client): Promise<readonly [Subnet, ...Subnet[]]> {
  const [first, ...others] = (await subnets(client, { Filters: [{ Name: 'default-for-az', Values: ['true'] }] })).sort(
    (a, b) => a.zone.localeCompare(b.zone),
  );
  if (first) return [first, ...others];
  throw new MigrationError('subnet-missing', 'This region has no default subnet to put the instance in.', {
    hint: 'Set "instance.subnet" in ecsodus.yaml to a public subnet, or type: aws ec2 create-default-vpc',
  });
}

async function subnets(client: EC2Client, input: Parameters<typeof paginateDescribeSubnets>[1]): Promise<Subnet[]> {
  const found: SdkSubnet[] = [];
  for await (const page of paginateDescribeSubnets({ client }, input)) found.push(...(page.Subnets ?? []));
  return found.map((each) => ({
    id: each.SubnetId ?? '',
    vpcId: each.VpcId ?? '',
    zone: each.AvailabilityZone ?? '',
    freeAddresses: each.AvailableIpAddressCount ?? 0,
    hasIpv4: each.Ipv6Native !== true,
  }));
}

/** A subnet without a route table of its own goes by the main one of its VPC. */
export function leadsOut(tables: readonly RouteTable[], subnetId: string): boolean {
  const own = tables.find(({ Associations }) => Associations?.some((each) => each.SubnetId === subnetId));
  const main = tables.find(({ Associations }) => Associations?.some((each) => each.Main));
  return ((own ?? main)?.Routes ?? []).some(
    ({ DestinationCidrBlock, GatewayId, State }) =>
      DestinationCidrBlock === '0.0.0.0/0' && GatewayId?.startsWith('igw-') && State !== 'blackhole',
  );
}

/** Rules for one TCP port, as ours are; anything wider was made by somebody else. */
function rulesOf({ IpProtocol, FromPort, ToPort, IpRanges = [], Ipv6Ranges = [] }: IpPermission): SecurityRule[] {
  if (IpProtocol !== 'tcp' || FromPort === undefined || FromPort !== ToPort) return [];
  const rule = (cidr = '', description = ''): SecurityRule => ({ port: FromPort, cidr, description });
  return [
    ...IpRanges.map(({ CidrIp, Description }) => rule(CidrIp, Description)),
    ...Ipv6Ranges.map(({ CidrIpv6, Description }) => rule(CidrIpv6, Description)),
  ];
}

/** A revoked permission must match without its description: EC2 refuses to revoke one whose description differs. */
function permission({ port, cidr, description }: SecurityRule, described: boolean): IpPermission {
  const note = described ? { Description: description } : {};
  const range = cidr.includes(':')
    ? { Ipv6Ranges: [{ CidrIpv6: cidr, ...note }] }
    : { IpRanges: [{ CidrIp: cidr, ...note }] };
  return { IpProtocol: 'tcp', FromPort: port, ToPort: port, ...range };
}
