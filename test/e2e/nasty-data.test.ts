import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../lab/command.ts';
import { down } from '../lab/down.ts';
import { enterHost, type Host, inShell, labHost } from '../lab/host.ts';
import { describeTree, factsThatDiffer, runScript } from '../lab/nasty/describe.ts';
import { files, kinds, startNasty, volume } from '../lab/nasty/droplet.ts';
import { planted } from '../lab/nasty/planted.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { until } from '../lab/processes.ts';
import { up } from '../lab/up.ts';

const name = 'nasty-data';
const document = `name: nasty
source: droplet
instance: { type: t3.small }
disk: { sizeGib: 16 }
sampleSeconds: 1
settleSeconds: 2
healthTimeoutSeconds: 60
`;
let operator: Operator;
let droplet: Host;

beforeAll(async () => {
  operator = await makeOperator(await up(name, startNasty), { document });
  droplet = await labHost(name, 'droplet');
});

afterAll(() => down(name));

const instance = () => labHost(name, 'instance');

async function succeeds(...words: [string, ...string[]]): Promise<void> {
  const { code, stderr, stdout } = await ecsodus(operator, ...words);
  expect(code, stderr + stdout).toBe(0);
}

/** Facts of a part of the volume that are not the same on both sides. */
async function differences(part: string): Promise<string[]> {
  const [here, there] = await Promise.all([
    describeTree(droplet, join(volume.source, part)),
    describeTree(await instance(), join(volume.target, part)),
  ]);
  expect(here.size).toBeGreaterThan(1000);
  return factsThatDiffer(here, there);
}

/** As a pass that was never made: the next run makes it again. */
const passAgain = async (): Promise<void> => {
  await inShell(await instance(), 'rm /data/.ecsodus/marks/pass-*');
  await succeeds('run', '--yes', '--until', 'sync-data');
};

const labelText = 'system_u:object_r:container_file_t:s0';

/** Files and directories that stay, or that change in all but their content: these keep their label. */
const kept = [
  '',
  'many',
  'many/7/file-7',
  ...['lists/file', 'lists/program', 'modes/file-000', 'turns', 'turns/only-list'].map((path) => `${kinds}/${path}`),
];
/** A file whose content changes may arrive as a new one, which the receiving side labels as it does all new ones. */
const rewritten = ['sparse', `${kinds}/turns/to-longer`];

const labels = async (): Promise<string[]> => {
  const script = kept.map((path) => `getfattr -hn security.selinux --only-values '${volume.target}/${path}'; echo`);
  return (await inShell(await instance(), script.join('\n'))).trimEnd().split('\n');
};

describe('the comparison', () => {
  it('finds no difference in a faithful copy, nor in labels of SELinux', async () => {
    const [kept, copy] = [join(volume.source, kinds), '/tmp/copy'];
    await inShell(
      droplet,
      `cp -a ${kept} ${copy}; setfattr -n security.selinux -v label ${copy}/lists ${copy}/links/a`,
    );
    expect(factsThatDiffer(await describeTree(droplet, kept), await describeTree(droplet, copy))).toEqual([]);
  });

  it.each(planted)('sees a difference: $what', async ({ script, shows }) => {
    await run([
      ...enterHost(droplet),
      'bash',
      '-ec',
      `rm -rf /tmp/copy; cp -a ${volume.source}/${kinds} /tmp/copy; cd /tmp/copy; ${script}`,
    ]);
    const found = factsThatDiffer(
      await describeTree(droplet, join(volume.source, kinds)),
      await describeTree(droplet, '/tmp/copy'),
    );
    for (const fact of shows)
      expect(
        found.filter((line) => line.slice(2).startsWith(fact)),
        found.join('\n'),
      ).not.toEqual([]);
  });
});

describe('a volume of nasty data', () => {
  it('arrives in a first pass while it changes', async () => {
    const restless = await readFile(join(import.meta.dirname, '../lab/nasty/restless.sh'), 'utf8');
    await run([
      ...enterHost(droplet),
      'docker',
      'exec',
      '-d',
      'keeper',
      'sh',
      '-c',
      restless,
      'restless',
      '/nasty/restless',
    ]);
    await succeeds('run', '--yes', '--until', 'sync-data');
    expect(await differences(kinds)).toEqual([]);
  });

  it('has a snapshot that is the same', async () => {
    const snapshot = `/var/lib/ecsodus/nasty/snapshots/volumes/nasty/${kinds}`;
    const [here, there] = [
      await describeTree(droplet, join(volume.source, kinds)),
      await describeTree(droplet, snapshot),
    ];
    expect(factsThatDiffer(here, there)).toEqual([]);
  });

  it('follows in a second and a third pass, whatever the receiving side’s SELinux labels', async () => {
    const label = [...kept, ...rewritten].map(
      (path) => `setfattr -hn security.selinux -v ${labelText} '${volume.target}/${path}'`,
    );
    await inShell(await instance(), label.join('\n'));
    await runScript(droplet, 'turn.sh', volume.source);
    await passAgain();
    expect(await differences(kinds)).toEqual([]);
    await passAgain();
    expect(await differences(kinds)).toEqual([]);
    expect(await labels()).toEqual(kept.map(() => labelText));
  });

  it('is the same to the last fact after the cut-over', async () => {
    await runScript(droplet, 'unseen.sh', volume.source);
    const changed = () => inShell(droplet, `stat -c %y ${volume.source}/restless`);
    const once = await changed();
    await until('the container to change its files', 10_000, async () => (await changed()) !== once || undefined);
    await succeeds('run', '--yes');
    expect(await differences('')).toEqual([]);
    expect(await labels()).toEqual(kept.map(() => labelText));
  });

  it('takes no more room for what is sparse', async () => {
    const allocated = `stat -c '%b %B %s' ${volume.target}/sparse`;
    const [blocks = 0, unit = 0, size] = (await inShell(await instance(), allocated)).split(' ').map(Number);
    expect(size).toBe(5 * 1024 ** 3);
    expect(blocks * unit).toBeGreaterThan(8e6);
    expect(blocks * unit).toBeLessThan(40e6);
  });

  it('has with it the single files that the container mounts', async () => {
    const host = await instance();
    const container = (await inShell(host, 'docker ps -q --filter name=-keeper-')).trim();
    for (const [path, inside] of Object.entries(files)) {
      const there = await inShell(droplet, `sha256sum <'${path}'; stat -Lc '%s %a %u:%g %Y' '${path}'`);
      expect(
        await inShell(host, `sha256sum <'/data/binds${path}'; stat -c '%s %a %u:%g %Y' '/data/binds${path}'`),
      ).toBe(there);
      expect(`${await inShell(host, `docker exec ${container} sha256sum '${inside}'`)}`.split(' ')[0]).toBe(
        there.split(' ')[0],
      );
    }
    expect(await inShell(host, `docker exec ${container} sh -c 'echo x >/etc/keeper.conf' 2>&1 || :`)).toMatch(
      /read-only/i,
    );
  });
});
