import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  type IAMClientConfig,
  PutRolePolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} from '@aws-sdk/client-iam';
import type { AwsReader, AwsWriter } from './aws.ts';
import { unlessAbsent, withMigrationErrors } from './aws-errors.ts';
import { unlessDone } from './make-once.ts';
import { requireOurs } from './ours.ts';
import { tagList, tagsFrom } from './tags.ts';

export const iamClient = (options: IAMClientConfig): IAMClient => withMigrationErrors(new IAMClient(options), 'iam');

export const iamReader = (client: IAMClient): Pick<AwsReader, 'findRole' | 'findInstanceProfile'> => ({
  findRole: async (name) => {
    const role = (await unlessAbsent(client.send(new GetRoleCommand({ RoleName: name })), 'NoSuchEntityException'))
      ?.Role;
    if (!role) return undefined;
    requireOurs('role', name, tagsFrom(role.Tags));
    const [managedPolicies, inlinePolicies] = await Promise.all([attached(client, name), inline(client, name)]);
    return { arn: role.Arn ?? '', managedPolicies, inlinePolicies };
  },
  findInstanceProfile: async (name) => {
    const command = new GetInstanceProfileCommand({ InstanceProfileName: name });
    const profile = (await unlessAbsent(client.send(command), 'NoSuchEntityException'))?.InstanceProfile;
    if (profile) requireOurs('instance profile', name, tagsFrom(profile.Tags));
    return profile && (profile.Roles ?? []).map((role) => role.RoleName ?? '');
  },
});

type IamWrites =
  | 'createRole'
  | 'attachRolePolicy'
  | 'putRolePolicy'
  | 'createInstanceProfile'
  | 'addRoleToInstanceProfile';

export const iamWriter = (client: IAMClient): Pick<AwsWriter, IamWrites> => ({
  createRole: async ({ name, service, tags }) => {
    const command = new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: trustPolicy(service),
      Description: 'Made by ecsodus',
      Tags: tagList(tags),
    });
    await unlessAbsent(client.send(command), 'EntityAlreadyExistsException');
  },
  attachRolePolicy: async (RoleName, PolicyArn) => {
    await client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  },
  putRolePolicy: async (RoleName, PolicyName, PolicyDocument) => {
    await client.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  },
  createInstanceProfile: async (InstanceProfileName, tags) => {
    const command = new CreateInstanceProfileCommand({ InstanceProfileName, Tags: tagList(tags) });
    await unlessAbsent(client.send(command), 'EntityAlreadyExistsException');
  },
  addRoleToInstanceProfile: async (InstanceProfileName, RoleName) => {
    const isIn = async () =>
      (await iamReader(client).findInstanceProfile(InstanceProfileName))?.includes(RoleName) || undefined;
    if (await isIn()) return;
    const command = new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName });
    // A profile holds one role: LimitExceeded is the answer when it is in there already, or another one is.
    await unlessDone(client.send(command), isIn, 'LimitExceededException');
  },
});

async function attached(client: IAMClient, RoleName: string): Promise<string[]> {
  const arns: string[] = [];
  for await (const page of paginateListAttachedRolePolicies({ client }, { RoleName })) {
    arns.push(...(page.AttachedPolicies ?? []).flatMap(({ PolicyArn }) => PolicyArn ?? []));
  }
  return arns;
}

async function inline(client: IAMClient, RoleName: string): Promise<Record<string, string>> {
  const policies: Record<string, string> = {};
  for await (const page of paginateListRolePolicies({ client }, { RoleName })) {
    for (const PolicyName of page.PolicyNames ?? []) {
      const { PolicyDocument = '' } = await client.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      // IAM answers in URL encoding (RFC 3986), as its reference says of PolicyDocument.
      policies[PolicyName] = decodeURIComponent(PolicyDocument);
    }
  }
  return policies;
}

const trustPolicy = (service: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });
