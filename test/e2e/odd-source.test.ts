import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PlanDocument } from '../../src/report/plan-document.ts';
import { down } from '../lab/down.ts';
import { inShell, labHost } from '../lab/host.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { up } from '../lab/up.ts';

const name = 'odd-source';
let operator: Operator;

const onDroplet = async (script: string) => inShell(await labHost(name, 'droplet'), script);
const running = async () => (await onDroplet('docker ps --format "{{.Names}}"')).split('\n').filter(Boolean).sort();
const all = ['heal', 'notes'];

const notes = `docker ps -q | xargs docker rm -f >/dev/null
  docker run -d --name notes --restart unless-stopped -p 8090:8080 -v notes:/notes example/static:1 \
    sh -c 'echo first > /notes/index.html; exec busybox httpd -f -p 8080 -h /notes' >/dev/null`;

/** In the manner of an autoheal, but quicker: it starts the other container several times a second. */
const heal = `docker tag example/static:1 willfarrell/autoheal:1.2.0
  docker run -d --name heal --restart always -v /var/run/docker.sock:/var/run/docker.sock \
    -v /usr/bin/docker:/usr/bin/docker:ro willfarrell/autoheal:1.2.0 \
    sh -c 'trap "exit 0" TERM; while :; do docker start notes >/dev/null 2>&1; sleep 0.2; done' >/dev/null`;

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
  const lab = await up(name);
  await onDroplet(`${notes}\n${heal}`);
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
  const policies = await onDroplet(`docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' ${all.join(' ')} | sort -u`);
  expect(policies).toBe('no\n');
});

it('a rollback of somebody who has nothing but the config starts it again, and it goes on as before', async () => {
  await rm(join(operator.directory, '.ecsodus'), { recursive: true });
  const { code, stderr } = await ecsodus(operator, 'rollback', '--leave-data', '--yes');
  expect(code, stderr).toBe(0);
  expect(await running()).toEqual(all);
  expect(await onDroplet("docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' heal")).toBe('always\n');
  expect(await isHealed()).toBe(true);
});
