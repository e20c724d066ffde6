import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type Docker from 'dockerode';
import type { AgentAccess } from './agent-access.ts';
import { taskCgroup } from './agent-cgroup.ts';
import { containerName, createOptions } from './agent-container.ts';
import { failsAs } from './agent-failure.ts';
import { imageVariables, pullImage } from './agent-pull.ts';
import { dockerVolumes, suffixOf } from './agent-volumes.ts';
import { aws } from './lab.ts';
import type { MotoState, TaskDefinition } from './moto-state.ts';

export interface TaskTools {
  readonly docker: Docker;
  readonly moto: MotoState;
  readonly access: AgentAccess;
  readonly instanceRole: string | null;
  readonly stopTimeoutS: number;
  /** Under which the tasks' own lie. */
  readonly cgroupRoot: string;
  /** Called when Docker gave a container its id. */
  readonly remember: () => Promise<void>;
}

interface Made {
  readonly id: string;
  readonly imageDigest: string | undefined;
}

/** Secrets, image, container: in the agent's order, each failure under the agent's name for it. */
export async function createContainer(
  { docker, moto, access, instanceRole, cgroupRoot }: TaskTools,
  { arn, cluster }: { readonly arn: string; readonly cluster: string },
  definition: TaskDefinition,
  container: ContainerDefinition,
): Promise<Made> {
  const { name = '', image = '' } = container;
  const { executionRoleArn } = definition;
  const secrets = await failsAs('ResourceInitializationError', access.secrets(container, executionRoleArn));
  await moto.say('report-task', { arn, pullStartedAt: true });
  const role = executionRoleArn?.split('/').at(-1) ?? instanceRole;
  const pulled = pullImage(docker, image, () => access.pullCredentials(image, role));
  const imageDigest = await failsAs('CannotPullContainerError', pulled);
  await moto.say('report-task', { arn, pullStoppedAt: true });
  const options = createOptions(definition, container, {
    taskArn: arn,
    cluster,
    region: aws.region,
    suffix: suffixOf(arn, name),
    imageVariables: await imageVariables(docker, image),
    secrets,
    names: dockerNames(definition, arn),
    cgroup: taskCgroup(cgroupRoot, arn),
    volumes: dockerVolumes(definition, arn),
  });
  const { id } = await failsAs('CannotCreateContainerError', docker.createContainer(options));
  return { id, imageDigest };
}

const dockerNames = (definition: TaskDefinition, arn: string): Record<string, string> =>
  Object.fromEntries(
    definition.containers.map((container) => {
      const { name = '' } = container;
      return [name, containerName(definition, container, suffixOf(arn, name))];
    }),
  );
