import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quote, raw, sh } from '../../src/shell.ts';

const nasty = [
  'plain',
  '',
  ' ',
  'two words',
  "it's",
  '"double"',
  '$(touch /tmp/pwned)',
  '`id`',
  '$HOME',
  'line\nbreak',
  'ends in newline\n',
  '\ttab',
  '-n',
  '--',
  '*',
  '?[a-z]{1,2}',
  'back\\slash',
  '\\n',
  'wow!!',
  '#not a comment',
  '~root',
  'a=b',
  'if',
  'a;b&c|d<e>f',
  'ünïcødé 数据 🚚',
];

const argumentsOf = (script: string): string[] =>
  execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);

test.each(nasty)('quote(%j) is one word for a real shell', (word) => {
  expect(argumentsOf(`printf '%s\\0' x${quote(word)}`)).toEqual([`x${word}`]);
});

test('sh quotes every value, and a list becomes words', () => {
  expect(argumentsOf(sh`printf '%s\0' ${nasty} ${7}`)).toEqual([...nasty, '7']);
});

test('sh passes backslashes on, and undoes only the escapes a template needs', () => {
  expect(argumentsOf(sh`x=a; printf '%s\0' "\${x}b" "\`printf c\`" 'd\e'`)).toEqual(['ab', 'c', 'd\\e']);
});

test('raw text is not quoted', () => {
  expect(argumentsOf(sh`printf '%s\0' ${raw('a b')}`)).toEqual(['a', 'b']);
});

test('a NUL is refused', () => {
  expect(() => quote('a\0b')).toThrow('NUL');
});
