import {
  DeleteSecurityGroupCommand,
  DeleteVolumeCommand,
  type EC2Client,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DeleteRepositoryCommand, type ECRClient } from '@aws-sdk/client-ecr';
import {
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterContainerInstanceCommand,
  DeregisterTaskDefinitionCommand,
  type ECSClient,
  paginateListTaskDefinitions,
} from '@aws-sdk/client-ecs';
import {
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  type IAMClient,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { DeleteSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DeleteParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { AwsRemover } from './aws.ts';
import { hasCode, unlessAbsent } from './aws-errors.ts';
import { instanceReader } from './ec2-instances.ts';
import { ecsReader } from './ecs.ts';
import { iamReader } from './iam.ts';
import { migrationTag } from './ours.ts';
import { until, whileTooEarly } from './wait.ts';

interface Clients {
  readonly ec2: EC2Client;
  readonly ecr: ECRClient;
  readonly ecs: ECSClient;
  readonly iam: IAMClient;
  readonly ssm: SSMClient;
  readonly secretsManager: SecretsManagerClient;
}

/** What was let go a moment ago is still held for some seconds. */
const lettingGo = { timeoutMs: 180_000, everyMs: 1000 };

/** What is gone already, by one of these codes of AWS, is gone. */
const gone = async (call: Promise<unknown>, ...codes: readonly string[]): Promise<void> =>
  void (await unlessAbsent(call, ...codes));

const noSuchEntity = 'NoSuchEntityException';

/** Takes away what a migration has made. */
export const awsRemover = ({ ec2, ecr, ecs, iam, ssm, secretsManager }: Clients): AwsRemover => ({
  terminateInstance: async (name, signal) => {
    const find = () => instanceReader(ec2).findInstance(name);
    const instance = await find();
    if (instance === undefined) return;
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance.id] }));
    const isGone = async () => ((await find()) === undefined ? true : undefined);
    await until(isGone, { what: `${instance.id} to end`, ...lettingGo, signal });
  },
  deleteVolume: async (VolumeId) => {
    const call = () => gone(ec2.send(new DeleteVolumeCommand({ VolumeId })), 'InvalidVolume.NotFound');
    await whileTooEarly(call, (error) => hasCode(error, 'VolumeInUse'), lettingGo);
  },
  deleteSecurityGroup: async (GroupId) => {
    const call = () => gone(ec2.send(new DeleteSecurityGroupCommand({ GroupId })), 'InvalidGroup.NotFound');
    await whileTooEarly(call, (error) => hasCode(error, 'DependencyViolation'), lettingGo);
  },
  deleteRole: async (RoleName) => {
    const role = await iamReader(iam).findRole(RoleName);
    for (const PolicyArn of role?.managedPolicies ?? [])
      await gone(iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })), noSuchEntity);
    for (const PolicyName of Object.keys(role?.inlinePolicies ?? {}))
      await gone(iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })), noSuchEntity);
    await gone(iam.send(new DeleteRoleCommand({ RoleName })), noSuchEntity);
  },
  deleteInstanceProfile: async (InstanceProfileName) => {
    for (const RoleName of (await iamReader(iam).findInstanceProfile(InstanceProfileName)) ?? [])
      await gone(iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName })), noSuchEntity);
    await gone(iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })), noSuchEntity);
  },
  deleteRepository: (repositoryName) =>
    gone(ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true })), 'RepositoryNotFoundException'),
  deleteParameter: (Name) => gone(ssm.send(new DeleteParameterCommand({ Name })), 'ParameterNotFound'),
  deleteSecret: (SecretId) =>
    gone(secretsManager.send(new DeleteSecretCommand({ SecretId })), 'ResourceNotFoundException'),
  deleteService: (cluster, service) =>
    gone(
      ecs.send(new DeleteServiceCommand({ cluster, service, force: true })),
      'ServiceNotFoundException',
      'ClusterNotFoundException',
    ),
  deregisterTaskDefinitions: async (familyPrefix, migration) => {
    for await (const { taskDefinitionArns = [] } of paginateListTaskDefinitions({ client: ecs }, { familyPrefix }))
      for (const taskDefinition of taskDefinitionArns.filter((arn) => familyOf(arn) === familyPrefix)) {
        const revision = await ecsReader(ecs).findTaskDefinition(taskDefinition);
        if (revision?.tags[migrationTag] === migration)
          await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
      }
  },
  deleteCluster: async (cluster) => {
    for (const { containerInstanceArn: containerInstance } of await ecsReader(ecs).containerInstances(cluster))
      await ecs.send(new DeregisterContainerInstanceCommand({ cluster, containerInstance, force: true }));
    const call = () => gone(ecs.send(new DeleteClusterCommand({ cluster })), 'ClusterNotFoundException');
    const isHeld = (error: unknown) =>
      hasCode(
        error,
        'ClusterContainsServicesException',
        'ClusterContainsTasksException',
        'ClusterContainsContainerInstancesException',
      );
    await whileTooEarly(call, isHeld, lettingGo);
  },
});

/** `arn:aws:ecs:…:task-definition/web:3`: a family that only begins alike is another. */
const familyOf = (arn: string): string => (arn.split('/').at(-1) ?? '').replace(/:\d+$/, '');
