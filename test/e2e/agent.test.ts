import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  EC2,
  waitUntilInstanceRunning,
  waitUntilInstanceStopped,
  waitUntilInstanceTerminated,
} from '@aws-sdk/client-ec2';
import { type ContainerDefinition, ECS } from '@aws-sdk/client-ecs';
import { IAM } from '@aws-sdk/client-iam';
import { SSM } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attempt, run } from '../lab/command.ts';
import { exists } from '../lab/debian.ts';
import { down } from '../lab/down.ts';
import { hostDir } from '../lab/host.ts';
import { aws, type Lab, labDir } from '../lab/lab.ts';
import { motoUrl } from '../lab/moto.ts';
import { until } from '../lab/processes.ts';
import { cluster, type Launched, launch, makeRoles, miniature, pushBusybox } from './agent-lab.ts';

/** The lab's instances and the agent stand-in, without a droplet: what a service does there, and that a crash is seen. */
const name = process.env.AGENT_TEST_LAB ?? 'agent-e2e';
const dir = labDir(name);
let lab: Lab;
let ec2: EC2;
let ecs: ECS;
let launched: Launched;
let volumeId: string;
let image: string;

beforeAll(async () => {
  await down(name);
  lab = await miniature(name);
  const client = { endpoint: motoUrl(lab.moto ?? { port: 0 }), region: aws.region, credentials: aws };
  const ssm = new SSM(client);
  ec2 = new EC2(client);
  ecs = new ECS(client);
  await makeRoles(new IAM(client));
  await ssm.putParameter({ Name: '/proof/web/PASSWORD', Type: 'SecureString', Value: 's3cret = "ä"' });
  await ecs.createCluster({ clusterName: cluster });
  launched = await launch(lab, ec2, ssm);
  const { VolumeId = '' } = await ec2.createVolume({ AvailabilityZone: launched.zone, Size: 1, VolumeType: 'gp3' });
  volumeId = VolumeId;
  image = await pushBusybox(lab, launched.instanceId);
});

afterAll(() => down(name));

test('the instance boots as the ECS image does, and its agent waits for the disk', async () => {
  const keys = await until('the console', 30_000, async () => {
    const { Output = '' } = await ec2.getConsoleOutput({ InstanceId: launched.instanceId });
    const text = Buffer.from(Output, 'base64').toString();
    return /BEGIN SSH HOST KEY KEYS-----\n(.*)-----END SSH HOST KEY KEYS/s.exec(text)?.[1];
  });
  const known = keys
    .trim()
    .split('\n')
    .map((key) => `${launched.address} ${key}\n`);
  await writeFile(join(dir, 'known_hosts'), known.join(''));
  expect(await ssh('cloud-init status --wait; command -v rsync; . /etc/os-release; echo $ID; sudo id -u')).toBe(
    'status: done\n/usr/bin/rsync\namzn\n0\n',
  );
  expect((await attempt(sshArgv('true', 'root'))).code).toBe(255);
  expect((await attempt(sshArgv('sudo systemctl start ecs'))).stderr).toContain(
    'Assertion failed on job for ecs.service.',
  );
  expect((await ecs.listContainerInstances({ cluster })).containerInstanceArns).toEqual([]);
});

test('an attached volume is found by its id, made, mounted by UUID; then the agent registers', async () => {
  await ec2.attachVolume({ VolumeId: volumeId, InstanceId: launched.instanceId, Device: '/dev/sdf' });
  const device = deviceOf(volumeId);
  await ssh(`for i in $(seq 50); do [ -b ${device} ] && exit; sleep 0.1; done; exit 1`);
  expect((await attempt(sshArgv(`sudo blkid -p ${device}`))).code).toBe(2);
  await ssh(`set -e; sudo mkfs.ext4 -q -L data ${device}; UUID=$(sudo blkid -p -o value -s UUID ${device})
    echo "UUID=$UUID /data ext4 defaults,nofail 0 2" | sudo tee -a /etc/fstab; sudo mount /data; sudo touch /data/kept
    sudo systemctl start ecs`);
  const instance = await until('the registration', 15_000, async () => {
    const { containerInstanceArns = [] } = await ecs.listContainerInstances({ cluster });
    if (!containerInstanceArns[0]) return undefined;
    return (await ecs.describeContainerInstances({ cluster, containerInstances: containerInstanceArns }))
      .containerInstances?.[0];
  });
  expect(instance.ec2InstanceId).toBe(launched.instanceId);
  expect(instance.remainingResources?.find(({ name }) => name === 'MEMORY')?.integerValue).toBe(
    Math.floor(4096 * 0.955) - 256,
  );
  expect(instance.attributes).toContainEqual({ name: 'data', value: 'here' });
});

