import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { inDoubt, openJournal, readJournal } from '../../src/journal.ts';
import type { Change } from '../../src/step.ts';

const change = (id: string): Change => ({ id, verb: 'create', target: id, reason: 'a test' });
const now = () => new Date('2026-01-02T03:04:05Z');
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-'));
});

const file = () => join(directory, 'journal.jsonl');

describe('journal', () => {
  it('keeps what was begun and done, and reads it back', async () => {
    const journal = await openJournal(directory, 'blog', now);
    await journal.begin('provision', change('cluster:a'));
    await journal.done('provision', 'cluster:a');
    await journal.begin('provision', change('role:b'));
    await journal.close();
    const entries = await readJournal(directory, 'blog');
    expect(entries.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'begin cluster:a',
      'done cluster:a',
      'begin role:b',
    ]);
    expect(inDoubt(entries)).toEqual([{ step: 'provision', id: 'role:b' }]);
  });

  it('has no doubt about a change that failed', async () => {
    const journal = await openJournal(directory, 'blog', now);
    await journal.begin('provision', change('a'));
    await journal.failed('provision', 'a', 'no');
    await journal.close();
    expect(inDoubt(await readJournal(directory, 'blog'))).toEqual([]);
  });

  it('cuts a torn last line off and goes on', async () => {
    const first = await openJournal(directory, 'blog', now);
    await first.begin('snapshot', change('a'));
    await first.close();
    await appendFile(file(), '{"v":1,"kind":"do');
    const second = await openJournal(directory, 'blog', now);
    await second.done('snapshot', 'a');
    await second.close();
    const lines = (await readFile(file(), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect((await readJournal(directory, 'blog')).map(({ kind }) => kind)).toEqual(['begin', 'done']);
  });

  it.each([
    ['a bad middle line', 'not json\n', 'journal-damaged'],
    ['an unknown kind', '{"v":1,"at":"x","migration":"blog","step":"s","id":"i","kind":"odd"}\n', 'journal-damaged'],
    ['a future version', '{"v":2}\n', 'journal-version'],
    [
      "another migration's entry",
      '{"v":1,"at":"x","migration":"shop","step":"s","id":"i","kind":"done"}\n',
      'journal-foreign',
    ],
  ])('refuses %s, naming the line, and leaves the file alone', async (_, line, code) => {
    const text = `${line}{"v":1,"at":"x","migration":"blog","step":"s","id":"i","kind":"done"}\n`;
    await writeFile(file(), text);
    await expect(openJournal(directory, 'blog', now)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`${file()}:1`),
    });
    expect(await readFile(file(), 'utf8')).toBe(text);
  });
});
