import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ECS } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientView } from '../lab/client-view.ts';
import { run } from '../lab/command.ts';
import { down } from '../lab/down.ts';
import { type Host, inHost, labHost } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { ecsodus, makeOperator } from '../lab/operator.ts';
import { up } from '../lab/up.ts';
import { resources } from './resources.ts';

const name = 'failures';
let lab: Lab;
let droplet: Host;

beforeAll(async () => {
  lab = await up(name);
  droplet = await labHost(name, 'droplet');
});

afterAll(() => down(name));

/** All that could have been changed: the source's containers, images and folders, AWS's resources, our journal. */
async function world(): Promise<object> {
  const ask = async (script: string) => (await inHost(droplet, ['sh', '-c', script])).stdout.split('\n').sort();
  return {
    containers: await ask(
      "docker ps -aq --no-trunc | xargs docker inspect -f '{{.Id}} {{.State.StartedAt}} {{.HostConfig.RestartPolicy}}'",
    ),
    images: await ask("docker images -a --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}}'"),
    ours: await ask('ls -R /var/lib/ecsodus /run/ecsodus 2>&1; iptables-save | grep ecsodus'),
    aws: await resources(lab),
    journal: await readFile(join(lab.dir, 'operator/.ecsodus/blog/journal.jsonl'), 'utf8').catch(() => ''),
  };
}

async function refused(
  code: string,
  says: RegExp,
  hint: RegExp,
  change: { source?: string; sshConfig?: string; plan?: string } = {},
): Promise<string[]> {
  const before = await world();
  const operator = await makeOperator(lab, change.source ? { source: change.source } : {});
  const config = change.sshConfig ? ['--ssh-config', change.sshConfig] : [];
  const approval = change.plan ? ['--plan', change.plan] : ['--yes'];
  const result = await ecsodus(operator, 'run', ...approval, '--json', ...config);
  expect(result.code, result.stderr).toBe(1);
  const lines = result.stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    type: 'error',
    code,
    message: expect.stringMatching(says),
    hint: expect.stringMatching(hint),
  });
  expect(result.stderr.match(/^error /gm)).toHaveLength(1);
  expect(await world()).toEqual(before);
  return JSON.parse(lines[0] ?? '').evidence;
}

describe('what stops a run before it changes anything', () => {
  it('a host key that has changed', async () => {
    const view = clientView(lab);
    const other = join(lab.dir, 'other-key');
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', other]);
    const [type, key] = (await readFile(`${other}.pub`, 'utf8')).split(' ');
    const knownHosts = join(lab.dir, 'changed_known_hosts');
    await writeFile(knownHosts, `${view.addresses.droplet} ${type} ${key}\n`);
    const sshConfig = join(lab.dir, 'changed_ssh_config');
    const text = await readFile(view.sshConfig, 'utf8');
    await writeFile(sshConfig, text.replaceAll(/UserKnownHostsFile .*/g, `UserKnownHostsFile ${knownHosts}`));
    await refused('host-key-changed', /host key/i, /ssh-keygen -R/, { sshConfig });
  });

  it('a login whose sudo wants a password, with nobody to ask', async () => {
    await refused('sudo-password-needed', /password/, /terminal.*sudo/, { source: 'droplet-stranger' });
  });

  it('a saved plan of a world that has moved since', async () => {
    const saved = await ecsodus(await makeOperator(lab), 'plan', '--out', 'plan.json');
    expect(saved.code, saved.stderr).toBe(0);
    const again = 'docker run -d --name newcomer --restart always example/static:1 sleep 100000';
    expect((await inHost(droplet, ['sh', '-c', again])).code).toBe(0);
    const moved = () => refused('plan-changed', /world has moved/, /plan --out plan.json/, { plan: 'plan.json' });
    expect(await moved()).toEqual(
      expect.arrayContaining(['container newcomer is new', expect.stringMatching(/not in the plan: cut-over: stop /)]),
    );
    await inHost(droplet, ['docker', 'rm', '-f', 'newcomer']);
  });

  it('an ECS cluster of that name, which somebody else has made', async () => {
    const { aws } = clientView(lab);
    const ecs = new ECS({ region: aws.region, endpoint: String(aws.endpoint), credentials: aws });
    await ecs.createCluster({ clusterName: 'ecsodus-blog', tags: [{ key: 'owner', value: 'ann' }] });
    await refused('not-ours', /ECS cluster ecsodus-blog.*has no tag ecsodus:migration/, /another "name"/);
    const [cluster] = (await ecs.describeClusters({ clusters: ['ecsodus-blog'], include: ['TAGS'] })).clusters ?? [];
    expect(cluster?.tags).toEqual([{ key: 'owner', value: 'ann' }]);
    await ecs.deleteCluster({ cluster: 'ecsodus-blog' });
  });

  it('a registry that refuses the password', async () => {
    const htpasswd = join(lab.dir, 'registry/htpasswd');
    const right = await readFile(htpasswd, 'utf8');
    await writeFile(htpasswd, await run(['htpasswd', '-niB', 'AWS'], { input: 'another password' }));
    try {
      await refused('registry-denied', /refused|denied/, /./);
    } finally {
      await writeFile(htpasswd, right);
    }
  });
});