test('a service with a good container runs: its port answers, its secret is resolved, its health is Docker’s', async () => {
  const web = {
    ...container('web', 'echo "$PASSWORD" >/www/index.html; exec httpd -f -p 80 -h /www'),
    portMappings: [{ containerPort: 80, hostPort: 8080 }],
    secrets: [{ name: 'PASSWORD', valueFrom: '/proof/web/PASSWORD' }],
    mountPoints: [{ sourceVolume: 'www', containerPath: '/www' }],
    healthCheck: { command: ['CMD-SHELL', 'wget -q -O - http://127.0.0.1/'], interval: 5, timeout: 2, retries: 2 },
  };
  await serve('web', [web], [{ name: 'www', host: { sourcePath: '/data/www' } }]);
  const task = await until('the task to be healthy', 30_000, async () => {
    const [found] = await tasksOf('web');
    return found?.healthStatus === 'HEALTHY' ? found : undefined;
  });
  expect(task.lastStatus).toBe('RUNNING');
  expect(task.containers?.[0]?.networkBindings).toEqual([
    { bindIP: '0.0.0.0', containerPort: 80, hostPort: 8080, protocol: 'tcp' },
  ]);
  expect((await service('web')).runningCount).toBe(1);
  expect(await run(['curl', '-sf', `http://${launched.address}:8080/`])).toBe('s3cret = "ä"\n');
  const inspected = JSON.parse(await ssh(`docker inspect ${task.containers?.[0]?.runtimeId}`))[0];
  expect(inspected.Name).toMatch(/^\/ecs-web-1-web-[0-9a-f]{20}$/);
  expect(inspected.HostConfig.RestartPolicy.Name).toBe('no');
  expect(inspected.Config.Labels['com.amazonaws.ecs.task-arn']).toBe(task.taskArn);
});

test('a container that crashes is never stable, never healthy, and its exit code is told', async () => {
  await serve('crash', [
    { ...container('crash', 'sleep 1; exit 3'), healthCheck: { command: ['CMD', 'true'], interval: 5 } },
  ]);
  const seen = new Set<string>();
  const stopped = await until('three crashes', 60_000, async () => {
    const { deployments = [], events = [] } = await service('crash');
    seen.add(deployments[0]?.rolloutState ?? '');
    for (const { healthStatus } of await tasksOf('crash')) seen.add(healthStatus ?? '');
    const found = await tasksOf('crash', 'STOPPED');
    return found.length >= 3 && events.some(({ message }) => message?.includes('unable to consistently start'))
      ? found
      : undefined;
  });
  expect([...seen].sort()).toEqual(['IN_PROGRESS', 'UNKNOWN']);
  expect(stopped[0]).toMatchObject({
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    containers: [{ exitCode: 3, lastStatus: 'STOPPED' }],
  });
  expect((await service('crash')).events?.some(({ message }) => message?.includes('steady state'))).toBe(false);
  await ecs.deleteService({ cluster, service: 'crash', force: true });
});

test('what cannot start says why: no image, no secret, no room', async () => {
  await serve('noimage', [{ ...container('a', 'true'), image: `${lab.registry.host}/proof/absent:1` }]);
  await serve('nosecret', [{ ...container('a', 'true'), secrets: [{ name: 'X', valueFrom: '/proof/absent' }] }]);
  await serve('noport', [{ ...container('a', 'true'), portMappings: [{ containerPort: 80, hostPort: 8080 }] }]);
  const reason = (of: string): Promise<string> =>
    until(`why ${of} stopped`, 20_000, async () => (await tasksOf(of, 'STOPPED'))[0]?.stoppedReason);
  expect(await reason('noimage')).toContain('CannotPullContainerError');
  expect(await reason('nosecret')).toContain('ResourceInitializationError: unable to pull secrets');
  expect((await tasksOf('nosecret', 'STOPPED'))[0]?.stopCode).toBe('TaskFailedToStart');
  expect((await service('noport')).events?.[0]?.message).toContain('is already using a port required by your task');
  const { failures } = await ecs.runTask({
    cluster,
    taskDefinition: await register('big', [{ ...container('a', 'true'), memory: 9999 }]),
  });
  expect(failures?.[0]?.reason).toBe('RESOURCE:MEMORY');
  for (const each of ['noimage', 'nosecret', 'noport'])
    await ecs.deleteService({ cluster, service: each, force: true });
});

