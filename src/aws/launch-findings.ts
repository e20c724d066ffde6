import { blocker, type Finding } from '../finding.ts';
import type { Identity, Subnet, VcpuQuota } from './aws.ts';
import type { ChosenType } from './choose-place.ts';

/** What is known of a launch that is still to come. */
export interface Launch {
  readonly type: ChosenType;
  readonly subnet: Subnet;
  /** Whether what has a public address in the subnet can be reached at it. */
  readonly isPublic: boolean;
  /** Undefined where it could not be asked for. */
  readonly quota: VcpuQuota | undefined;
  readonly identity: Pick<Identity, 'arn'>;
  /** Actions that the operator is likely not to be allowed. */
  readonly denied: readonly string[];
}

/** Whether AWS will make the instance, and whether anybody will reach it: said before anything is made. */
export const launchFindings = (launch: Launch): Finding[] => [
  ...zoneFindings(launch),
  ...quotaFindings(launch),
  ...subnetFindings(launch),
  ...permissionFindings(launch),
];

function zoneFindings({ type: { name, elsewhere }, subnet: { zone } }: Launch): Finding[] {
  if (elsewhere === undefined) return [];
  const values = elsewhere.join(',');
  const message = `The zone ${zone} of the subnet has no ${name}; these have: ${elsewhere.join(', ')}.`;
  const remedy = `Set "instance.subnet" in ecsodus.yaml to a subnet in one of them: aws ec2 describe-subnets --filters Name=availability-zone,Values=${values} --query "Subnets[].SubnetId"; or "instance.type" to what ${zone} has.`;
  return [blocker('instance-type-not-in-zone', name, message, remedy)];
}

function quotaFindings({ type: { name, found }, quota }: Launch): Finding[] {
  const needed = found?.vcpus ?? 0;
  if (quota === undefined || quota.used + needed <= quota.limit) return [];
  const message = `AWS lets this account run ${quota.limit} vCPUs of such instances in this region; ${quota.used} are in use, and ${name} needs ${needed}.`;
  const remedy = `Ask for more, and plan again once it is granted: aws service-quotas request-service-quota-increase --service-code ec2 --quota-code ${quota.code} --desired-value ${quota.used + needed}. Or stop other instances.`;
  return [blocker('vcpu-quota', name, message, remedy)];
}

function subnetFindings({ subnet, isPublic }: Launch): Finding[] {
  const { id, vpcId } = subnet;
  const findings: Finding[] = [];
  if (!subnet.hasIpv4 || !isPublic) {
    const why = subnet.hasIpv4 ? 'has no route to an internet gateway' : 'has no IPv4 addresses';
    const message = `The subnet ${id} ${why}: neither you nor visitors would reach the instance.`;
    const remedy = `Set "instance.subnet" in ecsodus.yaml to a public subnet, or give its route table one: aws ec2 describe-route-tables --filters Name=vpc-id,Values=${vpcId}; aws ec2 create-route --route-table-id <rtb-…> --destination-cidr-block 0.0.0.0/0 --gateway-id <igw-…>`;
    findings.push(blocker('subnet-not-public', id, message, remedy));
  }
  if (subnet.freeAddresses === 0) {
    const remedy =
      'Set "instance.subnet" in ecsodus.yaml to one with free addresses: aws ec2 describe-subnets --query "Subnets[].[SubnetId,AvailableIpAddressCount]"';
    findings.push(blocker('subnet-full', id, `The subnet ${id} has no address left for the instance.`, remedy));
  }
  return findings;
}

/** The simulator is asked about any resource and without a condition: what a policy allows for ours alone it takes for denied. */
function permissionFindings({ identity: { arn }, denied }: Launch): Finding[] {
  if (denied.length === 0) return [];
  return [
    {
      level: 'warning',
      code: 'permissions-missing',
      subject: arn,
      message: `IAM's simulator says that you may not call ${denied.join(', ')}. Where your policy allows them for some resources only, you may all the same.`,
      remedy: `Allow them in a policy of ${arn}; all that ecsodus calls is listed in src/aws/permissions.ts. Without them the run stops at the first that is refused, and goes on once it is allowed.`,
    },
  ];
}
