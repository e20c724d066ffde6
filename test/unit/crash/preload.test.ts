import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { readJournal } from '../../../src/journal.ts';
import { untilDone } from '../../crash/until-done.ts';

vi.setConfig({ testTimeout: 30_000 });

/** Two changes made together, then one; what the journal shows as done is not made again. */
const program = `
const { openJournal } = await import(process.env.JOURNAL);
const journal = await openJournal('state', 'blog', () => new Date());
const left = (id) => !journal.entries.some((entry) => entry.kind === 'done' && entry.id === id);
const change = (id) => ({ id, verb: 'create', target: id, reason: '' });
const group = ['a', 'b'].filter(left);
for (const id of group) await journal.begin('step', change(id));
await Promise.all(group.map((id) => journal.done('step', id)));
if (left('c')) {
  await journal.begin('step', change('c'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await journal.done('step', 'c');
}
await journal.close();
`;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crash-'));
  await writeFile(join(directory, 'program.mjs'), program);
});

const operator = () => ({
  directory,
  env: { ...process.env, JOURNAL: new URL('../../../src/journal.ts', import.meta.url).href },
  argv: (command: string) => [process.execPath, '--import', import.meta.resolve('tsx'), command],
});
const silent = { phase: 'test', atRest: {}, say: () => {} };

it('kills at every boundary once, those of changes made together too', async () => {
  const tally = await untilDone(operator(), ['program.mjs'], { ...silent, chosen: 'all', moments: [] });
  expect(tally).toEqual({ boundaries: 6, random: 0, resumes: 6, failures: [] });
  const record = (await readFile(join(directory, 'crash-test.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(record.map((line) => JSON.parse(line).at)).toEqual([
    'begin step a',
    'begin step b',
    'done step a',
    'done step b',
    'begin step c',
    'done step c',
  ]);
  const entries = await readJournal(join(directory, 'state'), 'blog');
  expect(entries.filter(({ kind }) => kind === 'done').map(({ id }) => id)).toEqual(['a', 'b', 'c']);
});

it('kills at those chosen, by number or name, and at moments besides', async () => {
  const moments = [{ after: 'begin', ms: 0, notBefore: 0 }] as const;
  const chosen = [1, 'done step c'];
  const tally = await untilDone(operator(), ['program.mjs'], { ...silent, chosen, moments });
  expect(tally).toMatchObject({ boundaries: 2, random: 1, resumes: 3 });
});
