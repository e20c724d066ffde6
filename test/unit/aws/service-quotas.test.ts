import { EC2Client } from '@aws-sdk/client-ec2';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { expect, test } from 'vitest';
import { quotaReader } from '../../../src/aws/service-quotas.ts';
import { awsFailure, clientOptions, fakeClient } from './fake-client.ts';

const running = [
  { InstanceType: 't3.large', CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 } },
  { InstanceType: 'm5.2xlarge', CpuOptions: { CoreCount: 4, ThreadsPerCore: 2 } },
  { InstanceType: 'm6i.large' },
  { InstanceType: 'c5.large', CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 }, InstanceLifecycle: 'spot' },
  { InstanceType: 'g5.xlarge', CpuOptions: { CoreCount: 2, ThreadsPerCore: 2 } },
  { InstanceType: 'p4d.24xlarge', CpuOptions: { CoreCount: 48, ThreadsPerCore: 2 } },
];

/** An account with these instances, in two pages; Service Quotas answers so. */
function account(limit: () => object) {
  const ec2 = fakeClient(new EC2Client(clientOptions), 'ec2', {
    DescribeInstances: (_, nth) => ({
      Reservations: [{ Instances: nth === 0 ? running.slice(0, 2) : running.slice(2) }],
      ...(nth === 0 && { NextToken: 'more' }),
    }),
  });
  const quotas = fakeClient(new ServiceQuotasClient(clientOptions), 'servicequotas', { GetServiceQuota: limit });
  return { ...quotaReader(quotas.client, ec2.client), asked: quotas.calls, calls: ec2.calls };
}

test.each([
  ['t3.small', 'L-1216C47A', 12],
  ['im4gn.large', 'L-1216C47A', 12],
  ['g4dn.xlarge', 'L-DB2E81BA', 4],
])('%s counts with what runs of its kind, Spot left out', async (type, code, used) => {
  const { findVcpuQuota, asked } = account(() => ({ Quota: { Value: 5 } }));
  expect(await findVcpuQuota(type)).toEqual({ code, limit: 5, used });
  expect(asked.map(({ input }) => input)).toEqual([{ ServiceCode: 'ec2', QuotaCode: code }]);
});

test('nothing is asked for a rare type', async () => {
  const { findVcpuQuota, asked, calls } = account(() => ({}));
  expect(await findVcpuQuota('p5.48xlarge')).toBeUndefined();
  expect([...asked, ...calls]).toEqual([]);
});

test.each([
  ['nobody may ask', awsFailure('AccessDeniedException', 'not authorized')],
  ['the region has no such service', awsFailure('NoSuchResourceException')],
  ['nobody answers', awsFailure('Error', 'getaddrinfo ENOTFOUND', { code: 'ENOTFOUND', hostname: 'x' })],
])('it is not known where %s: EC2 has the last word', async (_, error) => {
  const { findVcpuQuota } = account(() => {
    throw error;
  });
  expect(await findVcpuQuota('t3.small')).toBeUndefined();
});
