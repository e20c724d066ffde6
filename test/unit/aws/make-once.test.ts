import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { IAMClient } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { awsError } from '../../../src/aws/aws-errors.ts';
import { snapshotWriter } from '../../../src/aws/ec2-snapshots.ts';
import { volumeWriter } from '../../../src/aws/ec2-volumes.ts';
import { ecsWriter } from '../../../src/aws/ecs.ts';
import { iamWriter } from '../../../src/aws/iam.ts';
import { makeOnce } from '../../../src/aws/make-once.ts';
import { tagsOf } from '../../../src/names.ts';
import { awsFailure, clientOptions, fakeClient, outcome } from './fake-client.ts';

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z') }));
afterEach(() => void vi.useRealTimers());

const failure = (code: string, status?: number) =>
  awsError(awsFailure(code, code, { $metadata: { httpStatusCode: status } }), 'ec2:CreateSnapshot');
const lost = failure('ECONNRESET');

/** A call that fails so, one after the other, then is done; and a look that finds something from the nth time on. */
function tried(failures: readonly Error[], foundFrom = Number.POSITIVE_INFINITY) {
  const did: string[] = [];
  const waiting = [...failures];
  const send = async () => {
    did.push('send');
    const next = waiting.shift();
    if (next) throw next;
    return 'sent';
  };
  const find = async () => {
    did.push('find');
    return did.filter((what) => what === 'find').length >= foundFrom ? 'found' : undefined;
  };
  return { did, made: () => outcome(makeOnce(send, find)) };
}

describe('a call that would be obeyed twice', () => {
  test.each([
    ['no answer came', lost],
    ['the service broke', failure('InternalError', 500)],
    ['a load balancer answered', failure('SyntaxError', 503)],
  ])('%s, and its effect is there, if late: it is not made again', async (_, error) => {
    const { did, made } = tried([error], 3);
    expect(await made()).toBe('found');
    expect(did).toEqual(['send', 'find', 'find', 'find']);
  });

  test('it had no effect: it is made again', async () => {
    const { did, made } = tried([lost]);
    expect(await made()).toBe('sent');
    expect(did.at(-1)).toBe('send');
  });

  test('a throttled one had none: nothing is looked for', async () => {
    const { did, made } = tried([failure('RequestLimitExceeded', 503), failure('ThrottlingException', 400)]);
    expect(await made()).toBe('sent');
    expect(did).toEqual(['send', 'send', 'send']);
  });

  test('a refusal is one', async () => {
    const { did, made } = tried([failure('VolumeNotFound', 400)]);
    await expect(made()).rejects.toMatchObject({ code: 'aws-failed' });
    expect(did).toEqual(['send']);
  });
});

test('a snapshot whose answer is lost is the one that is there', async () => {
  const { client, calls } = fakeClient(new EC2Client(clientOptions), 'ec2', {
    DescribeSnapshots: (_, nth) => ({ Snapshots: nth < 2 ? [] : [{ SnapshotId: 'snap-1' }] }),
    CreateSnapshot: () => {
      throw awsFailure('ECONNRESET');
    },
  });
  const wanted = { volumeId: 'vol-1', description: 'blog', tags: tagsOf('blog', 'ebs-snapshot') };
  expect(await outcome(snapshotWriter(client).createSnapshot(wanted))).toMatchObject({ id: 'snap-1' });
  expect(calls.filter(({ name }) => name === 'CreateSnapshot')).toHaveLength(1);
});

test('a definition whose answer is lost makes no second revision', async () => {
  const definition = { family: 'web', containerDefinitions: [{ name: 'web', image: 'web:1', memory: 64 }] };
  const { client, calls } = fakeClient(new ECSClient(clientOptions), 'ecs', {
    DescribeTaskDefinition: () => ({ taskDefinition: { ...definition, taskDefinitionArn: 'web:1' } }),
    RegisterTaskDefinition: () => {
      throw awsFailure('ECONNRESET');
    },
  });
  expect(await outcome(ecsWriter(client).registerTaskDefinition(definition))).toBe('web:1');
  expect(calls.filter(({ name }) => name === 'RegisterTaskDefinition')).toHaveLength(1);
});

describe('refused, since the try whose answer was lost has done it', () => {
  const refuse = (code: string) => () => {
    throw awsFailure(code);
  };

  const addRole = (roles: (nth: number) => string[]) => {
    const { client } = fakeClient(new IAMClient(clientOptions), 'iam', {
      GetInstanceProfile: (_, nth) => ({
        InstanceProfile: {
          Roles: roles(nth).map((RoleName) => ({ RoleName })),
          Tags: [{ Key: 'ecsodus:migration', Value: 'blog' }],
        },
      }),
      AddRoleToInstanceProfile: refuse('LimitExceededException'),
    });
    return outcome(iamWriter(client).addRoleToInstanceProfile('ecsodus-blog-instance', 'ours'));
  };

  test('a role in its profile', async () => {
    await addRole((nth) => (nth < 2 ? [] : ['ours']));
  });

  test("not where it is another's", async () => {
    await expect(addRole(() => ['theirs'])).rejects.toMatchObject({ code: 'aws-failed' });
  });

  test('a volume at its instance', async () => {
    const attached = [{ InstanceId: 'i-1', State: 'attached' }];
    const { client } = fakeClient(new EC2Client(clientOptions), 'ec2', {
      DescribeInstances: () => ({
        Reservations: [{ Instances: [{ InstanceId: 'i-1', Placement: { AvailabilityZone: 'a' } }] }],
      }),
      DescribeVolumes: (_, nth) => ({
        Volumes: [{ VolumeId: 'vol-1', AvailabilityZone: 'a', Attachments: nth < 1 ? [] : attached }],
      }),
      AttachVolume: refuse('VolumeInUse'),
    });
    await outcome(volumeWriter(client).attachVolume('vol-1', 'i-1'));
  });
});
