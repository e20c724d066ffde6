import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EC2 } from '@aws-sdk/client-ec2';
import { ECS, type Task } from '@aws-sdk/client-ecs';
import { IAM } from '@aws-sdk/client-iam';
import { SSM } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AwsWriter } from '../../src/aws/aws.ts';
import { secretPolicy } from '../../src/aws/secret-policy.ts';
import { secretsManagerClient, secretsManagerReader, secretsManagerWriter } from '../../src/aws/secrets-manager.ts';
import { valueFromOf } from '../../src/ecs/stored-secrets.ts';
import { Secret } from '../../src/secret.ts';
import { down } from '../lab/down.ts';
import { hostDir, inHost } from '../lab/host.ts';
import { aws, type Lab } from '../lab/lab.ts';
import { motoUrl } from '../lab/moto.ts';
import { until } from '../lab/processes.ts';
import { cluster, launch, makeRoles, miniature, pushBusybox } from './agent-lab.ts';

/** Secrets Manager from our own writer and policy to the container's environment, by the lab's agent. */
const lab = process.env.SECRETS_TEST_LAB ?? 'secrets-e2e';
const site = { partition: 'aws', region: aws.region, account: aws.accountId };
let made: Lab;
let ecs: ECS;
let host: Parameters<typeof inHost>[0];
let image: string;
let manager: Pick<AwsWriter, 'findSecret' | 'putSecret'>;

const secretNamed = (variable: string) =>
  ({ container: 'web', variable, store: 'secrets-manager', name: `ecsodus/proof/web/${variable}` }) as const;

beforeAll(async () => {
  await down(lab);
  made = await miniature(lab);
  const client = { endpoint: motoUrl(made.moto ?? { port: 0 }), region: aws.region, credentials: aws };
  const own = secretsManagerClient(client);
  manager = { ...secretsManagerReader(own), ...secretsManagerWriter(own) };
  ecs = new ECS(client);
  const iam = new IAM(client);
  await makeRoles(iam);
  await iam.putRolePolicy({
    RoleName: 'execution',
    PolicyName: 'secrets',
    PolicyDocument: secretPolicy([secretNamed('PASSWORD'), secretNamed('GONE')], site, 'proof')?.document ?? '',
  });
  await ecs.createCluster({ clusterName: cluster });
  const { instanceId } = await launch(made, new EC2(client), new SSM(client));
  image = await pushBusybox(made, instanceId);
  host = JSON.parse(await readFile(join(hostDir(lab, instanceId), 'host.json'), 'utf8'));
  await inShell('mount --bind /data /data && systemctl start ecs');
});

afterAll(() => down(lab));

test('a service reads its secret by the whole ARN, and the container has the value', async () => {
  const value = new Secret('s3cret = "ä" {{ any }}');
  const { name } = secretNamed('PASSWORD');
  await manager.putSecret({ name, value, clientToken: '0'.repeat(32), tags: {} });
  await serve('reads', (await manager.findSecret(name))?.arn ?? '');
  const [task] = await until('the task to run', 30_000, async () => {
    const found = await tasksOf('reads', 'RUNNING');
    return found[0]?.lastStatus === 'RUNNING' ? found : undefined;
  });
  expect(await inShell(`docker exec ${task?.containers?.[0]?.runtimeId} sh -c 'echo "$PASSWORD"'`)).toBe(
    `${value.reveal()}\n`,
  );
  const definition = await ecs.describeTaskDefinition({ taskDefinition: 'reads' });
  expect(JSON.stringify(definition)).not.toContain('s3cret');
  await ecs.deleteService({ cluster, service: 'reads', force: true });
});

test('what cannot be read says why: another secret, one that is gone, an ARN without its six characters', async () => {
  const other = secretNamed('OTHER');
  await manager.putSecret({ name: other.name, value: new Secret('hidden'), clientToken: '1'.repeat(32), tags: {} });
  await serve('other', (await manager.findSecret(other.name))?.arn ?? '');
  expect(await reason('other')).toMatch(
    /^ResourceInitializationError: unable to pull secrets .*AccessDeniedException: .*secretsmanager:GetSecretValue on resource: .*OTHER-\w{6}$/,
  );
  await serve('gone', `${valueFromOf(secretNamed('GONE'), site)}-a1B2c3`);
  expect(await reason('gone')).toContain("ResourceNotFoundException: Secrets Manager can't find the specified secret");
  await serve('partial', valueFromOf(secretNamed('PASSWORD'), site));
  expect(await reason('partial')).toContain('AccessDeniedException');
});

async function serve(called: string, valueFrom: string): Promise<void> {
  const definition = await ecs.registerTaskDefinition({
    family: called,
    executionRoleArn: `arn:aws:iam::${aws.accountId}:role/execution`,
    containerDefinitions: [
      {
        name: 'web',
        image,
        memory: 32,
        entryPoint: ['/bin/sh', '-c', 'exec sleep 600'],
        secrets: [{ name: 'PASSWORD', valueFrom }],
      },
    ],
  });
  await ecs.createService({
    cluster,
    serviceName: called,
    taskDefinition: definition.taskDefinition?.taskDefinitionArn ?? '',
    desiredCount: 1,
    deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
  });
}

async function reason(called: string): Promise<string> {
  const found = await until(`why ${called} stopped`, 20_000, async () => {
    const [task] = await tasksOf(called, 'STOPPED');
    return task?.stoppedReason;
  });
  await ecs.deleteService({ cluster, service: called, force: true });
  return found;
}

async function tasksOf(called: string, desiredStatus: 'RUNNING' | 'STOPPED'): Promise<Task[]> {
  const { taskArns = [] } = await ecs.listTasks({ cluster, serviceName: called, desiredStatus });
  if (taskArns.length === 0) return [];
  return (await ecs.describeTasks({ cluster, tasks: taskArns })).tasks ?? [];
}

async function inShell(script: string): Promise<string> {
  const { code, stdout, stderr } = await inHost(host, ['bash', '-c', script]);
  if (code !== 0) throw new Error(stdout + stderr);
  return stdout;
}
