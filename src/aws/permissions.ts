import type { Config } from '../config.ts';

/** What the operator's IAM identity must be allowed to do, by step. For the README, and for a policy to copy. */
export interface StepPermissions {
  readonly step: string;
  /** Calls of ours. */
  readonly actions: readonly string[];
  /** What AWS checks besides, on behalf of those calls. */
  readonly implied?: Readonly<Record<string, string>>;
}

/** Asked for to say early what would be refused; where they are not allowed, it is said later. */
const mayBeMissing = ['iam:SimulatePrincipalPolicy', 'servicequotas:GetServiceQuota'];

/** Every action that a migration cannot do without, once: to undo it is another matter. */
export function neededActions(secrets: Config['secrets']): readonly string[] {
  const steps = permissions.filter(({ step }) => step !== 'undo');
  const all = steps.flatMap(({ actions, implied = {} }) => [...actions, ...Object.keys(implied)]);
  const isNeeded = (action: string) =>
    !mayBeMissing.includes(action) && (secrets === 'secrets-manager' || !action.startsWith('secretsmanager:'));
  return [...new Set(all)].filter(isNeeded).sort();
}

export const permissions: readonly StepPermissions[] = [
  {
    step: 'connect',
    actions: [
      'sts:GetCallerIdentity',
      'ec2:DescribeInstances',
      'ec2:DescribeVolumes',
      'ec2:GetConsoleOutput',
      'ssm:GetParameter',
    ],
  },
  {
    step: 'inventory',
    actions: ['ecs:DescribeTaskDefinition'],
  },
  {
    step: 'push-images',
    actions: [
      'ecr:CreateRepository',
      'ecr:DescribeRepositories',
      'ecr:GetAuthorizationToken',
      'ecr:ListTagsForResource',
    ],
    implied: {
      'ecr:BatchCheckLayerAvailability': "docker push, with the operator's token",
      'ecr:BatchGetImage': 'asking whether an image is there',
      'ecr:CompleteLayerUpload': 'docker push',
      'ecr:GetDownloadUrlForLayer': 'docker pull ahead on the target',
      'ecr:InitiateLayerUpload': 'docker push',
      'ecr:PutImage': 'docker push',
      'ecr:TagResource': 'a repository made with tags',
      'ecr:UploadLayerPart': 'docker push',
    },
  },
  {
    step: 'provision',
    actions: [
      'ec2:AuthorizeSecurityGroupIngress',
      'ec2:CreateSecurityGroup',
      'ec2:CreateVolume',
      'ec2:DeleteKeyPair',
      'ec2:DescribeImages',
      'ec2:DescribeInstanceTypeOfferings',
      'ec2:DescribeInstanceTypes',
      'ec2:DescribeInstances',
      'ec2:DescribeKeyPairs',
      'ec2:DescribeRouteTables',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeVolumes',
      'ec2:GetConsoleOutput',
      'ec2:ImportKeyPair',
      'ec2:RunInstances',
      'ecs:CreateCluster',
      'ecs:DescribeClusters',
      'ecs:DescribeContainerInstances',
      'ecs:ListContainerInstances',
      'iam:AddRoleToInstanceProfile',
      'iam:AttachRolePolicy',
      'iam:CreateInstanceProfile',
      'iam:CreateRole',
      'iam:GetInstanceProfile',
      'iam:GetRole',
      'iam:GetRolePolicy',
      'iam:ListAttachedRolePolicies',
      'iam:ListRolePolicies',
      'iam:PutRolePolicy',
      'iam:SimulatePrincipalPolicy',
      'servicequotas:GetServiceQuota',
      'ssm:GetParameter',
      'ssm:PutParameter',
    ],
    implied: {
      'ec2:CreateTags': 'resources made with tags',
      'ecs:ListTagsForResource': 'a cluster described with its tags',
      'ecs:TagResource': 'a cluster made with tags',
      'iam:CreateServiceLinkedRole': 'the first ECS cluster of an account (AWSServiceRoleForECS)',
      'iam:PassRole': 'the instance role, given to EC2',
      'ssm:AddTagsToResource': 'a parameter made with tags',
      'iam:TagInstanceProfile': 'a profile made with tags',
      'iam:TagRole': 'roles made with tags',
    },
  },
  {
    step: 'mount-data',
    actions: [
      'ec2:AttachVolume',
      'ec2:DescribeInstances',
      'ec2:DescribeVolumes',
      'ecs:DescribeContainerInstances',
      'ecs:ListContainerInstances',
    ],
  },
  {
    step: 'sync-data',
    actions: ['ec2:CreateSnapshot', 'ec2:DeleteSnapshot', 'ec2:DescribeSnapshots'],
    implied: { 'ec2:CreateTags': 'a snapshot made with tags' },
  },
  {
    step: 'register-tasks',
    actions: [
      'ecs:CreateService',
      'ecs:DescribeServices',
      'ecs:DescribeTaskDefinition',
      'ecs:RegisterTaskDefinition',
      'ecs:UpdateService',
      'ecr:GetAuthorizationToken',
      'secretsmanager:CreateSecret',
      'secretsmanager:GetSecretValue',
      'secretsmanager:PutSecretValue',
      'secretsmanager:RestoreSecret',
      'ssm:GetParameter',
      'ssm:PutParameter',
    ],
    implied: {
      'ecs:ListTagsForResource': 'definitions described with their tags',
      'ecs:TagResource': 'services and definitions made with tags',
      'iam:PassRole': 'the execution role, given to ECS tasks',
      'secretsmanager:TagResource': 'secrets made with tags',
      'ssm:AddTagsToResource': 'parameters made with tags',
    },
  },
  {
    step: 'cut-over',
    actions: ['ecs:DescribeServices', 'ecs:DescribeTasks', 'ecs:ListServices', 'ecs:ListTasks', 'ecs:UpdateService'],
  },
  {
    step: 'verify',
    actions: ['ecs:DescribeTasks', 'ecs:ListTasks'],
  },
  {
    step: 'rollback',
    actions: ['ecs:DescribeServices', 'ecs:DescribeTasks', 'ecs:ListServices', 'ecs:ListTasks', 'ecs:UpdateService'],
  },
  {
    step: 'finish',
    actions: ['ec2:CreateTags', 'ec2:DescribeSecurityGroups', 'ec2:DescribeVolumes', 'ec2:RevokeSecurityGroupIngress'],
  },
  {
    step: 'undo',
    actions: [
      'ec2:DeleteSecurityGroup',
      'ec2:DeleteVolume',
      'ec2:TerminateInstances',
      'ecr:DeleteRepository',
      'ecs:DeleteCluster',
      'ecs:DeleteService',
      'ecs:DeregisterContainerInstance',
      'ecs:DeregisterTaskDefinition',
      'ecs:ListTaskDefinitions',
      'iam:DeleteInstanceProfile',
      'iam:DeleteRole',
      'iam:DeleteRolePolicy',
      'iam:DetachRolePolicy',
      'iam:RemoveRoleFromInstanceProfile',
      'secretsmanager:DeleteSecret',
      'ssm:DeleteParameter',
    ],
  },
];
