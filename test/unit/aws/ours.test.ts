import { EC2 } from '@aws-sdk/client-ec2';
import { ECR } from '@aws-sdk/client-ecr';
import { ECS } from '@aws-sdk/client-ecs';
import { IAM } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { AwsWriter } from '../../../src/aws/aws.ts';
import { foreignFamilies, isOurs } from '../../../src/aws/ours.ts';
import { ecsTagList, tagList } from '../../../src/aws/tags.ts';
import { generateKeyPair } from '../../../src/ssh/keys.ts';
import { connectToMoto } from './moto-server.ts';

vi.setConfig({ testTimeout: 30_000 });

let end: () => Promise<void>;
let aws: AwsWriter;

beforeAll(async () => {
  ({ aws, end } = await connectToMoto());
}, 60_000);

afterAll(() => end());

test.each<[string, string | undefined, boolean]>([
  ['ecsodus-blog', 'blog', true],
  ['ecsodus-blog-data', 'blog', true],
  ['ecsodus-blog-execution', 'blog', true],
  ['blog/nginx', 'blog', true],
  ['ecsodus-blog', 'shop', false],
  ['ecsodus-blog', undefined, false],
  ['ecsodus-blog-2', 'blog', false],
  ['blogs/nginx', 'blog', false],
])('%s with the tag %s: %s', (name, migration, ours) => {
  expect(isOurs(name, { Name: name, ...(migration && { 'ecsodus:migration': migration }) })).toBe(ours);
});

test('a family of somebody else is a blocker', () => {
  const found = {
    web: { family: 'web', tags: { 'ecsodus:migration': 'blog' } },
    db: { family: 'db', tags: { 'ecsodus:migration': 'shop' } },
    mail: { family: 'mail', tags: {} },
    cache: undefined,
  };
  expect(foreignFamilies(found, 'blog')).toMatchObject([
    { level: 'blocker', code: 'family-taken', subject: 'db', message: expect.stringContaining('migration "shop"') },
    { level: 'blocker', code: 'family-taken', subject: 'mail', message: expect.stringContaining('has no tag') },
  ]);
});

type Tags = Record<string, string>;
const assumed = JSON.stringify({ Version: '2012-10-17', Statement: [] });

/** What somebody else made under a name of ours, and how we would look for it. */
const made: [string, (name: string, tags: Tags) => Promise<unknown>, (name: string) => Promise<unknown>][] = [
  [
    'ECS cluster',
    (clusterName, tags) => new ECS({}).createCluster({ clusterName, tags: ecsTagList(tags) }),
    (name) => aws.hasCluster(name),
  ],
  [
    'role',
    (RoleName, tags) => new IAM({}).createRole({ RoleName, AssumeRolePolicyDocument: assumed, Tags: tagList(tags) }),
    (name) => aws.findRole(name),
  ],
  [
    'instance profile',
    (InstanceProfileName, tags) => new IAM({}).createInstanceProfile({ InstanceProfileName, Tags: tagList(tags) }),
    (name) => aws.findInstanceProfile(name),
  ],
  [
    'security group',
    async (GroupName, tags) => {
      const VpcId = (await aws.findSubnets(undefined))[0].vpcId;
      const group = { GroupName, VpcId, Description: 'theirs' };
      await new EC2({}).createSecurityGroup({ ...group, TagSpecifications: tagged('security-group', tags) });
    },
    async (name) => aws.findSecurityGroup(name, (await aws.findSubnets(undefined))[0].vpcId),
  ],
  [
    'key pair',
    (KeyName, tags) => {
      const PublicKeyMaterial = Buffer.from(generateKeyPair('them').publicKey);
      return new EC2({}).importKeyPair({ KeyName, PublicKeyMaterial, TagSpecifications: tagged('key-pair', tags) });
    },
    (name) => aws.findKeyPair(name),
  ],
  [
    'instance',
    async (Name, tags) =>
      new EC2({}).runInstances({
        ImageId: await aws.recommendedAmi(),
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: tagged('instance', { ...tags, Name }),
      }),
    (name) => aws.findInstance(name),
  ],
  [
    'volume',
    (Name, tags) =>
      new EC2({}).createVolume({
        AvailabilityZone: 'eu-central-1a',
        Size: 1,
        TagSpecifications: tagged('volume', { ...tags, Name }),
      }),
    (name) => aws.findVolume(name),
  ],
  [
    'ECR repository',
    (repositoryName, tags) => new ECR({}).createRepository({ repositoryName, tags: tagList(tags) }),
    (name) => aws.hasRepository(name),
  ],
];

const tagged = (ResourceType: 'instance' | 'volume' | 'key-pair' | 'security-group', tags: Tags) => [
  { ResourceType, Tags: tagList(tags) },
];

test.each(made)('%s of that name which is not ours is refused, and says why', async (kind, make, find) => {
  await make('ecsodus-untagged', { Owner: 'ann' });
  await expect(find('ecsodus-untagged')).rejects.toMatchObject({
    code: 'not-ours',
    message: expect.stringMatching(new RegExp(`the ${kind} ecsodus-untagged.*has no tag ecsodus:migration`)),
    hint: expect.stringContaining('another "name" in ecsodus.yaml'),
  });
  await make('ecsodus-foreign', { 'ecsodus:migration': 'shop' });
  await expect(find('ecsodus-foreign')).rejects.toMatchObject({
    code: 'not-ours',
    message: expect.stringMatching(new RegExp(`the ${kind} ecsodus-foreign.*is of the migration "shop"`)),
  });
});

test('of a family that somebody else has revisions of, ours alone are taken away', async () => {
  const ecs = new ECS({});
  const containerDefinitions = [{ name: 'web', image: 'web', memory: 64 }];
  const register = (tags: Tags) =>
    ecs.registerTaskDefinition({ family: 'shared', containerDefinitions, tags: ecsTagList(tags) });
  await register({ Owner: 'ann' });
  await register({ 'ecsodus:migration': 'shop' });
  await register({ 'ecsodus:migration': 'blog' });
  await aws.deregisterTaskDefinitions('shared', 'blog');
  const { taskDefinitionArns = [] } = await ecs.listTaskDefinitions({ familyPrefix: 'shared' });
  expect(taskDefinitionArns.map((arn) => arn.split('/').at(-1))).toEqual(['shared:1', 'shared:2']);
});
