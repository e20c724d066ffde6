import { expect, test } from 'vitest';
import { type Answer, awsCall } from '../../weather/aws-call.ts';
import { StaleAnswers } from '../../weather/stale-answers.ts';

const call = (service: string, action: string) =>
  awsCall({ authorization: `Credential=AKIA/20260101/us-east-1/${service}/aws4_request` }, `Action=${action}`);
const list = call('ec2', 'DescribeVolumes');
const make = call('ec2', 'CreateVolume');
const answer = (text: string): Answer => ({ status: 200, headers: {}, body: Buffer.from(text) });

function afterChange(): StaleAnswers {
  const stale = new StaleAnswers();
  stale.answered(list, answer('none'), 1000);
  stale.changed(make, { sentAt: 2000, endedAt: 2100 });
  return stale;
}

test('for some seconds after a change, a read has the answer from before it', () => {
  const stale = afterChange();
  expect(String(stale.older(list, 5000)?.body)).toBe('none');
  expect(stale.older(list, 5100)).toBeUndefined();
});

test('what was seen once is not hidden again', () => {
  const stale = afterChange();
  stale.answered(list, answer('one'), 2500);
  expect(stale.older(list, 2600)).toBeUndefined();
});

test('an answer that came while the change was under way may show it already, and is not older', () => {
  const stale = new StaleAnswers();
  stale.answered(list, answer('perhaps one'), 2050);
  stale.changed(make, { sentAt: 2000, endedAt: 2100 });
  expect(stale.older(list, 2200)).toBeUndefined();
});

test('another service, and a question that was never asked, have nothing older', () => {
  const stale = afterChange();
  expect(stale.older(call('ec2', 'DescribeInstances'), 2200)).toBeUndefined();
  const roles = call('iam', 'ListRoles');
  stale.answered(roles, answer('none'), 1000);
  expect(stale.older(roles, 2200)).toBeUndefined();
});