test('a task of several containers starts in order, is linked, and stops whole', async () => {
  const definition = await register(
    'chain',
    [
      {
        ...container('init', 'echo made >/shared/file'),
        essential: false,
        mountPoints: [{ sourceVolume: 'own', containerPath: '/shared' }],
      },
      {
        ...container('back', 'exec httpd -f -p 80 -h /shared'),
        volumesFrom: [{ sourceContainer: 'init' }],
        dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }],
        healthCheck: { command: ['CMD', 'wget', '-q', '-O', '-', 'http://127.0.0.1/file'], interval: 5 },
      },
      {
        ...container('front', 'wget -q -O - http://upstream/file; exec sleep 60'),
        links: ['back:upstream'],
        dependsOn: [{ containerName: 'back', condition: 'HEALTHY' }],
      },
    ],
    [{ name: 'own' }],
  );
  const { tasks = [] } = await ecs.runTask({ cluster, taskDefinition: definition });
  const arn = tasks[0]?.taskArn ?? '';
  const running = await until('the chain', 30_000, async () => {
    const [task] = (await ecs.describeTasks({ cluster, tasks: [arn] })).tasks ?? [];
    return task?.lastStatus === 'RUNNING' ? task : undefined;
  });
  expect(running.containers?.map(({ name, lastStatus, exitCode }) => [name, lastStatus, exitCode])).toEqual([
    ['init', 'STOPPED', 0],
    ['back', 'RUNNING', undefined],
    ['front', 'RUNNING', undefined],
  ]);
  const front = running.containers?.[2]?.runtimeId;
  expect(await ssh(`docker logs ${front}`)).toBe('made\n');
  await ecs.stopTask({ cluster, task: arn, reason: 'enough' });
  const stopped = await until('the stop', 20_000, async () => {
    const [task] = (await ecs.describeTasks({ cluster, tasks: [arn] })).tasks ?? [];
    return task?.lastStatus === 'STOPPED' ? task : undefined;
  });
  expect(stopped).toMatchObject({ stoppedReason: 'enough', stopCode: 'UserInitiated' });
  expect(stopped.containers?.[2]?.exitCode).toBe(137);
  await until('the clean-up', 15_000, async () =>
    (await attempt(sshArgv(`docker inspect ${front}`))).code === 0 ? undefined : true,
  );
});

test('a definition comes back as it was given, and what the agent cannot do is refused', async () => {
  const given: ContainerDefinition = {
    ...container('all', 'sleep 60'),
    cpu: 64,
    memoryReservation: 16,
    linuxParameters: {
      capabilities: { add: ['CHOWN'], drop: ['ALL'] },
      devices: [{ hostPath: '/dev/zero', containerPath: '/dev/nothing', permissions: ['read'] }],
      initProcessEnabled: true,
      maxSwap: 8,
      sharedMemorySize: 8,
      tmpfs: [{ containerPath: '/t', size: 1, mountOptions: ['mode=755'] }],
    },
    systemControls: [{ namespace: 'net.core.somaxconn', value: '9' }],
    ulimits: [{ name: 'nofile', softLimit: 9, hardLimit: 10 }],
    restartPolicy: { enabled: true, ignoredExitCodes: [0], restartAttemptPeriod: 60 },
    dockerSecurityOptions: ['no-new-privileges'],
    interactive: true,
    pseudoTerminal: true,
    readonlyRootFilesystem: true,
    stopTimeout: 3,
  };
  const arn = await register('all', [given], [], { cpu: '512', memory: '128' });
  const { taskDefinition } = await ecs.describeTaskDefinition({ taskDefinition: arn });
  expect(taskDefinition).toMatchObject({ cpu: '512', memory: '128', containerDefinitions: [given] });

  const linux = (linuxParameters: object): object => ({ linuxParameters });
  for (const [change, told] of [
    [{ resourceRequirements: [{ type: 'GPU', value: '1' }] }, /does not do .*resourceRequirements/],
    [{ environmentFiles: [{ type: 's3', value: 'arn' }] }, /does not do .*environmentFiles/],
    [{ portMappings: [{ containerPortRange: '1-9' }] }, /does not do .*containerPortRange/],
    [{ dockerSecurityOptions: ['seccomp:unconfined'] }, /no Docker security option/],
    [{ systemControls: [{ namespace: 'kernel.panic', value: '1' }] }, /no systemControl/],
    [{ logConfiguration: { logDriver: 'none' } }, /no LogDriver/],
    [linux({ capabilities: { add: ['BPF'] } }), /no KernelCapability/],
    [linux({ tmpfs: [{ containerPath: '/t', size: 0 }] }), /at least 1/],
    [linux({ tmpfs: [{ containerPath: '/t', size: 1, mountOptions: ['novel'] }] }), /no mount option/],
  ] as const)
    await expect(register('refused', [{ ...container('a', 'true'), ...(change as object) }])).rejects.toThrow(told);
});

