import ssh2 from 'ssh2';
import { afterEach, expect, it, vi } from 'vitest';
import { generateKeyPair, publicKeyOf } from '../../../src/ssh/keys.ts';

afterEach(() => vi.restoreAllMocks());

const typeAndKey = (publicKey: string) => publicKey.split(' ').slice(0, 2).join(' ');

it('a private key gives the public half that goes with it, which is a whole one', () => {
  const { privateKey, publicKey } = generateKeyPair('a');
  expect(publicKeyOf(privateKey.reveal())).toBe(typeAndKey(publicKey));
  expect(Buffer.from(publicKey.split(' ')[1] ?? '', 'base64')).toHaveLength(4 + 11 + 4 + 32);
});

it('a pair that cannot be read back, as one of ssh2’s in 256, is not taken', () => {
  const { privateKey, publicKey } = generateKeyPair('a');
  const sound = { private: privateKey.reveal(), public: publicKey };
  const broken = { ...sound, private: sound.private.replace(/\n.*\n/, '\n') };
  const generate = vi.spyOn(ssh2.utils, 'generateKeyPairSync');
  generate.mockReturnValue(sound).mockReturnValueOnce(broken);
  expect(generateKeyPair('a').privateKey.reveal()).toBe(sound.private);
});
