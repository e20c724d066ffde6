import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ECS } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PlanDocument } from '../../src/report/plan-document.ts';
import { clientView } from '../lab/client-view.ts';
import { down } from '../lab/down.ts';
import { inShell, labHost } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { up } from '../lab/up.ts';

const name = 'odd-source';
let lab: Lab;
let operator: Operator;

const onDroplet = async (script: string) => inShell(await labHost(name, 'droplet'), script);
const running = async () => (await onDroplet('docker ps --format "{{.Names}}"')).split('\n').filter(Boolean).sort();
const all = ['heal', 'notes'];
const policiesOf = (names: readonly string[]) =>
  onDroplet(`docker inspect -f '{{.Name}} {{.HostConfig.RestartPolicy.Name}}' ${names.join(' ')} | sort`);

const notes = `docker ps -q | xargs docker rm -f >/dev/null
  docker run -d --name notes --restart unless-stopped -p 8090:8080 -v notes:/notes example/static:1 \
    sh -c 'echo first > /notes/index.html; exec busybox httpd -f -p 8080 -h /notes' >/dev/null`;

/** In the manner of an autoheal, but quicker: it starts the other container several times a second. */
const heal = `docker tag example/static:1 willfarrell/autoheal:1.2.0
  docker run -d --name heal --restart always -v /var/run/docker.sock:/var/run/docker.sock \
    -v /usr/bin/docker:/usr/bin/docker:ro willfarrell/autoheal:1.2.0 \
    sh -c 'trap "exit 0" TERM; while :; do docker start notes >/dev/null 2>&1; sleep 0.2; done' >/dev/null`;

/** Docker would start it again with itself. */
const job = `docker run -d --name job --restart always -v dumps:/dumps example/static:1 \
    sh -c 'echo dump > /dumps/last; exec sleep 1000' >/dev/null
  docker stop -t 0 job >/dev/null`;

const document = `name: notes
source: droplet
instance: { type: t3.micro }
disk: { sizeGib: 8 }
settleSeconds: 2
healthTimeoutSeconds: 120
sampleSeconds: 1
snapshot: none
`;

/** Whether what is stopped on the source comes back without our doing. */
async function isHealed(): Promise<boolean> {
  await onDroplet('docker stop -t 0 notes >/dev/null');
  for (let tries = 0; tries < 50; tries += 1) {
    if ((await running()).includes('notes')) return true;
    await delay(100);
  }
  return false;
}

beforeAll(async () => {
  lab = await up(name);
  await onDroplet(`${notes}\n${heal}\n${job}`);
  operator = await makeOperator(lab, { document });
});

afterAll(() => down(name));

it('a container that starts the others again is named, and the first to be stopped', async () => {
  expect(await isHealed()).toBe(true);
  const plan = JSON.parse((await ecsodus(operator, 'plan', '--json')).stdout) as PlanDocument;
  expect(plan.findings.map(({ level, code, subject }) => `${level} ${code} ${subject}`)).toContain(
    'warning watcher heal',
  );
  expect(plan.workloads.flatMap(({ containers }) => containers)).not.toContain('heal');
  expect(plan.changes.find(({ verb }) => verb === 'stop')?.id).toBe('stop:heal');
});

it('it starts none of them in the freeze, nor beside the target', async () => {
  const { code, stderr } = await ecsodus(operator, 'run', '--yes');
  expect(code, stderr).toBe(0);
  await delay(1000);
  expect(await running()).toEqual([]);
  expect(await policiesOf([...all, 'job'])).toBe('/heal no\n/job no\n/notes no\n');
});

it('what did not run has its image, its data and a definition on the target, and no service', async () => {
  const { aws } = clientView(lab);
  const ecs = new ECS({ region: aws.region, endpoint: String(aws.endpoint), credentials: aws });
  const { serviceArns } = await ecs.listServices({ cluster: 'ecsodus-notes' });
  expect(serviceArns?.map((arn) => arn.split('/').at(-1))).toEqual(['notes']);
  const { taskDefinition } = await ecs.describeTaskDefinition({ taskDefinition: 'job' });
  const [definition] = taskDefinition?.containerDefinitions ?? [];
  expect(definition).toMatchObject({ name: 'job', mountPoints: [{ containerPath: '/dumps' }] });
  const instance = await labHost(name, 'instance');
  expect(await inShell(instance, 'cat /data/volumes/dumps/last')).toBe('dump\n');
  expect(await inShell(instance, "docker ps -a --format '{{.Names}}'")).not.toContain('job');
});

it('a rollback of somebody who has nothing but the config starts it again, and it goes on as before', async () => {
  await rm(join(operator.directory, '.ecsodus'), { recursive: true });
  const { code, stderr } = await ecsodus(operator, 'rollback', '--leave-data', '--yes');
  expect(code, stderr).toBe(0);
  expect(await running()).toEqual(all);
  expect(await policiesOf([...all, 'job'])).toBe('/heal always\n/job always\n/notes unless-stopped\n');
  expect(await isHealed()).toBe(true);
});
