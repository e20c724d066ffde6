import { describe, expect, it } from 'vitest';
import { looksLikeKey, looksRandom, plainTextIn } from '../../../src/ecs/entropy.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The same words in every run: a linear congruence, not chance. */
function* words(alphabet: string, length: number): Generator<string> {
  let state = 42;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return alphabet[Math.floor((state / 2 ** 31) * alphabet.length)] ?? '';
  };
  for (let made = 0; made < 1000; made++) yield Array.from({ length }, next).join('');
}

describe('looksRandom', () => {
  it.each([
    [letters, 24, 880],
    [letters, 32, 960],
    [letters, 40, 980],
    [letters.slice(26), 40, 850],
    [`${letters}+/`, 44, 930],
  ])('of %s, %i characters: at least %i in 1000', (alphabet, length, least) => {
    expect([...words(alphabet, length)].filter(looksRandom).length).toBeGreaterThanOrEqual(least);
  });

  it('never of hexadecimal, whatever its length and case, and never of short words', () => {
    for (const length of [24, 32, 40, 64]) {
      const hex = [...words('0123456789abcdef', length)];
      expect(
        [...hex, ...hex.map((each) => each.toUpperCase()), ...hex.map((each) => `0x${each}`)].filter(looksRandom),
      ).toEqual([]);
    }
    expect([...words(letters, 23)].filter(looksRandom)).toEqual([]);
  });

  it.each([
    'a-service-name-with-many-parts-and-2-digits',
    'SomeCamelCaseClassName2Implementation',
    'release-2024-01-31T12-00-00Z-build-1234',
    '/opt/App2/JDK17/Lib64/X86/Foo3Bar4Baz5',
    'LongerThanTwentyFourWithoutAnyDigit',
    'thisisalongwordwithdigits1234567890',
    'AAAAC3NzaC1lZDI1NTE5AAAAIJyFZ0l2QkR3c1h5',
    '6f1c7f0e-3b7b-4b0e-9f43-0a5dbd1b2f11',
    'q7Zt2KpX9vLm4RbW 8sYc3NdFhJ6gQ1',
  ])('%s is no key', (text) => {
    expect(looksRandom(text)).toBe(false);
  });
});

it.each([
  ['0123456789abcdef0123456789abcdef', true],
  ['0123456789abcdef', false],
  ['k3j9x8w2m5p7q1z4', true],
  ['my-app-session-2024', false],
  ['production', false],
  ['sha256-k3j9x8w2m5p7q1z4', false],
])('a name gives some reason: %s looks like a key: %s', (text, expected) => {
  expect(looksLikeKey(text)).toBe(expected);
});

it.each([
  ['YW5uOmh1bnRlcjI=', 'ann:hunter2'],
  ['aGVsbG8gd29ybGQ', 'hello world'],
  ['/////////w==', undefined],
  ['YQ==', undefined],
  ['no base64!', undefined],
])('the text in %s is %s', (base64, text) => {
  expect(plainTextIn(base64)).toBe(text);
});
