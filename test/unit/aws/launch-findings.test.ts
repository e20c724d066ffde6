import { expect, test } from 'vitest';
import { type Launch, launchFindings } from '../../../src/aws/launch-findings.ts';
import { foundType, identity } from './wishes.ts';

const subnet = { id: 'subnet-1', vpcId: 'vpc-1', zone: 'eu-central-1a', freeAddresses: 9, hasIpv4: true };
const launch: Launch = { type: foundType('t3.small'), subnet, isPublic: true, quota: undefined, identity, denied: [] };
const quota = (limit: number, used: number) => ({ quota: { code: 'L-1216C47A', limit, used } });

test.each<[string, Partial<Launch>]>([
  ['nothing is known against it', {}],
  ['the last vCPUs are for it', quota(5, 3)],
  ['AWS does not know the type, which another finding says', { type: foundType('x9.huge'), ...quota(5, 5) }],
])('nothing to say where %s', (_, over) => {
  expect(launchFindings({ ...launch, ...over })).toEqual([]);
});

test('what is likely to be refused is a warning that names it, and where the list is', () => {
  expect(launchFindings({ ...launch, denied: ['iam:CreateRole', 'iam:PassRole'] })).toMatchObject([
    {
      level: 'warning',
      code: 'permissions-missing',
      message: expect.stringContaining('iam:CreateRole, iam:PassRole'),
      remedy: expect.stringMatching(/user\/ann.*src\/aws\/permissions\.ts/),
    },
  ]);
});

test.each<[Partial<Launch>, string, string, string]>([
  [
    { type: { ...foundType('t3.small'), elsewhere: ['eu-central-1b', 'eu-central-1c'] } },
    'instance-type-not-in-zone:t3.small',
    'eu-central-1a of the subnet has no t3.small; these have: eu-central-1b, eu-central-1c',
    'Values=eu-central-1b,eu-central-1c',
  ],
  [
    quota(5, 4),
    'vcpu-quota:t3.small',
    'run 5 vCPUs of such instances in this region; 4 are in use, and t3.small needs 2',
    '--quota-code L-1216C47A --desired-value 6.',
  ],
  [{ isPublic: false }, 'subnet-not-public:subnet-1', 'no route to an internet gateway', 'aws ec2 create-route'],
  [{ subnet: { ...subnet, hasIpv4: false } }, 'subnet-not-public:subnet-1', 'no IPv4 addresses', '"instance.subnet"'],
  [{ subnet: { ...subnet, freeAddresses: 0 } }, 'subnet-full:subnet-1', 'no address left', 'aws ec2 describe-subnets'],
])('%j is a blocker: %s', (over, key, message, remedy) => {
  expect(launchFindings({ ...launch, ...over })).toMatchObject([
    {
      level: 'blocker',
      code: key.split(':')[0],
      subject: key.split(':')[1],
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(remedy),
    },
  ]);
});