test('a task of a certain size has a cgroup of that size, and its containers are in it', async () => {
  const taskDefinition = await register('sized', [container('sized', 'exec sleep 60')], [], {
    cpu: '512',
    memory: '64',
  });
  const { tasks = [] } = await ecs.runTask({ cluster, taskDefinition });
  const arn = tasks[0]?.taskArn ?? '';
  const task = await until('the sized task', 30_000, async () => {
    const [found] = (await ecs.describeTasks({ cluster, tasks: [arn] })).tasks ?? [];
    return found?.lastStatus === 'RUNNING' ? found : undefined;
  });
  const script = `cd /sys/fs/cgroup; parent=$(docker inspect -f '{{.HostConfig.CgroupParent}}' ${task.containers?.[0]?.runtimeId})
    echo "$parent"; cat cpu/$parent/cpu.cfs_quota_us memory/$parent/memory.limit_in_bytes; ls cpu/$parent | grep -c ${task.containers?.[0]?.runtimeId}`;
  expect(await ssh(script)).toMatch(new RegExp(`ecstasks-${arn.split('/').at(-1)}\\.slice\n50000\n67108864\n1\n$`));
  await ecs.stopTask({ cluster, task: arn });
});

test('a new definition replaces the old task only after it stopped, as 0/100 asks', async () => {
  const [before] = await tasksOf('web');
  const web = {
    ...container('web', 'mkdir /w; echo two >/w/index.html; exec httpd -f -p 80 -h /w'),
    portMappings: [{ containerPort: 80, hostPort: 8080 }],
  };
  await ecs.updateService({ cluster, service: 'web', taskDefinition: await register('web', [web]) });
  await until('the rollout', 30_000, async () => {
    const { deployments = [] } = await service('web');
    return deployments.length === 1 && deployments[0]?.rolloutState === 'COMPLETED' ? true : undefined;
  });
  expect(await run(['curl', '-sf', `http://${launched.address}:8080/`])).toBe('two\n');
  const { tasks } = await ecs.describeTasks({ cluster, tasks: [before?.taskArn ?? ''] });
  expect(tasks?.[0]).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'ServiceSchedulerInitiated' });
});

test('containers outlive the agent, and a restarted one knows them', async () => {
  const [before] = await tasksOf('web');
  await ssh('sudo systemctl stop ecs');
  const { containerInstanceArns = [] } = await ecs.listContainerInstances({ cluster });
  const connected = async () =>
    (await ecs.describeContainerInstances({ cluster, containerInstances: containerInstanceArns }))
      .containerInstances?.[0]?.agentConnected;
  expect(await connected()).toBe(false);
  expect(await run(['curl', '-sf', `http://${launched.address}:8080/`])).toBe('two\n');
  await ssh('sudo systemctl start ecs');
  await until('the agent', 10_000, async () => ((await connected()) ? true : undefined));
  const [after] = await tasksOf('web');
  expect(after?.containers?.[0]?.runtimeId).toBe(before?.containers?.[0]?.runtimeId);
  await ecs.updateService({ cluster, service: 'web', desiredCount: 0 });
  await until('the stop', 20_000, async () => ((await tasksOf('web')).length === 0 ? true : undefined));
});

/** Growing a mounted ext4 takes CAP_SYS_RESOURCE, which root has on EC2 and may lack here: the copy grows unmounted. */
test('a volume grows under the host, and a snapshot of it becomes another with the same files', async () => {
  await ec2.modifyVolume({ VolumeId: volumeId, Size: 2 });
  await ssh(`set -e; sudo sync
    for i in $(seq 50); do [ "$(sudo blockdev --getsize64 ${deviceOf(volumeId)})" = 2147483648 ] && exit; sleep 0.1; done; exit 1`);
  const { SnapshotId } = await ec2.createSnapshot({ VolumeId: volumeId });
  const { VolumeId = '' } = await ec2.createVolume({ AvailabilityZone: launched.zone, SnapshotId });
  await ec2.attachVolume({ VolumeId, InstanceId: launched.instanceId, Device: '/dev/sdg' });
  const device = deviceOf(VolumeId);
  await ssh(`set -e; for i in $(seq 50); do [ -b ${device} ] && break; sleep 0.1; done
    sudo mount ${device} /mnt; sudo umount /mnt; sudo e2fsck -fp ${device}; sudo resize2fs ${device}; sudo mount ${device} /mnt`);
  expect(Number(await ssh('test -e /mnt/kept; df --output=size -BM /mnt | tail -1 | tr -dc 0-9'))).toBeGreaterThan(
    1800,
  );
  await ssh('sudo umount /mnt');
  await ec2.detachVolume({ VolumeId });
  await until('the device to go', 10_000, async () =>
    (await attempt(sshArgv(`test -e ${device}`))).code === 0 ? undefined : true,
  );
  await ec2.deleteVolume({ VolumeId });
});

