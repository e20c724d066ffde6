import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from '../../src/answers.ts';
import type { PlanDocument } from '../../src/report/plan-document.ts';
import { readProofs } from '../lab/compare.ts';
import { disturbed } from '../lab/disturbed.ts';
import { down } from '../lab/down.ts';
import { type Bare, boot } from '../lab/droplet.ts';
import { type Host, inShell, labHost, waitForDocker, waitForSsh } from '../lab/host.ts';
import { shutIn } from '../lab/network.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { until } from '../lab/processes.ts';
import { restartSshd } from '../lab/sshd.ts';
import { up } from '../lab/up.ts';

const name = 'tunnel';
const document = `name: site
source: droplet
instance: { type: t3.small }
sampleSeconds: 1
settleSeconds: 0
healthTimeoutSeconds: 60
snapshot: none
checks: [http://site.example.test/]
`;
const uploads = { source: '/var/lib/docker/volumes/uploads/_data', target: '/data/volumes/uploads' };
let operator: Operator;

/** One site with its uploads, that reaches the operator and the registry, and no other host. */
async function startSite(lab: Bare): Promise<Host> {
  const host = await boot(lab);
  await Promise.all([waitForDocker(host), waitForSsh(host)]);
  await inShell(
    host,
    `set -eu
mkdir -p /tmp/busybox/bin && cp /bin/busybox /tmp/busybox/bin && chroot /tmp/busybox /bin/busybox --install -s /bin
tar -C /tmp/busybox -c . | docker import -c 'ENV PATH=/bin' - example/busybox:1
docker volume create uploads
cd ${uploads.source}
echo welcome > index.html
for file in $(seq 300); do head -c $((file * 20)) /dev/urandom > photo-$file; done
head -c 36000000 /dev/urandom > film
docker run -d --name site --restart unless-stopped -p 80:8080 -v uploads:/uploads example/busybox:1 httpd -f -p 8080 -h /uploads`,
  );
  await shutIn(host);
  return host;
}

beforeAll(async () => {
  operator = await makeOperator(await up(name, startSite), { document });
});

afterAll(() => down(name));

const droplet = () => labHost(name, 'droplet');
const instance = () => labHost(name, 'instance');

/** The copy is under way, and takes some seconds more. */
const copying = /"type":"progress".*"id":"dataset:volumes\/uploads".*"doneBytes":[1-9]/;
const slowly = ['run', '--yes', '--bwlimit', '12000'] as const;
const job = '/run/ecsodus/site/copy-live-volumes_uploads';

const listOf = (at: string) =>
  `cd ${at} && { find . -printf '%P %y %m %U:%G %T@\\n'; find . -type f -exec sha256sum {} +; } | LC_ALL=C sort | sha256sum`;

const sameUploads = async () =>
  expect(await inShell(await instance(), listOf(uploads.target))).toBe(
    await inShell(await droplet(), listOf(uploads.source)),
  );

const planned = async (): Promise<PlanDocument> =>
  JSON.parse(await readFile(join(operator.directory, '.ecsodus/site/plan.json'), 'utf8'));

it('sshd of the source is restarted in the middle of a copy, and it goes on; then the operator is killed', async () => {
  const { signal } = await disturbed(operator, slowly, copying, async (child) => {
    await restartSshd(await droplet());
    await until('the copy to go on', 30_000, async () =>
      (await inShell(await droplet(), `sed '1,/exit code .* try 1 of/d' ${job}.log`)).includes('%') ? true : undefined,
    );
    child.kill('SIGKILL');
  });
  expect(signal).toBe('SIGKILL');
  expect((await planned()).findings).toContainEqual(
    expect.objectContaining({
      code: 'data-way',
      message: expect.stringContaining('if that can be reached from there'),
    }),
  );
});

it('the next run gives that copy a tunnel again, and goes to its end', async () => {
  await inShell(await droplet(), `kill -0 $(cat ${job}.pid)`);
  const { code, stderr, stdout } = await ecsodus(operator, 'run', '--yes', '--json');
  expect(code, stderr + stdout.slice(-2000)).toBe(0);
  expect(stdout).not.toMatch(/"type":"change-begin".*"id":"forward:/);
});

it('its plan said which way the data goes and why, and that nobody can be sent on', async () => {
  const { findings, changes } = await planned();
  const { address } = await instance();
  expect(findings).toContainEqual({
    level: 'info',
    code: 'data-way',
    subject: 'droplet',
    message: `The data goes through this machine: droplet does not reach port 22 of ${address} (timed out).`,
    remedy: expect.stringContaining('Keep it awake'),
  });
  expect(findings).toContainEqual(expect.objectContaining({ code: 'not-forwarded', level: 'warning' }));
  const ids = changes.map(({ id }) => id);
  expect(ids.filter((id) => id.startsWith('forward:'))).toEqual([]);
  expect(ids).toContain('dataset:volumes/uploads');
});

it('the target has the same data, proved, and serves the same; nobody is sent where he cannot come', async () => {
  const host = await instance();
  const answer = await ask('http://site.example.test/', host.address);
  expect(answer.status).toBe(200);
  expect((await readProofs(host)).map(({ name: dataset }) => dataset)).toEqual(['volumes/uploads']);
  await sameUploads();
  expect(await inShell(await droplet(), 'iptables-save | grep -c ecsodus; docker ps -q')).toBe('0\n');
});

it('the way back brings along what was written on the target', async () => {
  await inShell(await instance(), `cd ${uploads.target} && echo new > new-file && rm photo-1`);
  const { code, stderr } = await ecsodus(operator, 'rollback', '--yes', '--bring-data-back');
  expect(code, stderr).toBe(0);
  await sameUploads();
  expect(await inShell(await droplet(), `cd ${uploads.source}; cat new-file; ls | grep -cx photo-1; :`)).toBe(
    'new\n0\n',
  );
  expect(await inShell(await droplet(), 'docker ps -q | wc -l')).not.toBe('0\n');
});
