import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AwsWriter } from '../../../src/aws/aws.ts';
import { clientToken } from '../../../src/aws/client-token.ts';
import { candidates } from '../../../src/ecs/instance-types.ts';
import { tagsOf } from '../../../src/names.ts';
import { Secret } from '../../../src/secret.ts';
import { generateKeyPair } from '../../../src/ssh/keys.ts';
import { connectToMoto } from './moto-server.ts';

vi.setConfig({ testTimeout: 30_000 });

let end: () => Promise<void>;
let aws: AwsWriter;
const tags = tagsOf('blog', 'test');

beforeAll(async () => {
  ({ aws, end } = await connectToMoto());
}, 60_000);

afterAll(() => end());

test('identity names the account, the region and the registry', async () => {
  expect(await aws.identity()).toEqual({
    account: '123456789012',
    arn: expect.stringContaining('arn:aws:sts::123456789012:'),
    region: 'eu-central-1',
    partition: 'aws',
    registry: '123456789012.dkr.ecr.eu-central-1.amazonaws.com',
  });
});

describe('each create is found, and repeating it makes no second one', () => {
  test('cluster', async () => {
    expect(await aws.hasCluster('ecsodus-blog')).toBe(false);
    await aws.createCluster('ecsodus-blog', tags);
    await aws.createCluster('ecsodus-blog', tags);
    expect(await aws.hasCluster('ecsodus-blog')).toBe(true);
    expect(await aws.containerInstances('ecsodus-blog')).toEqual([]);
    expect(await aws.containerInstances('ecsodus-nowhere')).toEqual([]);
  });

  test('role, policies and instance profile', async () => {
    const arn = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';
    const document = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'ssm:GetParameters',
          Resource: ['arn:aws:ssm:eu-central-1:123456789012:parameter/ecsodus/blog/web/DB+PASS'],
        },
      ],
    });
    expect(await aws.findRole('ecsodus-blog-instance')).toBeUndefined();
    expect(await aws.findInstanceProfile('ecsodus-blog-instance')).toBeUndefined();
    for (let twice = 0; twice < 2; twice++) {
      await aws.createRole({ name: 'ecsodus-blog-instance', service: 'ec2.amazonaws.com', tags });
      await aws.attachRolePolicy('ecsodus-blog-instance', arn);
      await aws.putRolePolicy('ecsodus-blog-instance', 'ecsodus-parameters', document);
      await aws.createInstanceProfile('ecsodus-blog-instance', tags);
      await aws.addRoleToInstanceProfile('ecsodus-blog-instance', 'ecsodus-blog-instance');
    }
    const role = await aws.findRole('ecsodus-blog-instance');
    expect(role?.managedPolicies).toEqual([arn]);
    expect(JSON.parse(role?.inlinePolicies['ecsodus-parameters'] ?? '')).toEqual(JSON.parse(document));
    expect(await aws.findInstanceProfile('ecsodus-blog-instance')).toEqual(['ecsodus-blog-instance']);
  });

  test('security group and rules', async () => {
    const [{ vpcId }] = await aws.findSubnets(undefined);
    expect(await aws.findSecurityGroup('ecsodus-blog', vpcId)).toBeUndefined();
    await aws.createSecurityGroup({ name: 'ecsodus-blog', vpcId, tags });
    await aws.createSecurityGroup({ name: 'ecsodus-blog', vpcId, tags });
    const group = await aws.findSecurityGroup('ecsodus-blog', vpcId);
    const rules = [
      { port: 22, cidr: '198.51.100.7/32', description: 'ecsodus: SSH from the operator' },
      { port: 22, cidr: '2001:db8::7/128', description: 'ecsodus: SSH from the operator' },
      { port: 80, cidr: '0.0.0.0/0', description: 'ecsodus: web' },
    ];
    for (const rule of [...rules, ...rules]) await aws.allowIngress(group?.id ?? '', rule);
    const found = await aws.findSecurityGroup('ecsodus-blog', vpcId);
    expect(found?.rules).toHaveLength(3);
    expect(found?.rules).toEqual(expect.arrayContaining(rules));
    for (const rule of [...rules, ...rules]) await aws.revokeIngress(group?.id ?? '', rule);
    expect((await aws.findSecurityGroup('ecsodus-blog', vpcId))?.rules).toEqual([]);
  });

  test('key pair', async () => {
    const { publicKey } = generateKeyPair('ecsodus-blog');
    expect(await aws.findKeyPair('ecsodus-blog')).toBeUndefined();
    await aws.importKeyPair({ name: 'ecsodus-blog', publicKey, tags });
    await aws.importKeyPair({ name: 'ecsodus-blog', publicKey, tags });
    expect(await aws.findKeyPair('ecsodus-blog')).toEqual({ fingerprint: expect.any(String), publicKey });
    await aws.deleteKeyPair('ecsodus-blog');
    await aws.deleteKeyPair('ecsodus-blog');
    expect(await aws.findKeyPair('ecsodus-blog')).toBeUndefined();
    await aws.importKeyPair({ name: 'ecsodus-blog', publicKey, tags });
  });

  test('instance, volume and attachment', async () => {
    const [subnet] = await aws.findSubnets(undefined);
    const group = await aws.findSecurityGroup('ecsodus-blog', subnet.vpcId);
    const instance = {
      name: 'ecsodus-blog',
      clientToken: clientToken('blog', 'instance:ecsodus-blog'),
      type: 't3.medium',
      ami: await aws.recommendedAmi(),
      subnetId: subnet.id,
      groupId: group?.id ?? '',
      keyName: 'ecsodus-blog',
      profileName: 'ecsodus-blog-instance',
      userData: '#!/bin/bash\n',
      rootSizeGib: 40,
      tags,
    };
    expect(await aws.findInstance('ecsodus-blog')).toBeUndefined();
    await aws.runInstance(instance);
    const first = await aws.findInstance('ecsodus-blog');
    await aws.runInstance(instance);
    expect(await aws.findInstance('ecsodus-blog')).toEqual(first);
    expect(first).toMatchObject({
      type: 't3.medium',
      tags,
      state: 'running',
      zone: subnet.zone,
      publicAddress: expect.stringMatching(/\d/),
    });
    expect(await aws.consoleOutput(first?.id ?? '')).toContain('Linux version');

    const volume = {
      name: 'ecsodus-blog-data',
      zone: subnet.zone,
      sizeGib: 8,
      clientToken: clientToken('blog', 'volume'),
      tags,
    };
    expect(await aws.findVolume('ecsodus-blog-data')).toBeUndefined();
    await aws.createVolume(volume);
    const disk = await aws.findVolume('ecsodus-blog-data');
    await aws.createVolume(volume);
    expect(await aws.findVolume('ecsodus-blog-data')).toEqual(disk);
    expect(disk).toMatchObject({
      sizeGib: 8,
      zone: subnet.zone,
      state: 'available',
      attachedTo: undefined,
      tags: { ...tags, Name: 'ecsodus-blog-data' },
    });

    await aws.attachVolume(disk?.id ?? '', first?.id ?? '');
    await aws.attachVolume(disk?.id ?? '', first?.id ?? '');
    expect(await aws.findVolume('ecsodus-blog-data')).toMatchObject({ state: 'in-use', attachedTo: first?.id });
    await aws.tagResource(disk?.id ?? '', { 'ecsodus:state': 'finished' });
    expect((await aws.findVolume('ecsodus-blog-data'))?.tags['ecsodus:state']).toBe('finished');

    const picture = { volumeId: disk?.id ?? '', description: 'ecsodus blog', tags: tagsOf('blog', 'picture') };
    const made = await aws.createSnapshot(picture);
    expect(made).toMatchObject({ volumeId: disk?.id, description: 'ecsodus blog', tags: picture.tags });
    expect((await aws.createSnapshot(picture)).id).toBe(made.id);
    expect((await aws.findSnapshots('blog')).map(({ id }) => id)).toEqual([made.id]);
    expect(await aws.findSnapshots('other')).toEqual([]);
    await aws.deleteSnapshot(made.id);
    await aws.deleteSnapshot(made.id);
    expect(await aws.findSnapshots('blog')).toEqual([]);
  });

  test('repository, and credentials for its registry', async () => {
    expect(await aws.hasRepository('blog/web')).toBe(false);
    await aws.createRepository('blog/web', tags);
    await aws.createRepository('blog/web', tags);
    expect(await aws.hasRepository('blog/web')).toBe(true);
    const credentials = await aws.registryCredentials();
    expect(credentials).toMatchObject({ host: '123456789012.dkr.ecr.eu-central-1.amazonaws.com', username: 'AWS' });
    expect(JSON.stringify(credentials)).toContain('[redacted]');
  });

  test('secret parameter, made and then overwritten', async () => {
    const name = '/ecsodus/blog/web/DB_PASSWORD';
    expect(await aws.findParameter(name)).toBeUndefined();
    await aws.putParameter(name, new Secret('one'), tags);
    await aws.putParameter(name, new Secret('two'), tags);
    expect((await aws.findParameter(name))?.reveal()).toBe('two');
  });

  test('secret of Secrets Manager, made, then given another value, and gone while it waits for its deletion', async () => {
    const name = 'ecsodus/blog/web/DB_PASSWORD';
    const put = (value: string) =>
      aws.putSecret({ name, value: new Secret(value), clientToken: clientToken('blog', name), tags });
    expect(await aws.findSecret(name)).toBeUndefined();
    await put('one');
    expect((await aws.findSecret(name))?.arn).toMatch(/:secret:ecsodus\/blog\/web\/DB_PASSWORD-\w{6}$/);
    await put('one');
    await put('two');
    expect((await aws.findSecret(name))?.value.reveal()).toBe('two');
    const manager = new SecretsManager({});
    expect((await manager.describeSecret({ SecretId: name })).Tags).toContainEqual({
      Key: 'ecsodus:migration',
      Value: 'blog',
    });
    await manager.deleteSecret({ SecretId: name });
    expect(await aws.findSecret(name)).toBeUndefined();
  });

  test('task definition and service', async () => {
    expect(await aws.findTaskDefinition('web')).toBeUndefined();
    expect(await aws.findService('ecsodus-blog', 'web')).toBeUndefined();
    expect(await aws.findService('ecsodus-nowhere', 'web')).toBeUndefined();
    const arn = await aws.registerTaskDefinition({
      family: 'web',
      containerDefinitions: [{ name: 'web', image: 'x', memory: 64 }],
      tags: [{ key: 'ecsodus:migration', value: 'blog' }],
    });
    expect((await aws.findTaskDefinition('web'))?.tags).toEqual({ 'ecsodus:migration': 'blog' });
    expect(arn).toMatch(/task-definition\/web:1$/);
    expect((await aws.findTaskDefinition('web'))?.taskDefinitionArn).toBe(arn);
    await aws.createService({
      cluster: 'ecsodus-blog',
      name: 'web',
      definition: arn,
      clientToken: clientToken('blog', 'service'),
      tags,
    });
    expect(await aws.findService('ecsodus-blog', 'web')).toMatchObject({
      status: 'ACTIVE',
      desiredCount: 0,
      taskDefinition: arn,
    });
    await aws.updateService({ cluster: 'ecsodus-blog', name: 'web', desiredCount: 1 });
    expect((await aws.findService('ecsodus-blog', 'web'))?.desiredCount).toBe(1);
    expect(await aws.serviceTasks('ecsodus-blog', 'web')).toEqual([]);
    expect(await aws.serviceTasks('ecsodus-nowhere', 'web')).toEqual([]);
  });
});

