import {
  type ContainerInstance,
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  type ECSClientConfig,
  paginateListContainerInstances,
  paginateListServices,
  paginateListTasks,
  RegisterTaskDefinitionCommand,
  type Service,
  type Task,
  type TaskDefinition,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { sameDefinition } from '../ecs/normalise.ts';
import { serviceSettings } from '../ecs/service-settings.ts';
import { messageOf } from '../errors.ts';
import type { AwsReader, AwsWriter } from './aws.ts';
import { hasCode, unlessAbsent, withMigrationErrors } from './aws-errors.ts';
import { makeOnce } from './make-once.ts';
import { requireOurs } from './ours.ts';
import { ecsTagList, ecsTagsFrom } from './tags.ts';
import { whileTooEarly } from './wait.ts';

/** DescribeTasks and DescribeContainerInstances take that many (ECS API reference). */
const describeLimit = 100;

type EcsReads =
  | 'hasCluster'
  | 'containerInstances'
  | 'findTaskDefinition'
  | 'services'
  | 'findService'
  | 'serviceTasks';
type EcsWrites = 'createCluster' | 'registerTaskDefinition' | 'createService' | 'updateService';

export const ecsClient = (options: ECSClientConfig): ECSClient => withMigrationErrors(new ECSClient(options), 'ecs');

export const ecsReader = (client: ECSClient): Pick<AwsReader, EcsReads> => ({
  hasCluster: async (name) => {
    const { clusters = [] } = await client.send(new DescribeClustersCommand({ clusters: [name], include: ['TAGS'] }));
    const active = clusters.find(({ status }) => status === 'ACTIVE');
    if (active) requireOurs('ECS cluster', name, ecsTagsFrom(active.tags));
    return active !== undefined;
  },
  containerInstances: async (cluster) =>
    (await unlessAbsent(containerInstances(client, cluster), 'ClusterNotFoundException')) ?? [],
  findTaskDefinition: async (family) => {
    // A family without an active revision is a ClientException, "Unable to describe task definition."
    const command = new DescribeTaskDefinitionCommand({ taskDefinition: family, include: ['TAGS'] });
    const answer = await unlessAbsent(client.send(command), 'ClientException');
    const found = answer?.taskDefinition;
    return found && found.status !== 'INACTIVE' ? { ...found, tags: ecsTagsFrom(answer?.tags) } : undefined;
  },
  services: async (cluster) => (await unlessAbsent(services(client, cluster), 'ClusterNotFoundException')) ?? [],
  findService: async (cluster, name) => {
    const command = new DescribeServicesCommand({ cluster, services: [name] });
    const answer = await unlessAbsent(client.send(command), 'ClusterNotFoundException');
    // DRAINING and INACTIVE ones are on their way out: the name is free, or will be.
    return answer?.services?.find(({ status }) => status === 'ACTIVE');
  },
  serviceTasks: async (cluster, service) =>
    (await unlessAbsent(
      serviceTasks(client, cluster, service),
      'ClusterNotFoundException',
      'ServiceNotFoundException',
    )) ?? [],
});

/** `once` is a client that never repeats a call by itself. */
export const ecsWriter = (client: ECSClient, once = client): Pick<AwsWriter, EcsWrites> => ({
  createCluster: async (clusterName, tags) => {
    if (await ecsReader(client).hasCluster(clusterName)) return;
    const command = new CreateClusterCommand({ clusterName, tags: ecsTagList(tags) });
    await whileTooEarly(() => client.send(command), isSettling, settling);
  },
  registerTaskDefinition: async (definition) => {
    const command = new RegisterTaskDefinitionCommand(definition);
    // Each such call makes a revision, also of what there is already.
    const find = async () => {
      const taskDefinition = await ecsReader(client).findTaskDefinition(definition.family ?? '');
      return taskDefinition && sameDefinition(definition, taskDefinition) ? { taskDefinition } : undefined;
    };
    const register = () => makeOnce<{ taskDefinition?: TaskDefinition | undefined }>(() => once.send(command), find);
    const { taskDefinition } = await whileTooEarly(register, isSettling, settling);
    return taskDefinition?.taskDefinitionArn ?? '';
  },
  createService: async ({ cluster, name, definition, clientToken, tags }) => {
    const command = new CreateServiceCommand({
      cluster,
      serviceName: name,
      taskDefinition: definition,
      clientToken,
      desiredCount: 0,
      launchType: 'EC2',
      ...serviceSettings,
      tags: ecsTagList(tags),
    });
    await whileTooEarly(() => client.send(command), isSettling, settling);
  },
  updateService: async ({ cluster, name, definition, desiredCount }) => {
    await client.send(
      new UpdateServiceCommand({
        cluster,
        service: name,
        ...(definition !== undefined && { ...serviceSettings, taskDefinition: definition }),
        ...(desiredCount !== undefined && { desiredCount }),
      }),
    );
  },
});

async function containerInstances(client: ECSClient, cluster: string): Promise<ContainerInstance[]> {
  const found: ContainerInstance[] = [];
  // A page of ListContainerInstances holds at most 100 ARNs.
  for await (const { containerInstanceArns = [] } of paginateListContainerInstances({ client }, { cluster })) {
    if (containerInstanceArns.length === 0) continue;
    const command = new DescribeContainerInstancesCommand({ cluster, containerInstances: containerInstanceArns });
    found.push(...((await client.send(command)).containerInstances ?? []));
  }
  return found;
}

async function services(client: ECSClient, cluster: string): Promise<Service[]> {
  const found: Service[] = [];
  // DescribeServices takes 10 (ECS API reference), which is also a page.
  for await (const { serviceArns = [] } of paginateListServices({ client, pageSize: 10 }, { cluster })) {
    if (serviceArns.length === 0) continue;
    const answer = await client.send(new DescribeServicesCommand({ cluster, services: serviceArns }));
    found.push(...(answer.services ?? []).filter(({ status }) => status === 'ACTIVE'));
  }
  return found;
}

async function serviceTasks(client: ECSClient, cluster: string, serviceName: string): Promise<Task[]> {
  const arns = new Set<string>();
  for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
    for await (const page of paginateListTasks({ client }, { cluster, serviceName, desiredStatus })) {
      for (const arn of page.taskArns ?? []) arns.add(arn);
    }
  }
  const all = [...arns];
  const found: Task[] = [];
  for (let start = 0; start < all.length; start += describeLimit) {
    const command = new DescribeTasksCommand({ cluster, tasks: all.slice(start, start + describeLimit) });
    found.push(...((await client.send(command)).tasks ?? []));
  }
  return found;
}

const settling = { timeoutMs: 120_000, everyMs: 3000 };

/** Refusals that pass by themselves: an account's first cluster, a role made a moment ago, a service still going away. */
const isSettling = (error: unknown): boolean =>
  hasCode(error, 'InvalidParameterException', 'ClientException') &&
  /service linked role|role is not valid|still draining/i.test(messageOf(error));
