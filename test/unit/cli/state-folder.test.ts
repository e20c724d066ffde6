import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ecsodus, temporaryFolder } from './command.ts';

vi.setConfig({ testTimeout: 60_000 });
const folder = temporaryFolder();
let made = 0;

/** An operator's folder whose state folder holds these files. */
function workplace(files: Readonly<Record<string, string>>): string {
  const path = join(folder, String(made++));
  mkdirSync(join(path, '.ecsodus/blog'), { recursive: true, mode: 0o700 });
  writeFileSync(join(path, 'ecsodus.yaml'), 'name: blog\nsource: droplet\n');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, '.ecsodus/blog', name), text);
  return path;
}

const contents = (cwd: string) =>
  readdirSync(join(cwd, '.ecsodus/blog')).map((name) => [name, readFileSync(join(cwd, '.ecsodus/blog', name), 'utf8')]);

const done = (over: object = {}) =>
  `${JSON.stringify({ v: 1, at: 'x', migration: 'blog', step: 's', id: 'i', kind: 'done', ...over })}\n`;

/** One error with a hint, and the folder as it was. */
async function refused(cwd: string, code: string, prepare = ''): Promise<void> {
  const before = contents(cwd);
  const ended = await ecsodus(cwd, ['run', '--yes', '--json'], {}, prepare);
  const lines = ended.stdout.trimEnd().split('\n');
  expect([ended.code, lines.length], ended.stderr).toEqual([1, 1]);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ type: 'error', code, hint: expect.stringMatching(/./) });
  expect(ended.stderr.match(/^error /gm)).toHaveLength(1);
  expect(contents(cwd)).toEqual(before);
}

describe('a run whose state folder is not as it should be', () => {
  it.each([
    ['has a journal with a bad line in its middle', `${done()}not json\n${done()}`, 'journal-damaged'],
    ['has a journal of a future version', done({ v: 2 }), 'journal-version'],
    ["has another migration's journal", done({ migration: 'shop' }), 'journal-foreign'],
  ])('ends with one error where it %s', async (_, journal, code) => {
    await refused(workplace({ 'journal.jsonl': journal }), code);
  });

  it('ends with one error where it is read-only', async () => {
    await refused(workplace({}), 'state-unwritable', 'mount -t tmpfs -o ro,mode=700 tmpfs .ecsodus/blog');
  });

  it('ends with one error where it is full', async () => {
    const full = 'mount -t tmpfs -o size=4k,mode=700 tmpfs .ecsodus/blog; head -c 4096 /dev/zero > .ecsodus/blog/full';
    const after = '; trap "ls -A .ecsodus/blog > left" EXIT';
    const cwd = workplace({});
    await refused(cwd, 'state-unwritable', full + after);
    expect(readFileSync(join(cwd, 'left'), 'utf8')).toBe('full\n');
  });

  it('goes on where a crash tore the last line of the journal: as far as AWS, whose region it does not know', async () => {
    const cwd = workplace({ 'journal.jsonl': `${done()}{"v":1,"kin` });
    const { code, stdout } = await ecsodus(cwd, ['run', '--yes', '--json']);
    expect([code, JSON.parse(stdout).code]).toEqual([1, 'aws-region-missing']);
    expect(readFileSync(join(cwd, '.ecsodus/blog/journal.jsonl'), 'utf8')).toBe(done());
  });
});

it('a run while another holds the migration is refused, and the holder is named', async () => {
  const child = execFileSync('sh', ['-c', 'sleep 60 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' }).trim();
  const stat = readFileSync(`/proc/${child}/stat`, 'utf8');
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  const cwd = workplace({
    lock: JSON.stringify({ host: hostname(), pid: Number(child), started, since: '2026-01-02T03:04:05Z' }),
  });
  try {
    await refused(cwd, 'locked');
  } finally {
    process.kill(Number(child));
  }
});
