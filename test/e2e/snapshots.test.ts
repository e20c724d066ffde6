import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { down } from '../lab/down.ts';
import { type Host, inHost, inShell, labHost } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { type CliResult, ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { until } from '../lab/processes.ts';
import { up } from '../lab/up.ts';

const name = 'snapshots';
const database = 'volumes/db-data';
const copy = `/var/lib/ecsodus/blog/snapshots/${database}`;
let lab: Lab;
let droplet: Host;
let operator: Operator;

beforeAll(async () => {
  lab = await up(name);
  droplet = await labHost(name, 'droplet');
  operator = await makeOperator(lab);
});

afterAll(() => down(name));

const onDroplet = (script: string) => inShell(droplet, script);
/** The flags that every command takes come after the name of this one's own. */
function snapshotCommand(...words: string[]): Promise<CliResult> {
  const [node = '', cli = '', command = '', ...flags] = operator.argv('snapshot');
  return ecsodus({ ...operator, argv: () => [node, cli, command, ...words, ...flags] }, 'snapshot');
}
const runUntilSnapshot = () => ecsodus(operator, 'run', '--until', 'snapshot', '--yes', '--json');

const documentOf = ({ code, stdout, stderr }: CliResult) => {
  expect(code, stderr + stdout).toBe(0);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
};

/** Every container, and how it is. */
const states = () => onDroplet("docker ps -a --format '{{.Names}} {{.State}}' | sort");
const allRunning = 'blog running\ncache running\ndb running\nproxy running\nstatic running\n';

/** Statements in a container's MariaDB, by its root password. */
const sql = (container: string, statement: string) =>
  onDroplet(`docker exec ${container} mariadb -uroot -plab-root-password -N -e '${statement}' blog`);

/** The last pass over one dataset takes a minute. */
const slowLastPass = (dataset: string) => `cat > /usr/local/bin/rsync <<'SCRIPT'
#!/bin/sh
if [ -s '/var/lib/ecsodus/blog/held/${encodeURIComponent(dataset)}' ]; then sleep 60; fi
exec /usr/bin/rsync "$@"
SCRIPT
chmod +x /usr/local/bin/rsync`;

const killScript = (signal: string) => onDroplet(`pkill -${signal} -f '^sh /run/ecsodus/blog/snapshot-[^ ]*[.]sh$'`);

/** Rows that go on being written until their database is stopped. */
const writeRows = () =>
  onDroplet(`docker exec -d db sh -c 'while mariadb -uroot -plab-root-password blog -e "
    INSERT INTO posts (title, author, body) VALUES (\\"late\\", \\"e2e\\", REPEAT(\\"x\\", 5000))"; do :; done'`);

/** Starts MariaDB on a copy, waits until it answers, and returns what it said meanwhile. */
async function startedOn(directory: string): Promise<string> {
  await onDroplet(
    `docker run -d --name restored --network none -v ${directory}:/var/lib/mysql example/mariadb:10.11 >/dev/null`,
  );
  await until('MariaDB on the copy', 60_000, () =>
    sql('restored', 'SELECT 1').then(
      () => true,
      () => undefined,
    ),
  );
  return onDroplet('docker logs restored 2>&1');
}

const recovery = /crash recovery|was not shut down normally|needs recovery|recovering|not closed/i;

describe('nothing stays held', () => {
  it.each([
    ['blog paused', 'volumes/blog-uploads', 'TERM'],
    ['blog paused', 'volumes/blog-uploads', 'KILL'],
    ['db exited', database, 'TERM'],
    ['db exited', database, 'KILL'],
  ])('%s for %s: the script is killed by SIG%s', async (held, dataset, signal) => {
    await onDroplet(slowLastPass(dataset));
    const running = runUntilSnapshot();
    await until(held, 60_000, async () => ((await states()).includes(held) ? true : undefined));
    await killScript(signal);
    await until('all containers to run again', 10_000, async () =>
      (await states()) === allRunning ? true : undefined,
    );
    expect((await running).code).toBe(1);
    expect(await onDroplet('ls -A /var/lib/ecsodus/blog/held')).toBe('');
    expect(await onDroplet(`ls /var/lib/ecsodus/blog/marks`)).not.toContain(`${encodeURIComponent(dataset)}.json\n`);
    await until('everything of it to end', 5000, async () =>
      (await inHost(droplet, ['pgrep', '-f', 'rsync|blog/held'])).code === 0 ? undefined : true,
    );
  });
});

describe('snapshots', () => {
  it('are made, and the longest pause is told', async () => {
    await onDroplet('rm /usr/local/bin/rsync; docker exec cache redis-cli set kept yes');
    await writeRows();
    const { code, stdout, stderr } = await runUntilSnapshot();
    expect(code, stderr + stdout).toBe(0);
    expect(await states()).toBe(allRunning);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { checks } = events.find(({ type, step }) => type === 'step-done' && step === 'snapshot');
    expect(checks.at(-1)).toMatchObject({
      name: 'longest pause',
      status: 'ok',
      reason: expect.stringMatching(/^\d+(\.\d)? s \(volumes\/db-data: db stopped\)$/),
    });
    expect(documentOf(await ecsodus(operator, 'plan', '--json')).changes).not.toContainEqual(
      expect.objectContaining({ kind: 'snapshot' }),
    );
  });

  it('are listed', async () => {
    const { snapshots } = documentOf(await snapshotCommand('list', '--json'));
    expect(snapshots).toHaveLength(5);
    expect(snapshots).toContainEqual(
      expect.objectContaining({
        name: database,
        source: '/var/lib/docker/volumes/db-data/_data',
        path: copy,
        bytes: expect.any(Number),
        pausedMilliseconds: expect.any(Number),
        holds: [{ container: 'db', by: 'stop' }],
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      }),
    );
    const { stdout } = await snapshotCommand('list');
    expect(stdout).toMatch(/^NAME +SOURCE +SIZE +FILES +MADE +PAUSE +DIGEST\n/);
    expect(stdout).toMatch(/^binds\/srv\/static\/www .* none +[0-9a-f]{12}$/m);
  });

  it('are proved, and one flipped byte is found and named', async () => {
    expect(documentOf(await snapshotCommand('verify', '--json')).snapshots).toHaveLength(5);
    const flip = (byte: string) =>
      onDroplet(`cd ${copy} && touch -r ibdata1 /tmp/times && printf '${byte}' |
        dd of=ibdata1 bs=1 seek=5000000 conv=notrunc status=none && touch -r /tmp/times ibdata1`);
    const before = await onDroplet(
      `dd if=${copy}/ibdata1 bs=1 skip=5000000 count=1 status=none | od -An -to1 | tr -d ' \\n'`,
    );
    await flip(before === '132' ? 'A' : 'Z');
    const found = await snapshotCommand('verify', database, '--json');
    expect(found.code).toBe(1);
    expect(JSON.parse(found.stdout)).toMatchObject({ type: 'error', code: 'snapshot-differs' });
    expect(found.stderr).toMatch(/volumes\/db-data: ibdata1: sha256 [0-9a-f]{64} → [0-9a-f]{64}/);
    expect((await snapshotCommand('verify')).code).toBe(1);
    await flip(`\\${before}`);
    expect((await snapshotCommand('verify', database)).stdout).toMatch(/as they were made\n$/);
  });

  it('that are not there are refused, with the nearest that is', async () => {
    const { code, stderr } = await snapshotCommand('verify', 'volumes/db-dta');
    expect([code, stderr]).toEqual([1, expect.stringContaining('Did you mean "volumes/db-data"?')]);
  });
});

describe('a snapshot is restored', () => {
  it.each([
    ['into live data', '/var/lib/docker/volumes/db-data/_data/copy', 'restore-into-data'],
    ['over anything', '/srv', 'restore-not-empty'],
    ['to a relative path', 'copy', 'restore-relative'],
  ])('not %s', async (_, to, code) => {
    const refused = await snapshotCommand('restore', database, '--to', to, '--json');
    expect([refused.code, JSON.parse(refused.stdout).code]).toEqual([1, code]);
  });

  it('and MariaDB starts from it without repair', async () => {
    const restored = documentOf(await snapshotCommand('restore', database, '--to', '/root/restored', '--json'));
    expect(restored).toMatchObject({ path: '/root/restored', ok: true });
    expect(await startedOn('/root/restored')).not.toMatch(recovery);
    const posts = 'SELECT COUNT(*) FROM posts WHERE author != "e2e"';
    expect(await sql('restored', posts)).toBe(await sql('db', posts));
    expect(Number(await sql('restored', 'SELECT COUNT(*) FROM posts WHERE author = "e2e"'))).toBeGreaterThan(0);
    await onDroplet('docker rm -f restored');
  });

  it('and Redis has what was written just before', async () => {
    const { snapshots } = documentOf(await snapshotCommand('list', '--json'));
    const cache = snapshots.find(({ holds }: { holds: { container: string }[] }) => holds[0]?.container === 'cache');
    await snapshotCommand('restore', cache.name, '--to', '/root/restored-cache');
    await onDroplet('docker run -d --name restored --network none -v /root/restored-cache:/data example/redis:7');
    await until('Redis on the copy', 30_000, async () => {
      const { stdout } = await inHost(droplet, ['docker', 'exec', 'restored', 'redis-cli', 'get', 'kept']);
      return stdout === 'yes\n' ? true : undefined;
    });
    await onDroplet('docker rm -f restored');
  });
});

describe('ecsodus.yaml', () => {
  it('snapshotBy: pause takes the files as they are: such a copy starts by crash recovery', async () => {
    operator = await makeOperator(lab, { extra: 'snapshotBy: { db: pause }\n' });
    await onDroplet(`rm -r ${copy}`);
    await writeRows();
    const { code, stdout, stderr } = await runUntilSnapshot();
    expect(code, stderr + stdout).toBe(0);
    await onDroplet('docker restart db');
    expect((await snapshotCommand('restore', database, '--to', '/root/paused')).code).toBe(0);
    expect(await startedOn('/root/paused')).toMatch(recovery);
    await onDroplet('docker rm -f restored');
  });

  it('snapshot: ebs copies nothing on the source', async () => {
    operator = await makeOperator(lab, { extra: 'snapshot: ebs\n' });
    await onDroplet(`rm -r ${copy}`);
    const { changes } = documentOf(await ecsodus(operator, 'plan', '--json'));
    expect(changes.filter(({ kind }: { kind: string }) => kind === 'snapshot')).toEqual([]);
  });
});