test('instance types say what they are', async () => {
  expect((await aws.findInstanceType('t4g.medium'))?.architectures).toEqual(['arm64']);
  expect(await aws.findInstanceType('t3.gigantic')).toBeUndefined();
});

test('the table of instance types says what AWS says', async () => {
  const found = await Promise.all(candidates.map(({ name }) => aws.findInstanceType(name)));
  expect(found).toEqual(candidates.map((size) => ({ ...size, architectures: ['x86_64'] })));
});

test('two instances with one name are an error, not a choice', async () => {
  const [[subnet], one] = [await aws.findSubnets(undefined), await aws.findInstance('ecsodus-blog')];
  const group = await aws.findSecurityGroup('ecsodus-blog', subnet.vpcId);
  const ami = await aws.recommendedAmi();
  const other = {
    clientToken: 'x',
    type: 't3.medium',
    ami,
    subnetId: subnet.id,
    groupId: group?.id ?? '',
    keyName: 'ecsodus-blog',
    profileName: 'ecsodus-blog-instance',
    userData: '',
  };
  await aws.runInstance({ ...other, name: 'ecsodus-twin', tags: tagsOf('twin', 'test') });
  const twin = await aws.findInstance('ecsodus-twin');
  await aws.tagResource(twin?.id ?? '', { Name: 'ecsodus-blog', ...tags });
  await expect(aws.findInstance('ecsodus-blog')).rejects.toMatchObject({
    code: 'ambiguous',
    message: expect.stringContaining(one?.id ?? ''),
  });
});

test('a subnet that is not there says which setting to change', async () => {
  await expect(aws.findSubnets('subnet-0123456789abcdef0')).rejects.toMatchObject({
    code: 'subnet-missing',
    hint: expect.stringContaining('instance.subnet'),
  });
});

test('what AWS refuses is one MigrationError that names the call', async () => {
  await expect(aws.updateService({ cluster: 'ecsodus-nowhere', name: 'web', desiredCount: 1 })).rejects.toMatchObject({
    name: 'MigrationError',
    code: 'aws-failed',
    message: expect.stringContaining('ecs:UpdateService'),
  });
});
