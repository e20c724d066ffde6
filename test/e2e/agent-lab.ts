import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EC2, waitUntilInstanceRunning } from '@aws-sdk/client-ec2';
import type { IAM } from '@aws-sdk/client-iam';
import type { SSM } from '@aws-sdk/client-ssm';
import { startAws, startSupervisor } from '../lab/aws.ts';
import { hostDir, inHost } from '../lab/host.ts';
import { makeVolumesDir } from '../lab/instances-disks.ts';
import { aws, type Lab, labDir, writeLab } from '../lab/lab.ts';
import { makeKey } from '../lab/login.ts';
import { makeNetwork } from '../lab/network.ts';
import { startRegistry } from '../lab/registry.ts';
import { startResolver } from '../lab/resolver.ts';

export const cluster = 'proof';

/** As the tool writes it: rsync, the guards that keep the agent waiting for the disk, the agent's configuration. */
const userData = `#!/bin/bash
set -euo pipefail
dnf install -y rsync
for u in ecs docker; do mkdir -p /etc/systemd/system/$u.service.d
printf '[Unit]\\nRequiresMountsFor=/data\\n' >/etc/systemd/system/$u.service.d/10-data.conf; done
printf 'AssertPathIsMountPoint=/data\\n' >>/etc/systemd/system/ecs.service.d/10-data.conf
systemctl daemon-reload
mkdir -p /data
cat >>/etc/ecs/ecs.config <<CONFIG
ECS_CLUSTER=${cluster}
ECS_RESERVED_MEMORY=256
ECS_INSTANCE_ATTRIBUTES={"data":"here"}
ECS_CONTAINER_STOP_TIMEOUT=2s
ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION=6s
CONFIG
`;

/** A lab without its droplet: network, registry, AWS and the supervisor. */
export async function miniature(name: string): Promise<Lab> {
  const dir = labDir(name);
  await mkdir(dir, { recursive: true });
  await makeVolumesDir(dir);
  const prefix = await makeNetwork(name);
  await makeKey(dir);
  const resolver = await startResolver(name, prefix);
  const { pid, ...registry } = await startRegistry(name, prefix);
  const bare = {
    name,
    dir,
    prefix,
    registry,
    droplet: { address: `${prefix}.10` },
    pids: { resolver, registry: pid },
    ready: true,
  };
  const made = { ...bare, moto: await startAws(bare) };
  await writeLab(made);
  startSupervisor(name);
  return made;
}

/** Instance profile `instance`, execution role `execution`: with the policies AWS documents, and no more. */
export async function makeRoles(iam: IAM): Promise<void> {
  const trust = (service: string): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    });
  await iam.createRole({ RoleName: 'instance', AssumeRolePolicyDocument: trust('ec2.amazonaws.com') });
  const managed = 'arn:aws:iam::aws:policy/service-role';
  await iam.attachRolePolicy({ RoleName: 'instance', PolicyArn: `${managed}/AmazonEC2ContainerServiceforEC2Role` });
  await iam.createInstanceProfile({ InstanceProfileName: 'instance' });
  await iam.addRoleToInstanceProfile({ InstanceProfileName: 'instance', RoleName: 'instance' });
  await iam.createRole({ RoleName: 'execution', AssumeRolePolicyDocument: trust('ecs-tasks.amazonaws.com') });
  await iam.attachRolePolicy({ RoleName: 'execution', PolicyArn: `${managed}/AmazonECSTaskExecutionRolePolicy` });
  const Resource = `arn:aws:ssm:${aws.region}:${aws.accountId}:parameter/proof/*`;
  const secrets = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ssm:GetParameters', Resource }] };
  await iam.putRolePolicy({ RoleName: 'execution', PolicyName: 'secrets', PolicyDocument: JSON.stringify(secrets) });
}

export interface Launched {
  readonly instanceId: string;
  readonly address: string;
  readonly zone: string;
}

export async function launch({ dir }: Lab, ec2: EC2, ssm: SSM): Promise<Launched> {
  const parameter = '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id';
  const { Parameter } = await ssm.getParameter({ Name: parameter });
  await ec2.importKeyPair({ KeyName: 'proof', PublicKeyMaterial: await readFile(join(dir, 'id_ed25519.pub')) });
  await openDefaultGroup(ec2);
  const { Instances = [] } = await ec2.runInstances({
    ImageId: Parameter?.Value,
    InstanceType: 't3.medium',
    MinCount: 1,
    MaxCount: 1,
    KeyName: 'proof',
    IamInstanceProfile: { Name: 'instance' },
    UserData: Buffer.from(userData).toString('base64'),
  });
  const [{ InstanceId = '', PublicIpAddress = '', Placement = {} } = {}] = Instances;
  await waitUntilInstanceRunning(
    { client: ec2, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { InstanceIds: [InstanceId] },
  );
  return { instanceId: InstanceId, address: PublicIpAddress, zone: Placement.AvailabilityZone ?? '' };
}

/** Without a group of its own an instance is in the default one, which lets in nobody from outside. */
async function openDefaultGroup(ec2: EC2): Promise<void> {
  const { SecurityGroups = [] } = await ec2.describeSecurityGroups({ GroupNames: ['default'] });
  for (const { GroupId } of SecurityGroups)
    await ec2.authorizeSecurityGroupIngress({ GroupId, IpProtocol: '-1', CidrIp: '0.0.0.0/0' });
}

/** An image of one static program, pushed from the instance's own engine and removed there, so that it has to be pulled. */
export async function pushBusybox(lab: Lab, instanceId: string): Promise<string> {
  const reference = `${lab.registry.host}/proof/busybox:1`;
  const host = JSON.parse(await readFile(join(hostDir(lab.name, instanceId), 'host.json'), 'utf8'));
  const script = `set -e
    for i in $(seq 100); do docker version >/dev/null 2>&1 && break; sleep 0.1; done
    mkdir -p /tmp/i/bin /tmp/i/tmp && cp /usr/bin/busybox /tmp/i/bin/busybox
    for p in sh httpd wget sleep echo true mkdir; do ln -sf busybox /tmp/i/bin/$p; done
    tar -C /tmp/i -c . | docker import - ${reference} >/dev/null
    docker login -u AWS --password-stdin ${lab.registry.host} && docker push -q ${reference} && docker rmi ${reference} && docker logout ${lab.registry.host}`;
  const { code, stderr, stdout } = await inHost(host, ['bash', '-c', script], { input: lab.registry.password });
  if (code !== 0) throw new Error(stdout + stderr);
  return reference;
}
