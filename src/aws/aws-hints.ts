/** What to type where AWS's own message says what is wrong but not what to do, by AWS's error code. */
const hints: Readonly<Record<string, string>> = {
  Unsupported:
    'Set "instance.type" or "instance.subnet" in ecsodus.yaml to what the zone has: aws ec2 describe-instance-type-offerings --location-type availability-zone',
  InsufficientInstanceCapacity:
    'The zone has no such instance free now. Try again later (ecsodus run), or set "instance.type" or "instance.subnet" in ecsodus.yaml to another type or a subnet in another zone.',
  VcpuLimitExceeded:
    'Ask for a higher limit: aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-1216C47A --desired-value <vCPUs> (for types with GPUs L-DB2E81BA). Then: ecsodus run',
  VolumeLimitExceeded:
    'Ask for more gp3 storage: aws service-quotas request-service-quota-increase --service-code ebs --quota-code L-7A658B76 --desired-value <TiB>. Then: ecsodus run',
  InsufficientFreeAddressesInSubnet:
    'Set "instance.subnet" in ecsodus.yaml to one with free addresses: aws ec2 describe-subnets --query "Subnets[].[SubnetId,AvailableIpAddressCount]"',
  PendingVerification:
    'AWS is still verifying the account for this region. It sends an e-mail when that is done: within minutes mostly, 4 hours at most. Then: ecsodus run',
  OptInRequired:
    'The account is not activated for this service yet. Finish the sign-up (payment method, telephone, plan): https://portal.aws.amazon.com/billing/signup. Then: ecsodus run',
  Blocked: 'AWS has blocked the account: answer its e-mail, or write to aws-verification@amazon.com. Then: ecsodus run',
  RegionDisabledException:
    'Switch the region on: aws account enable-region --region-name <region>, wait until aws account get-region-opt-status says ENABLED; or name another with --region.',
};

/** An account's first ECS cluster makes it, where its maker may. */
const serviceLinkedRole =
  'Let somebody who may make roles type: aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com. Then: ecsodus run';

/** Of an instance that AWS gave up again, the code comes with who is to blame: `Client.VolumeLimitExceeded`. */
export function hintFor(code: string | undefined, action: string, text = ''): string | undefined {
  if (/service linked role/i.test(text)) return serviceLinkedRole;
  if (code === undefined) return undefined;
  const known = hints[code.replace(/^(Client|Server)\./, '')];
  if (known !== undefined) return known;
  return isQuota(code) ? `A limit of your account is reached: ${quotasOf(action)}. Then: ecsodus run` : undefined;
}

/** Rates have limits, too, and are not a quota to be raised. */
const isQuota = (code: string): boolean => /LimitExceeded(Exception)?$/.test(code) && code !== 'RequestLimitExceeded';

/** Service Quotas knows some services by another name than IAM does. */
function quotasOf(action: string): string {
  const service = action.split(':')[0] ?? '';
  const isNetwork = /SecurityGroup|Address/.test(action);
  return `aws service-quotas list-service-quotas --service-code ${isNetwork ? 'vpc' : service}`;
}
