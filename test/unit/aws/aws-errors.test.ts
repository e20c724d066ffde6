import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { awsError, hasCode, isUnanswered, unlessAbsent } from '../../../src/aws/aws-errors.ts';
import { awsFailure } from './fake-client.ts';

const expiredSession =
  'The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile.';

test.each<[string, Error, string]>([
  ['no region', new Error('Region is missing'), 'aws-region-missing'],
  [
    'a region that has no host',
    awsFailure('Error', 'getaddrinfo ENOTFOUND', { code: 'ENOTFOUND', hostname: 'sts.eu-nowhere-1.amazonaws.com' }),
    'aws-region-unknown',
  ],
  [
    'a malformed region',
    new Error('Region not accepted: region="no region" is not a valid hostname component.'),
    'aws-region-unknown',
  ],
  [
    'another host that is not found',
    awsFailure('Error', 'getaddrinfo ENOTFOUND', { code: 'ENOTFOUND', hostname: 'moto.test' }),
    'aws-unreachable',
  ],
  [
    'no credentials',
    awsFailure('CredentialsProviderError', 'Could not load credentials from any providers'),
    'aws-credentials-missing',
  ],
  ['an expired SSO session', awsFailure('CredentialsProviderError', expiredSession), 'aws-credentials-expired'],
  [
    'an expired token',
    awsFailure('ExpiredTokenException', 'The security token included in the request is expired'),
    'aws-credentials-expired',
  ],
  [
    'an expired token in EC2',
    awsFailure('RequestExpired', 'Request has expired.', { $metadata: { httpStatusCode: 400 } }),
    'aws-credentials-expired',
  ],
  [
    'a wrong key',
    awsFailure('InvalidClientTokenId', 'The security token is invalid', { $metadata: { httpStatusCode: 403 } }),
    'aws-credentials-refused',
  ],
  [
    'a denial in EC2',
    awsFailure('UnauthorizedOperation', 'You are not authorized to perform this operation.'),
    'aws-denied',
  ],
  [
    'any other 403',
    awsFailure('SyntaxError', 'Unexpected token <', { $metadata: { httpStatusCode: 403 } }),
    'aws-denied',
  ],
  [
    'an endpoint at which nobody listens',
    awsFailure('Error', 'connect ECONNREFUSED 127.0.0.1:9', { code: 'ECONNREFUSED' }),
    'aws-unreachable',
  ],
  ['an endpoint that does not answer', awsFailure('TimeoutError', 'no answer in 60000 ms'), 'aws-unreachable'],
  ['anything else', awsFailure('Boom', 'boom'), 'aws-failed'],
])('%s', (_, error, code) => {
  const mapped = awsError(error, 'ec2:RunInstances');
  expect(mapped.code).toBe(code);
  expect(mapped.hint).toMatch(/aws |--region|policy/);
});

test('a denial names the action, the resource and who was denied, as AWS says them', () => {
  const text =
    'User: arn:aws:iam::123456789012:user/ann is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/ecsodus-blog-instance because no identity-based policy allows the iam:PassRole action';
  const error = awsError(awsFailure('AccessDeniedException', text), 'ec2:RunInstances');
  expect(error.message).toBe(
    'AWS does not let you call iam:PassRole on arn:aws:iam::123456789012:role/ecsodus-blog-instance.',
  );
  expect(error.hint).toContain('Allow iam:PassRole in a policy of arn:aws:iam::123456789012:user/ann');
  expect(error.hint).toContain('src/aws/permissions.ts');
  expect(error.evidence).toEqual([text]);
});

test.each([
  ['VcpuLimitExceeded', 400, 'aws service-quotas request-service-quota-increase --service-code ec2'],
  ['VolumeLimitExceeded', 400, 'aws service-quotas request-service-quota-increase --service-code ebs'],
  ['InsufficientInstanceCapacity', 500, 'another zone'],
  ['Unsupported', 400, 'aws ec2 describe-instance-type-offerings'],
  ['InsufficientFreeAddressesInSubnet', 400, 'aws ec2 describe-subnets'],
  ['PendingVerification', 403, 'ecsodus run'],
  ['OptInRequired', 403, 'https://portal.aws.amazon.com/billing/signup'],
  ['Blocked', 403, 'aws-verification@amazon.com'],
  ['RegionDisabledException', 403, 'aws account enable-region'],
  ['InstanceLimitExceeded', 400, 'aws service-quotas list-service-quotas --service-code ec2'],
  ['LimitExceededException', 409, 'aws service-quotas list-service-quotas --service-code ec2'],
])('%s of a young account is no denial, and says what to do', (code, httpStatusCode, hint) => {
  const error = awsError(awsFailure(code, code, { $metadata: { httpStatusCode } }), 'ec2:RunInstances');
  expect([error.code, hasCode(error, code)]).toEqual(['aws-failed', true]);
  expect(error.hint).toContain(hint);
});

test('a service-linked role that ECS could not make is made by one command', () => {
  const refusal = awsFailure('InvalidParameterException', 'Unable to assume the service linked role. Please verify …');
  expect(awsError(refusal, 'ecs:CreateCluster').hint).toContain('aws iam create-service-linked-role');
});

test('a denial that does not say what, names the call', () => {
  expect(awsError(awsFailure('AccessDenied', 'Access Denied'), 'ecr:CreateRepository').message).toContain(
    'ecr:CreateRepository',
  );
});

test.each([
  ['nobody listens', awsFailure('Error', 'x', { code: 'ECONNREFUSED' }), true],
  ['the connection broke', awsFailure('Error', 'x', { code: 'ECONNRESET' }), true],
  ['the service broke', awsFailure('InternalError', 'x', { $metadata: { httpStatusCode: 500 } }), true],
  ['it was refused', awsFailure('InvalidParameterValue', 'x', { $metadata: { httpStatusCode: 400 } }), false],
])('whether a call may have had its effect: %s', (_, error, answer) => {
  expect(isUnanswered(awsError(error, 'ec2:CreateSnapshot'))).toBe(answer);
});

test('the signed request the SDK hangs on its errors does not travel on', () => {
  const failure = awsFailure('Boom', 'boom', { $response: { req: 'authorization: AWS4-HMAC-SHA256 Credential' } });
  expect(inspect(awsError(failure, 'ec2:RunInstances'), { depth: 9 })).not.toContain('AWS4-HMAC');
});

test('an error is mapped once, and its AWS code is still known', async () => {
  const error = awsError(awsFailure('InvalidGroup.Duplicate'), 'ec2:CreateSecurityGroup');
  expect(awsError(error, 'ec2:Other')).toBe(error);
  expect(hasCode(error, 'InvalidGroup.Duplicate')).toBe(true);
  expect(await unlessAbsent(Promise.reject(error), 'InvalidGroup.Duplicate')).toBeUndefined();
  await expect(unlessAbsent(Promise.reject(error), 'Other')).rejects.toBe(error);
});
