import { definedBy } from '../design.ts';
import { namesOf } from '../names.ts';
import type { Identity } from './aws.ts';
import { dnsSuffix } from './partition.ts';
import type { ProvisionChange, Wishes } from './provision-changes.ts';
import { secretPolicy, secretPolicyName } from './secret-policy.ts';

/** Two roles, and the profile that gives the instance its own. */
export function wantedRoles({ config, identity, design }: Wishes): ProvisionChange[] {
  const { instanceRole, executionRole, instanceProfile } = namesOf(config.name);
  const suffix = `.${dnsSuffix(identity.partition)}`;
  const policy = secretPolicy(
    definedBy(design).flatMap(({ secrets }) => secrets),
    identity,
    config.name,
  );
  return [
    role(instanceRole, `ec2${suffix}`, 'what the instance may do'),
    role(executionRole, `ecs-tasks${suffix}`, 'what ECS may do to start a task'),
    attach(instanceRole, identity, 'AmazonEC2ContainerServiceforEC2Role', 'join the cluster and pull images'),
    // A task with an execution role is pulled, and logs to awslogs, with that role and not the instance's (ecs-mapping.md §3).
    attach(executionRole, identity, 'AmazonECSTaskExecutionRolePolicy', 'pull images and write logs for a task'),
    ...(policy ? [inline(executionRole, policy.document, policy.isExact)] : []),
    {
      id: `profile:${instanceProfile}`,
      kind: 'profile',
      verb: 'create',
      target: `instance profile ${instanceProfile}`,
      reason: 'gives the instance its role',
      name: instanceProfile,
    },
    {
      id: `profile-role:${instanceProfile}:${instanceRole}`,
      kind: 'profile-role',
      verb: 'update',
      target: `role ${instanceRole} in profile ${instanceProfile}`,
      reason: 'gives the instance its role',
      profile: instanceProfile,
      role: instanceRole,
    },
  ];
}

const role = (name: string, service: string, reason: string): ProvisionChange => ({
  id: `role:${name}`,
  kind: 'role',
  verb: 'create',
  target: `IAM role ${name}`,
  reason,
  name,
  service,
});

const attach = (to: string, { partition }: Identity, policy: string, reason: string): ProvisionChange => ({
  id: `policy:${to}:${policy}`,
  kind: 'attached-policy',
  verb: 'update',
  target: `policy ${policy} on ${to}`,
  reason,
  role: to,
  arn: `arn:${partition}:iam::aws:policy/service-role/${policy}`,
});

const inline = (to: string, document: string, isExact: boolean): ProvisionChange => ({
  id: `policy:${to}:${secretPolicyName}`,
  kind: 'inline-policy',
  verb: 'update',
  target: `policy ${secretPolicyName} on ${to}`,
  reason: isExact
    ? 'read exactly the secrets of these workloads'
    : 'read all secrets of this migration: they are too many for a policy to name each (IAM takes 10240 characters)',
  role: to,
  name: secretPolicyName,
  document,
});
