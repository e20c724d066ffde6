import { expect, test } from 'vitest';
import { type Query, query } from '../../src/query.ts';
import { readAll } from '../../src/read-all.ts';
import { sh } from '../../src/shell.ts';
import { run } from './queries/run.ts';

/** A host that is this machine, and how long each command was. */
function host() {
  const lengths: number[] = [];
  const read = async (asked: Query) => {
    lengths.push(asked.script.length);
    return run(asked);
  };
  return { read, lengths };
}

const say = (text: string): Query => query(sh`printf %b ${text}`);

test('answers as they were asked for, each its own, whatever is in them', async () => {
  const { read, lengths } = host();
  const texts = ['one\\n', '', "it's\\0two", '\\n\\n', 'last', ...Array.from({ length: 30 }, (_, n) => `${n}`)];
  const queries = [undefined, ...texts.map(say), query('cd / && exit 0; echo never')];
  expect(await readAll({ read }, queries)).toEqual(['', ...texts.map((text) => run(say(text))), '']);
  expect(lengths).toHaveLength(4);
});

test.each([
  ['none at all', [], 0],
  ['nothing to ask', [undefined], 0],
  ['few are asked beside one another', ['a', 'b', 'c'].map(say), 3],
  ['long ones are kept apart', Array.from({ length: 8 }, () => say('x'.repeat(30_000))), 8],
])('%s', async (_, queries, commands) => {
  const { read, lengths } = host();
  await readAll({ read }, queries);
  expect(lengths).toHaveLength(commands);
});

test('one that fails fails with its own exit code', async () => {
  const { read } = host();
  const queries = [...Array.from({ length: 8 }, () => say('a')), query('set -e; false; true'), query('exit 7')];
  await expect(readAll({ read }, queries)).rejects.toThrow('exit 1');
});
