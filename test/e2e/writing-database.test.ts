import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJournal } from '../../src/journal.ts';
import { down } from '../lab/down.ts';
import { type Host, inHost, inShell, labHost } from '../lab/host.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { until } from '../lab/processes.ts';
import { up } from '../lab/up.ts';
import { startWriter, type Write, type Writer } from '../lab/writer.ts';
import { readTitles, wrongsOf } from '../lab/written.ts';

const name = 'writing-db';
const snapshot = '/var/lib/ecsodus/blog/snapshots/volumes/db-data';
let operator: Operator;
let droplet: Host;
let writer: Writer;
let writes: readonly Write[];

beforeAll(async () => {
  const lab = await up(name);
  operator = await makeOperator(lab, { extra: 'settleSeconds: 2\nhealthTimeoutSeconds: 120\n' });
  droplet = await labHost(name, 'droplet');
  writer = startWriter('http://blog.example.test/posts', lab.droplet.address);
});

afterAll(async () => {
  await writer.stop();
  await down(name);
});

/** When the journal says that a change began, or was done: milliseconds since the epoch. */
async function timeOf(kind: 'begin' | 'done', id: RegExp): Promise<number> {
  const entries = await readJournal(join(operator.directory, '.ecsodus/blog'), 'blog');
  const found = entries.find((entry) => entry.kind === kind && id.test(entry.id));
  if (found === undefined) throw new Error(`the journal has no ${kind} of ${id}`);
  return Date.parse(found.at);
}

const acknowledged = (one: Write): boolean => one.outcome === 'acknowledged';

/** Starts MariaDB on files that nobody else uses, and answers with all it said until it took statements. */
async function startOn(directory: string): Promise<string> {
  const options = `--name restored --network none -v ${directory}:/var/lib/mysql`;
  await inShell(droplet, `docker rm -f restored >/dev/null 2>&1; docker run -d ${options} example/mariadb:10.11`);
  const statement = ['docker', 'exec', 'restored', 'mariadb', '-u', 'root', '-plab-root-password', '-e', 'SELECT 1'];
  await until('MariaDB on the copy', 60_000, async () => (await inHost(droplet, statement)).code === 0 || undefined);
  return inShell(droplet, 'docker logs restored 2>&1');
}

const recovery = /crash recovery|crashed|repair|not shut down normally/i;

describe('a database that is written to while it moves', () => {
  it('is moved, and goes on being written to at the old address', async () => {
    await writer.acknowledged(20);
    const { code, stdout, stderr } = await ecsodus(operator, 'run', '--yes');
    expect(code, stderr + stdout).toBe(0);
    await writer.acknowledged(50);
    writes = await writer.stop();
    const [stopped, forwarded] = [await timeOf('begin', /^stop:/), await timeOf('done', /^forward:80$/)];
    expect(writes.filter((one) => acknowledged(one) && one.endedAt < stopped).length).toBeGreaterThanOrEqual(20);
    expect(writes.filter((one) => acknowledged(one) && one.sentAt > forwarded).length).toBeGreaterThanOrEqual(50);
  });

  it('has lost nothing that was acknowledged, holds nothing twice, and all in order', async () => {
    const target = await labHost(name, 'instance');
    expect(wrongsOf(writes, await readTitles(target, '$(docker ps -q --filter name=-db-)'))).toEqual([]);
  });

  it('can be started from its snapshot, which is whole up to a moment and needs no recovery', async () => {
    await inShell(droplet, `cp -a ${snapshot} /root/restored`);
    const said = await startOn('/root/restored');
    const titles = await readTitles(droplet, 'restored');
    const [begun, done] = [
      await timeOf('begin', /^snapshot:volumes\/db-data$/),
      await timeOf('done', /^snapshot:volumes\/db-data$/),
    ];
    expect(
      wrongsOf(
        writes.filter((one) => one.endedAt < begun),
        titles,
      ).filter((wrong) => wrong.endsWith('lost')),
    ).toEqual([]);
    const last = Math.max(
      ...writes
        .filter((one) => acknowledged(one) && titles.includes(`write ${one.number}`))
        .map(({ number }) => number),
    );
    expect(
      wrongsOf(
        writes.filter((one) => one.number <= last || !acknowledged(one)),
        titles,
      ),
    ).toEqual([]);
    expect(writes.find(({ number }) => number === last)?.sentAt).toBeLessThan(done);
    expect(said).not.toMatch(recovery);
  });

  it('would say so if it needed recovery', async () => {
    await inShell(
      droplet,
      `docker exec restored mariadb -u root -plab-root-password blog -e 'DELETE FROM posts WHERE id < 100' && docker kill restored`,
    );
    expect(await startOn('/root/restored')).toMatch(recovery);
  });
});
