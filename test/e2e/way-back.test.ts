import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientView } from '../lab/client-view.ts';
import { run } from '../lab/command.ts';
import { compareSights, type Sight, see } from '../lab/compare.ts';
import { down } from '../lab/down.ts';
import { inHost, inShell, labHost } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { type CliResult, ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { up } from '../lab/up.ts';

const name = 'way-back';
const uploads = '/var/lib/docker/volumes/blog-uploads/_data';
let lab: Lab;
let operator: Operator;
/** What visitors saw before anything was moved. */
let original: Sight;
/** Restart policies, what runs, rules and files of ours: everything on the source that must be as it was. */
let sourceBefore: string;

beforeAll(async () => {
  lab = await up(name);
  operator = await makeOperator(lab, { extra: 'settleSeconds: 2\nhealthTimeoutSeconds: 120\nsnapshot: ebs\n' });
  original = await see(lab, 'droplet', lab.droplet.address);
  sourceBefore = await sourceNow();
  succeeded(await ecsodus(operator, 'run', '--yes'));
});

afterAll(() => down(name));

const droplet = () => labHost(name, 'droplet');
const instance = () => labHost(name, 'instance');
const succeeded = ({ code, stderr }: CliResult) => expect(code, stderr).toBe(0);

const sourceNow = async () =>
  inShell(
    await droplet(),
    `docker ps -aq --no-trunc | sort | xargs docker inspect -f '{{.Name}} {{.State.Running}} {{json .HostConfig.RestartPolicy}} {{json .Mounts}}'
iptables-save | grep -c ecsodus; ls /etc/systemd/system /run/ecsodus/blog/guard /var/lib/ecsodus/blog/guard 2>/dev/null; cat /root/.ssh/authorized_keys`,
  );

const writePost = (title: string) =>
  run([
    'curl',
    '-sf',
    '-H',
    'Host: blog.example.test',
    '-d',
    JSON.stringify({ title }),
    `http://${lab.droplet.address}/posts`,
  ]);

const posts = async (title: string) => {
  const host = (await inShell(await droplet(), 'docker ps -q')) === '' ? await instance() : await droplet();
  const select = `SELECT COUNT(*) FROM posts WHERE title='${title}'`;
  return inShell(
    host,
    `docker exec $(docker ps -q --filter name=db --filter name=-db-) mariadb -u root -plab-root-password -N -e "${select}" blog`,
  );
};

const unlike = (sight: Sight) => compareSights(original, sight, 'now').filter(({ status }) => status === 'fail');

const diskSnapshots = async (): Promise<string[]> => {
  const { aws } = clientView(lab);
  const credentials = { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey };
  const ec2 = new EC2({ region: aws.region, endpoint: String(aws.endpoint), credentials });
  const { Snapshots = [] } = await ec2.describeSnapshots({ OwnerIds: ['self'] });
  return Snapshots.flatMap(({ Tags = [] }) =>
    Tags.filter(({ Key }) => Key === 'ecsodus:change').map(({ Value }) => Value ?? ''),
  ).sort();
};

describe('the data disk', () => {
  it('has a snapshot of the source at one moment, and one of what was handed over', async () => {
    expect(await diskSnapshots()).toEqual(['ebs-snapshot', expect.stringMatching(/^ebs-snapshot:20/)]);
    expect(
      await inShell(await droplet(), 'ls /var/lib/ecsodus/blog/snapshots /var/lib/ecsodus/blog/held 2>/dev/null; :'),
      'no copies on the source',
    ).toBe('/var/lib/ecsodus/blog/held:\n');
  });
});

describe('after cut-over, nothing writes over the data on the target', () => {
  const marker = '/data/volumes/blog-uploads/written-on-target';
  const stands = async () => expect(await inShell(await instance(), `cat ${marker}`)).toBe('live\n');

  beforeAll(async () => {
    await inShell(await instance(), `echo live > ${marker}`);
  });

  it.each([
    [['run']],
    [['run', '--step', 'sync-data']],
    [['run', '--step', 'snapshot']],
    [['run', '--from', 'sync-data']],
  ])('not ecsodus %j', async ([command = '', ...words]) => {
    succeeded(await ecsodus(operator, command, ...words, '--yes'));
    await stands();
  });

  it('not with the state folder gone', async () => {
    const folder = join(operator.directory, '.ecsodus');
    await rename(folder, `${folder}.away`);
    const { code, stdout } = await ecsodus(operator, 'run', '--yes', '--json');
    expect(code, stdout).toBe(0);
    expect(stdout).not.toMatch(/"id":"(dataset|catch-up|stop|delta|fence|start|key):/);
    await stands();
    await rename(folder, `${folder}.new`);
    await rename(`${folder}.away`, folder);
  });

  it('not a raw rsync with the temporary key', async () => {
    const { name: alias, address } = await instance();
    const login = `ssh -i /run/ecsodus/blog/key -o UserKnownHostsFile=/run/ecsodus/blog/known_hosts -o HostKeyAlias=${alias} -o BatchMode=yes`;
    const target = `ec2-user@${address}:volumes/blog-uploads/`;
    const { code, stderr } = await inHost(await droplet(), [
      'rsync',
      '-a',
      '--delete',
      '-e',
      login,
      `${uploads}/`,
      target,
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('the target owns the data');
    await stands();
  });
});

describe('rollback', () => {
  it('asks what becomes of the data, and without a terminal names the flags', async () => {
    const { code, stderr } = await ecsodus(operator, 'rollback', '--yes');
    expect([code, stderr.includes('--bring-data-back'), stderr.includes('--leave-data')]).toEqual([1, true, true]);
  });

  it('without the data: the source is as it was, and the target keeps what was written there', async () => {
    await writePost('left on the target');
    const back = await ecsodus(operator, 'rollback', '--yes', '--leave-data');
    succeeded(back);
    expect(unlike(await see(lab, 'droplet', lab.droplet.address))).toEqual([]);
    expect(await sourceNow()).toBe(sourceBefore);
    expect(await posts('left on the target')).toBe('0\n');
    expect(await inShell(await instance(), 'docker ps -q; cat /data/volumes/blog-uploads/written-on-target')).toBe(
      'live\n',
    );
    await expect(run(['curl', '-s', '-m', '2', `http://${(await instance()).address}/`])).rejects.toThrow();
  });

  it('and comes again', async () => {
    succeeded(await ecsodus(operator, 'run', '--yes'));
    const host = await instance();
    expect(unlike(await see(lab, host.name, host.address))).toEqual([]);
    expect(await inShell(host, 'ls /data/volumes/blog-uploads | grep -c written; :')).toBe('0\n');
  });

  it('with the data: all of it is at the source, whose own copy is still there', async () => {
    await writePost('brought back');
    await inShell(
      await instance(),
      'cd /data/volumes/blog-uploads && echo new > new-file && rm photo-001.jpg && mv photo-002.jpg moved.jpg',
    );
    succeeded(await ecsodus(operator, 'rollback', '--yes', '--bring-data-back'));
    expect(await posts('brought back')).toBe('1\n');
    const list = (at: string) =>
      `cd ${at} && { find . -printf '%P %y %m %U:%G %T@\\n'; find . -type f -exec sha256sum {} +; } | LC_ALL=C sort | sha256sum`;
    expect(await inShell(await droplet(), list(uploads))).toBe(
      await inShell(await instance(), list('/data/volumes/blog-uploads')),
    );
    expect(await inShell(await droplet(), `ls ${uploads} | grep -xE 'new-file|moved.jpg|photo-00[12].jpg'`)).toBe(
      'moved.jpg\nnew-file\n',
    );
    const own = await inShell(await droplet(), 'ls -d /var/lib/ecsodus/blog/own/*/volumes/blog-uploads');
    expect(await inShell(await droplet(), `ls ${own.trim()} | grep -xE 'new-file|moved.jpg|photo-00[12].jpg'`)).toBe(
      'photo-001.jpg\nphoto-002.jpg\n',
    );
    expect(await sourceNow()).toBe(sourceBefore);
    expect(
      await inShell(
        await instance(),
        'grep -c :back /home/ec2-user/.ssh/authorized_keys; ls /usr/local/libexec/ecsodus; :',
      ),
    ).toBe('0\nreceive-blog\n');
  });
});
