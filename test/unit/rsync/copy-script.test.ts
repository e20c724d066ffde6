import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Copy, copyScript } from '../../../src/rsync/copy-script.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'copy-'));
});

interface Pass {
  readonly code?: number;
  readonly sent?: string;
}

/** Runs the script with an rsync that ends as it is told, one pass after another, and a sleep that does not wait. */
function run(passes: readonly Pass[], copy: Partial<Copy> = {}) {
  for (const [index, { code = 0, sent = '10' }] of passes.entries())
    writeFileSync(join(directory, `answer${index + 1}`), `echo 'Total bytes sent: ${sent}'; exit ${code}\n`);
  command(
    'rsync',
    `echo "rsync $*" >> ${directory}/calls; n=$(grep -c ^rsync ${directory}/calls); . ${directory}/answer$n`,
  );
  command('sleep', `echo "sleep $*" >> ${directory}/calls`);
  const log = join(directory, 'log');
  writeFileSync(join(directory, 'script'), copyScript({ ...plain, ...copy }));
  const { status } = spawnSync('sh', ['-c', `sh ${directory}/script >> ${log} 2>&1`], {
    env: { ...process.env, JOB_LOG: log, PATH: `${directory}:${process.env.PATH}` },
  });
  return { status, calls: readFileSync(join(directory, 'calls'), 'utf8').trimEnd().split('\n') };
}

const command = (name: string, script: string) => {
  writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, name), 0o755);
};

const plain: Copy = {
  argv: ['rsync', '-a', '--', '/from here', 'there:to'],
  refresh: '',
  passes: 5,
  smallBytes: 100,
  retries: 3,
  live: true,
  compression: '/no/such file',
  sparse: { root: '/no/such', answer: '/dev/null', look: false },
};
const copied = 'rsync -a -- /from here there:to';

describe('a copy', () => {
  it.each<[string, readonly Pass[], Partial<Copy>, number, readonly string[]]>([
    ['ends when little is left', [{ sent: '5,000,000' }, { sent: '99' }], {}, 0, [copied, copied]],
    ['ends when the delta no longer shrinks', [{ sent: '5,000' }, { sent: '4,000' }], {}, 0, [copied, copied]],
    [
      'ends after so many passes',
      Array(5)
        .fill({})
        .map((_, index) => ({ sent: String(Math.round(100_000 / 3 ** index)) })),
      {},
      0,
      Array(5).fill(copied),
    ],
    ['is one pass when all stands still', [{ sent: '5,000,000' }], { passes: 1, live: false }, 0, [copied]],
    ['takes no offence at what vanishes from a source that runs', [{ code: 24 }], {}, 0, [copied]],
    ['does when nothing runs', [{ code: 24 }], { live: false }, 24, [copied]],
    [
      'waits longer each time the link fails',
      [{ code: 255 }, { code: 12 }, {}],
      {},
      0,
      [copied, 'sleep 1', copied, 'sleep 2', copied],
    ],
    [
      'gives up at last',
      Array(4).fill({ code: 30 }),
      {},
      30,
      [copied, 'sleep 1', copied, 'sleep 2', copied, 'sleep 4', copied],
    ],
    ['does not try again what will not help', [{ code: 11 }], {}, 11, [copied]],
  ])('%s', (_, passes, copy, code, calls) => {
    expect(run(passes, copy)).toEqual({ status: code, calls });
  });

  it('brings the source up to date before each pass, and does not go on where that fails', () => {
    const refresh = `echo refreshed >> ${directory}/calls`;
    expect(run([{ sent: '1000' }, {}], { refresh }).calls).toEqual(['refreshed', copied, 'refreshed', copied]);
    expect(run([{}], { refresh: `false\n${refresh}` }).status).toBe(1);
  });

  it('keeps holes where there are any, and where nobody has looked', () => {
    const sparse = { root: directory, answer: join(directory, 'holes'), look: true };
    writeFileSync(join(directory, 'full'), Buffer.alloc(200_000, 'x'));
    expect(run([{}], { sparse }).calls).toEqual([copied]);
    truncateSync(join(directory, 'full'), 5_000_000);
    writeFileSync(join(directory, 'calls'), '');
    expect(run([{}], { sparse }).calls).toEqual(['rsync --sparse -a -- /from here there:to']);
    writeFileSync(join(directory, 'calls'), '');
    expect(run([{}], { sparse: { ...sparse, look: false } }).calls).toEqual([
      'rsync --sparse -a -- /from here there:to',
    ]);
    writeFileSync(join(directory, 'calls'), '');
    const never = { ...sparse, answer: '/no/such', look: false };
    expect(run([{}], { sparse: never }).calls).toEqual(['rsync --sparse -a -- /from here there:to']);
  });

  it('keeps a line for each MB of what rsync says, and the end', () => {
    const lines = [1, 2, 900_000, 1_100_000, 1_200_000, 2_500_000].map(
      (bytes) => `\\r  ${bytes.toLocaleString('en')}  10%%  1.00MB/s  0:00:01`,
    );
    writeFileSync(join(directory, 'answer1'), `printf '${lines.join('')}\\n\\nTotal bytes sent: 10\\n'; exit 0\n`);
    run([]);
    const log = readFileSync(join(directory, 'log'), 'utf8');
    expect([...log.matchAll(/^ +([\d,]+) /gm)].map(([, bytes]) => bytes)).toEqual(['1,100,000', '2,500,000']);
    expect(log).toContain('Total bytes sent: 10\n');
  });

  it('compresses as the link was found to want it', () => {
    writeFileSync(join(directory, 'option'), '--compress');
    expect(run([{}], { compression: join(directory, 'option') }).calls).toEqual([
      'rsync --compress -a -- /from here there:to',
    ]);
  });

  it('sends at the end what has changed without showing it', () => {
    const byContent = { names: join(directory, 'names'), argv: ['rsync', 'again'] };
    writeFileSync(byContent.names, '');
    expect(run([{}], { byContent }).calls).toEqual([copied]);
    writeFileSync(join(directory, 'calls'), '');
    writeFileSync(byContent.names, 'hot\0');
    expect(run([{}, {}], { byContent }).calls).toEqual([copied, 'rsync again']);
  });
});
