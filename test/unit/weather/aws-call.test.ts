import { expect, test } from 'vitest';
import { awsCall, refusal } from '../../weather/aws-call.ts';

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIALAB/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});
const ec2 = awsCall(signed('ec2'), 'Action=RunInstances&Version=2016-11-15');
const iam = awsCall(signed('iam'), 'Action=GetRole&RoleName=one&Version=2010-05-08');
const ecs = awsCall(
  { ...signed('ecs'), 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.DescribeServices' },
  '{"cluster":"one"}',
);
const token = awsCall(
  { ...signed('ecr'), 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken' },
  '{}',
);

test('a call is known by its service, its action and its protocol', () => {
  expect(ec2).toMatchObject({ service: 'ec2', action: 'RunInstances', protocol: 'ec2', reads: false });
  expect(iam).toMatchObject({ service: 'iam', action: 'GetRole', protocol: 'query', reads: true });
  expect(ecs).toMatchObject({ service: 'ecs', action: 'DescribeServices', protocol: 'json', reads: true });
});

test('a token is handed out anew each time: that is no read', () => {
  expect(token.reads).toBe(false);
});

test('another parameter is another question', () => {
  const other = awsCall(signed('iam'), 'Action=GetRole&RoleName=two&Version=2010-05-08');
  expect(other.key).not.toBe(iam.key);
});

test('each protocol throttles in its own words', () => {
  const answers = [ec2, iam, ecs].map((call) => refusal(call, 'throttled'));
  expect(answers.map(({ status }) => status)).toEqual([503, 400, 400]);
  expect(answers.map(({ body }) => /RequestLimitExceeded|Throttling(Exception)?/.exec(String(body))?.[0])).toEqual([
    'RequestLimitExceeded',
    'Throttling',
    'ThrottlingException',
  ]);
});