test('a mounted disk stays until it is unmounted; reboot and stop keep everything; terminate keeps the volume', async () => {
  const isBack = async (): Promise<true | undefined> => {
    const { code } = await attempt(sshArgv('test ! -e /run/before && test -e /data/kept && systemctl is-active ecs'));
    return code === 0 ? true : undefined;
  };
  await ssh('sudo touch /run/before');
  await ec2.rebootInstances({ InstanceIds: [launched.instanceId] });
  await until('the reboot', 40_000, isBack);

  const patience = { client: ec2, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
  const InstanceIds = [launched.instanceId];
  await ssh('sudo touch /run/before');
  await ec2.stopInstances({ InstanceIds });
  await waitUntilInstanceStopped(patience, { InstanceIds });
  await ec2.startInstances({ InstanceIds });
  await waitUntilInstanceRunning(patience, { InstanceIds });
  const { Reservations = [] } = await ec2.describeInstances({ InstanceIds });
  const address = Reservations[0]?.Instances?.[0]?.PublicIpAddress ?? '';
  expect(address).not.toBe(launched.address);
  await run(['sed', '-i', `s/^${launched.address} /${address} /`, join(dir, 'known_hosts')]);
  launched = { ...launched, address };
  await until('the start', 40_000, isBack);

  await ec2.detachVolume({ VolumeId: volumeId });
  const volume = async () => (await ec2.describeVolumes({ VolumeIds: [volumeId] })).Volumes?.[0];
  expect((await volume())?.Attachments?.[0]?.State).toBe('detaching');
  await ec2.terminateInstances({ InstanceIds });
  await waitUntilInstanceTerminated(patience, { InstanceIds });
  expect((await volume())?.State).toBe('available');
  expect((await ecs.listContainerInstances({ cluster })).containerInstanceArns).toEqual([]);
  expect(await exists(hostDir(name, launched.instanceId))).toBe(false);
  expect(await exists(join(dir, 'volumes', volumeId))).toBe(true);
});

const deviceOf = (volume: string): string =>
  `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume.replace('-', '')}`;

const container = (called: string, script: string): ContainerDefinition => ({
  name: called,
  image,
  memory: 32,
  entryPoint: ['/bin/sh', '-c'],
  command: [script],
});

async function register(
  family: string,
  containers: ContainerDefinition[],
  volumes: object[] = [],
  size: { cpu?: string; memory?: string } = {},
): Promise<string> {
  const { taskDefinition } = await ecs.registerTaskDefinition({
    family,
    containerDefinitions: containers,
    volumes,
    ...size,
    executionRoleArn: `arn:aws:iam::${aws.accountId}:role/execution`,
  });
  return taskDefinition?.taskDefinitionArn ?? '';
}

async function serve(called: string, containers: ContainerDefinition[], volumes: object[] = []): Promise<void> {
  await ecs.createService({
    cluster,
    serviceName: called,
    taskDefinition: await register(called, containers, volumes),
    desiredCount: 1,
    deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
  });
}

async function service(called: string) {
  const { services = [] } = await ecs.describeServices({ cluster, services: [called] });
  return services[0] ?? {};
}

async function tasksOf(called: string, desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING') {
  const { taskArns = [] } = await ecs.listTasks({ cluster, serviceName: called, desiredStatus });
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await ecs.describeTasks({ cluster, tasks: taskArns });
  return tasks.filter(({ lastStatus }) => desiredStatus === 'RUNNING' || lastStatus === 'STOPPED');
}

function sshArgv(command: string, user = 'ec2-user'): string[] {
  const options = ['StrictHostKeyChecking=yes', `UserKnownHostsFile=${join(dir, 'known_hosts')}`, 'BatchMode=yes'];
  return [
    'ssh',
    '-i',
    join(dir, 'id_ed25519'),
    ...options.flatMap((option) => ['-o', option]),
    `${user}@${launched.address}`,
    command,
  ];
}

const ssh = (command: string): Promise<string> => run(sshArgv(command));
