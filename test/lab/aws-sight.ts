import { EC2 } from '@aws-sdk/client-ec2';
import { ECR } from '@aws-sdk/client-ecr';
import { ECS } from '@aws-sdk/client-ecs';
import { IAM } from '@aws-sdk/client-iam';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { type ParameterMetadata, paginateDescribeParameters, SSM } from '@aws-sdk/client-ssm';
import { clientView } from './client-view.ts';
import type { Lab } from './lab.ts';

/** Every AWS resource of the account, whoever made it, one a line; ids that AWS hands out are left out. Never by ecsodus. */
export async function seeAws(lab: Lab): Promise<string[]> {
  const { aws } = clientView(lab);
  const credentials = { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey };
  const client = { region: aws.region, endpoint: String(aws.endpoint), credentials };
  const seen = await Promise.all([
    machines(new EC2(client)),
    network(new EC2(client)),
    containers(new ECS(client)),
    identities(new IAM(client)),
    stores(client),
    logGroups(String(aws.endpoint)),
  ]);
  return seen.flat().sort();
}

type Tagged = {
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
};
const tagOf = ({ Tags = [] }: Tagged, key: string): string => Tags.find(({ Key }) => Key === key)?.Value ?? 'untagged';

async function machines(ec2: EC2): Promise<string[]> {
  const [{ Reservations = [] }, { Volumes = [] }, { Snapshots = [] }, { KeyPairs = [] }] = await Promise.all([
    ec2.describeInstances({}),
    ec2.describeVolumes({}),
    ec2.describeSnapshots({ OwnerIds: ['self'] }),
    ec2.describeKeyPairs({}),
  ]);
  return [
    // A terminated one is seen too: it was one too many.
    ...Reservations.flatMap(({ Instances = [] }) => Instances).map(
      (each) => `instance ${tagOf(each, 'Name')} ${each.State?.Name}`,
    ),
    ...Volumes.map((each) => `volume ${tagOf(each, 'Name')} ${each.State}`),
    // The change of a snapshot at cut-over ends in the moment the source stopped.
    ...Snapshots.map((each) => `snapshot ${tagOf(each, 'ecsodus:change').replace(/:.*/, '')}`),
    ...KeyPairs.map(({ KeyName }) => `key pair ${KeyName}`),
  ];
}

async function network(ec2: EC2): Promise<string[]> {
  const { SecurityGroups = [] } = await ec2.describeSecurityGroups({});
  const ours = SecurityGroups.filter(({ GroupName }) => GroupName !== 'default');
  return ours.flatMap(({ GroupName, IpPermissions = [] }) => [
    `group ${GroupName}`,
    ...IpPermissions.flatMap(({ FromPort, IpRanges = [] }) =>
      IpRanges.map(({ CidrIp }) => `rule ${GroupName} ${FromPort} from ${CidrIp}`),
    ),
  ]);
}

async function containers(ecs: ECS): Promise<string[]> {
  const { clusterArns = [] } = await ecs.listClusters({});
  const { clusters = [] } = clusterArns.length > 0 ? await ecs.describeClusters({ clusters: clusterArns }) : {};
  // A deleted one is shown for a while.
  const active = clusters.filter(({ status }) => status !== 'INACTIVE').map(({ clusterArn = '' }) => clusterArn);
  const inClusters = active.map(async (cluster) => {
    const [{ containerInstanceArns = [] }, { serviceArns = [] }, { taskArns = [] }] = await Promise.all([
      ecs.listContainerInstances({ cluster }),
      ecs.listServices({ cluster }),
      ecs.listTasks({ cluster }),
    ]);
    const services =
      serviceArns.length > 0 ? (await ecs.describeServices({ cluster, services: serviceArns })).services : [];
    return [
      `cluster ${nameOf(cluster)}`,
      ...containerInstanceArns.map(() => 'container instance'),
      ...(services ?? []).map(
        ({ serviceName, desiredCount, taskDefinition = '' }) =>
          `service ${serviceName} wants ${desiredCount} of ${nameOf(taskDefinition)}`,
      ),
      ...taskArns.map(() => 'running task'),
    ];
  });
  const revisions = await Promise.all(
    (['ACTIVE', 'INACTIVE'] as const).map((status) => ecs.listTaskDefinitions({ status })),
  );
  const definitions = revisions.flatMap(({ taskDefinitionArns = [] }) => taskDefinitionArns);
  return [...(await Promise.all(inClusters)).flat(), ...definitions.map((arn) => `definition ${nameOf(arn)}`)];
}

const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

async function identities(iam: IAM): Promise<string[]> {
  const [{ Roles = [] }, { InstanceProfiles = [] }] = await Promise.all([
    iam.listRoles({}),
    iam.listInstanceProfiles({}),
  ]);
  const perRole = Roles.map(async ({ RoleName }) => {
    const [{ AttachedPolicies = [] }, { PolicyNames = [] }] = await Promise.all([
      iam.listAttachedRolePolicies({ RoleName }),
      iam.listRolePolicies({ RoleName }),
    ]);
    return [
      `role ${RoleName}`,
      ...AttachedPolicies.map(({ PolicyName }) => `policy of ${RoleName}: ${PolicyName}`),
      ...PolicyNames.map((name) => `policy of ${RoleName}: ${name}`),
    ];
  });
  return [
    ...(await Promise.all(perRole)).flat(),
    ...InstanceProfiles.map(
      ({ InstanceProfileName, Roles: roles = [] }) =>
        `instance profile ${InstanceProfileName} of ${roles.map(({ RoleName }) => RoleName).join(' ')}`,
    ),
  ];
}

async function stores(client: ConstructorParameters<typeof ECR>[0] & object): Promise<string[]> {
  const [{ repositories = [] }, parameters, { SecretList = [] }] = await Promise.all([
    new ECR(client).describeRepositories({}),
    allParameters(new SSM(client)),
    new SecretsManager(client).listSecrets({ IncludePlannedDeletion: true }),
  ]);
  return [
    ...repositories.map(({ repositoryName }) => `repository ${repositoryName}`),
    // A second version would be a value stored twice.
    ...parameters.map(({ Name, Version }) => `parameter ${Name} version ${Version}`),
    ...SecretList.map(({ Name }) => `secret ${Name}`),
  ];
}

/** AWS's own, of which there are hundreds, are not the account's. */
async function allParameters(client: SSM): Promise<ParameterMetadata[]> {
  const found: ParameterMetadata[] = [];
  for await (const { Parameters = [] } of paginateDescribeParameters({ client }, { MaxResults: 50 }))
    found.push(...Parameters.filter(({ Name }) => !Name?.startsWith('/aws/')));
  return found;
}

/** From moto's own books: nothing that ecsodus calls could list them. */
async function logGroups(endpoint: string): Promise<string[]> {
  const answer = await fetch(`${endpoint}/moto-api/data.json`);
  const books = (await answer.json()) as Record<string, Record<string, { name?: string }[]>>;
  return (books.logs?.LogGroup ?? []).map(({ name }) => `log group ${name}`);
}
