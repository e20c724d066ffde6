import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ecrReader } from '../../../src/aws/ecr.ts';
import { ecsReader, ecsWriter } from '../../../src/aws/ecs.ts';
import { ssmWriter } from '../../../src/aws/ssm.ts';
import { Secret } from '../../../src/secret.ts';
import { awsFailure, fakeClient, clientOptions as options, outcome } from './fake-client.ts';

const ecs = (answers: Parameters<typeof fakeClient>[2]) => fakeClient(new ECSClient(options), 'ecs', answers);

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z') }));
afterEach(() => void vi.useRealTimers());

test.each(['DRAINING', 'INACTIVE'])('a %s service is as good as none', async (status) => {
  const { client } = ecs({ DescribeServices: () => ({ services: [{ serviceName: 'web', status }] }) });
  expect(await ecsReader(client).findService('c', 'web')).toBeUndefined();
});

test('tasks of a service are asked for running and stopped, described a hundred at a time', async () => {
  const arns = (from: number, count: number) => Array.from({ length: count }, (_, index) => `task-${from + index}`);
  const { client, calls } = ecs({
    ListTasks: (input) => {
      if (input.desiredStatus === 'STOPPED') return { taskArns: arns(99, 51) };
      return input.nextToken ? { taskArns: arns(60, 40) } : { taskArns: arns(0, 60), nextToken: 'more' };
    },
    DescribeTasks: (input) => ({ tasks: (input.tasks as string[]).map((taskArn) => ({ taskArn })) }),
  });
  expect(await ecsReader(client).serviceTasks('c', 'web')).toHaveLength(150);
  const described = calls
    .filter(({ name }) => name === 'DescribeTasks')
    .map(({ input }) => (input.tasks as string[]).length);
  expect(described).toEqual([100, 50]);
});

test('a service never has two tasks at once, and starts none', async () => {
  const { client, calls } = ecs({
    CreateService: (_, nth) => {
      if (nth === 0) throw awsFailure('InvalidParameterException', 'Unable to Start a service that is still Draining.');
      return {};
    },
  });
  await outcome(
    ecsWriter(client).createService({
      cluster: 'c',
      name: 'web',
      definition: 'web:1',
      clientToken: 'token',
      tags: { a: 'b' },
    }),
  );
  expect(calls).toHaveLength(2);
  expect(calls[1]?.input).toEqual({
    cluster: 'c',
    serviceName: 'web',
    taskDefinition: 'web:1',
    clientToken: 'token',
    desiredCount: 0,
    launchType: 'EC2',
    deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
    availabilityZoneRebalancing: 'DISABLED',
    tags: [{ key: 'a', value: 'b' }],
  });
});

test("an account's first cluster waits for the service-linked role", async () => {
  const { client, calls } = ecs({
    DescribeClusters: () => ({ clusters: [{ status: 'INACTIVE' }] }),
    CreateCluster: (_, nth) => {
      if (nth < 2)
        throw awsFailure(
          'InvalidParameterException',
          'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
        );
      return {};
    },
  });
  await outcome(ecsWriter(client).createCluster('ecsodus-blog', {}));
  expect(calls.filter(({ name }) => name === 'CreateCluster')).toHaveLength(3);
});

test('a registry token is used until shortly before its end', async () => {
  const { client, calls } = fakeClient(new ECRClient(options), 'ecr', {
    GetAuthorizationToken: () => ({
      authorizationData: [
        {
          authorizationToken: Buffer.from('AWS:pass:word').toString('base64'),
          proxyEndpoint: 'https://1.dkr.ecr.eu-central-1.amazonaws.com',
          expiresAt: new Date(Date.now() + 12 * 3_600_000),
        },
      ],
    }),
  });
  const { registryCredentials } = ecrReader(client);
  const first = await registryCredentials();
  expect([first.host, first.username, first.password.reveal()]).toEqual([
    '1.dkr.ecr.eu-central-1.amazonaws.com',
    'AWS',
    'pass:word',
  ]);
  vi.advanceTimersByTime(11 * 3_600_000);
  await registryCredentials();
  expect(calls).toHaveLength(1);
  vi.advanceTimersByTime(50 * 60_000);
  await registryCredentials();
  expect(calls).toHaveLength(2);
  await registryCredentials({ fresh: true });
  expect(calls).toHaveLength(3);
});

test.each([0, 4097])('a secret of %i bytes is refused before AWS can repeat it in its complaint', async (length) => {
  const { client, calls } = fakeClient(new SSMClient(options), 'ssm', {});
  const value = 's'.repeat(length);
  const failure = ssmWriter(client).putParameter('/ecsodus/blog/web/KEY', new Secret(value), {});
  await expect(failure).rejects.toMatchObject({ code: 'secret-unfit', message: expect.not.stringContaining('sss') });
  expect(calls).toEqual([]);
});

test('a cluster that is there is left alone', async () => {
  const tags = [{ key: 'ecsodus:migration', value: 'blog' }];
  const { client, calls } = ecs({ DescribeClusters: () => ({ clusters: [{ status: 'ACTIVE', tags }] }) });
  await ecsWriter(client).createCluster('ecsodus-blog', {});
  expect(calls.map(({ name }) => name)).toEqual(['DescribeClusters']);
});
