import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seeAws } from '../lab/aws-sight.ts';
import { run } from '../lab/command.ts';
import { down } from '../lab/down.ts';
import { inShell, labHost } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { sites } from '../lab/stack.ts';
import { up } from '../lab/up.ts';

const name = 'two';
let lab: Lab;
let operator: Operator;
let pages: string;
let others: readonly string[];

const settings = 'settleSeconds: 2\nhealthTimeoutSeconds: 120\nsampleSeconds: 1\n';
const droplet = () => labHost(name, 'droplet');
const onDroplet = async (script: string) => inShell(await droplet(), script);
const lines = (text: string) => text.split('\n').filter((line) => line !== '');

/** Each migration has its own file, in one folder. */
async function succeeds(migration: 'blog' | 'notes', command: string, ...words: string[]): Promise<void> {
  const config = migration === 'blog' ? 'ecsodus.yaml' : 'notes.yaml';
  const { code, stderr, stdout } = await ecsodus(operator, command, '--config', config, '--yes', ...words);
  expect(code, `${migration} ${command}: ${stderr}${stdout}`).toBe(0);
}

beforeAll(async () => {
  lab = await up(name);
  others = lines(await onDroplet('docker ps --format "{{.Names}}"'));
  await onDroplet(`docker run -d --name notes --restart unless-stopped -p 8090:8080 -v notes:/notes example/static:1 \
    sh -c 'echo first > /notes/index.html; exec busybox httpd -f -p 8080 -h /notes' >/dev/null`);
  operator = await makeOperator(lab, { extra: `${settings}leave: [notes]\n` });
  await writeFile(
    join(operator.directory, 'notes.yaml'),
    `name: notes
source: droplet
instance: { type: t3.micro }
disk: { sizeGib: 8 }
checks: [http://notes.example.test:8090/]
leave: ${JSON.stringify(others)}
${settings}`,
  );
  pages = await read();
});

afterAll(() => down(name));

/** Every page of the stack, at the old address. */
const read = async (): Promise<string> => {
  const asked = sites.flatMap(({ host, paths }) => paths.map((path) => ({ host, path })));
  const script = 'curl -sf -m 20 -H "Host: $2" "http://$1$3" | sha256sum';
  const answers = asked.map(({ host, path }) =>
    run(['bash', '-eo', 'pipefail', '-c', script, '-', lab.droplet.address, host, path]),
  );
  return (await Promise.all(answers)).join('');
};
const blogAnswers = async () => expect(await read()).toBe(pages);
const notesAnswer = async () =>
  expect(await run(['curl', '-sf', '-m', '20', `http://${lab.droplet.address}:8090/`])).toBe('first\n');
const runningHere = async () => lines(await onDroplet('docker ps --format "{{.Names}}"')).sort();
const marked = async (migration: string) => onDroplet(`iptables-save | grep -c 'ecsodus:${migration}:' || :`);

it('move from one droplet into one account, at the same time', async () => {
  await Promise.all([succeeds('blog', 'run'), succeeds('notes', 'run')]);
  await Promise.all([blogAnswers(), notesAnswer()]);
  expect(await runningHere()).toEqual([]);
  const seen = await seeAws(lab);
  for (const migration of ['blog', 'notes']) {
    const counted = ['instance', 'volume', 'key pair', 'group'].map(
      (kind) => seen.filter((line) => new RegExp(`^${kind} ecsodus-${migration}\\b`).test(line)).length,
    );
    expect(counted, seen.join('\n')).toEqual([1, 2, 1, 1]); // of volumes, the root and the data
  }
});

it('one goes back and comes again, and the other notices nothing', async () => {
  const rules = await marked('blog');
  await succeeds('notes', 'rollback', '--leave-data');
  expect(await runningHere()).toEqual(['notes']);
  expect([await marked('blog'), await marked('notes')]).toEqual([rules, '0\n']);
  await Promise.all([blogAnswers(), notesAnswer()]);
  await succeeds('notes', 'run');
  await Promise.all([blogAnswers(), notesAnswer()]);
});

it('one finishes, and the other still has its way back', async () => {
  await succeeds('blog', 'finish');
  expect(await marked('blog')).toBe('0\n');
  await notesAnswer();
  await succeeds('notes', 'rollback', '--leave-data');
  expect(await runningHere()).toEqual(['notes']);
  await notesAnswer();
});
