import { IAMClient } from '@aws-sdk/client-iam';
import { expect, test } from 'vitest';
import { denialReader, principalOf } from '../../../src/aws/denied-actions.ts';
import { awsFailure, clientOptions, fakeClient } from './fake-client.ts';
import { identity } from './wishes.ts';

test.each([
  ['arn:aws:iam::123456789012:user/team/ann', 'arn:aws:iam::123456789012:user/team/ann'],
  ['arn:aws:sts::123456789012:assumed-role/Admin/ann@example.com', 'arn:aws:iam::123456789012:role/Admin'],
  ['arn:aws-cn:sts::123456789012:assumed-role/Admin/x', 'arn:aws-cn:iam::123456789012:role/Admin'],
  ['arn:aws:iam::123456789012:root', undefined],
  ['arn:aws:sts::123456789012:federated-user/ann', undefined],
])('the policies that count for %s are those of %s', (arn, principal) => {
  expect(principalOf(arn)).toBe(principal);
});

test('what is not allowed is named, over all pages', async () => {
  const decided = (EvalActionName: string, EvalDecision: string) => ({ EvalActionName, EvalDecision });
  const { client, calls } = fakeClient(new IAMClient(clientOptions), 'iam', {
    SimulatePrincipalPolicy: (_, nth) =>
      nth === 0
        ? {
            EvaluationResults: [decided('a:A', 'allowed'), decided('b:B', 'implicitDeny')],
            IsTruncated: true,
            Marker: 'x',
          }
        : { EvaluationResults: [decided('c:C', 'explicitDeny')], IsTruncated: false },
  });
  expect(await denialReader(client).findDenied(identity, ['a:A', 'b:B', 'c:C'])).toEqual(['b:B', 'c:C']);
  expect(calls[0]?.input).toMatchObject({ PolicySourceArn: identity.arn, ActionNames: ['a:A', 'b:B', 'c:C'] });
});

test('nothing is said where nobody may ask', async () => {
  const { client } = fakeClient(new IAMClient(clientOptions), 'iam', {
    SimulatePrincipalPolicy: () => {
      throw awsFailure('AccessDenied', 'not authorized');
    },
  });
  expect(await denialReader(client).findDenied(identity, ['a:A'])).toEqual([]);
});
