import { expect, test } from 'vitest';
import { isPinned, parseHostKeys, pinHostKeys } from '../../../src/aws/host-keys.ts';
import { generateKeyPair, publicKeyOf } from '../../../src/ssh/keys.ts';

const keyLine = () => generateKeyPair('root@ip-10-0-0-1').publicKey;
const bare = (line: string) => line.split(' ').slice(0, 2).join(' ');
const begin = '-----BEGIN SSH HOST KEY KEYS-----';
const end = '-----END SSH HOST KEY KEYS-----';
const [first, second] = [keyLine(), keyLine()];

test.each<[string, string[], string[]]>([
  ['nothing yet', ['Linux version 6.1', 'systemd: Started sshd'], []],
  ['one block', ['boot', begin, first, end, 'login:'], [bare(first)]],
  ['the last block of two', [begin, first, end, 'reboot', begin, second, end], [bare(second)]],
  ['a block that is not whole yet', [begin, first, end, 'reboot', begin, second], [bare(first)]],
  ['an end without a beginning', [first, end], []],
  ['an empty last block', [begin, first, end, begin, end], [bare(first)]],
  ['the same block twice within one', [begin, first, first, end], [bare(first)]],
  ['a log prefix', [`[   21.4] cloud-init[1234]: ${begin}`, `<14>Nov 22 ec2: ${first}`, `ec2: ${end}`], [bare(first)]],
  ['the kernel in between', [begin, '[   21.5] IPv6: eth0: link becomes ready', first, end], [bare(first)]],
  ['a line that was cut', [begin, first.slice(0, 60), second, end], [bare(second)]],
  ['a key whose type is not its own', [begin, first.replace('ssh-ed25519', 'ssh-rsa'), second, end], [bare(second)]],
  ['fingerprints', [begin, '256 SHA256:Jq0m root@ip (ED25519)', second, end], [bare(second)]],
])('%s', (_, lines, keys) => {
  expect(parseHostKeys(lines.join('\n'))).toEqual(keys);
  expect(parseHostKeys(lines.join('\r\n'))).toEqual(keys);
});

test('keys are pinned under the instance id, in place of its older ones, beside the others', () => {
  const before = `droplet ${bare(first)}\ni-1 ${bare(first)}\ni-12 ${bare(first)}\n`;
  expect(pinHostKeys(before, 'i-1', [bare(second)])).toBe(
    `droplet ${bare(first)}\ni-12 ${bare(first)}\ni-1 ${bare(second)}\n`,
  );
  expect(pinHostKeys(undefined, 'i-1', [bare(second)])).toBe(`i-1 ${bare(second)}\n`);
});

test('an instance is pinned by its own id only', () => {
  expect(isPinned(`i-12 ${bare(first)}\n`, 'i-1')).toBe(false);
  expect(isPinned(`i-1 ${bare(first)}\n`, 'i-1')).toBe(true);
  expect(isPinned(undefined, 'i-1')).toBe(false);
});

test('a generated private key gives its public half back', () => {
  const pair = generateKeyPair('ecsodus-blog');
  expect(publicKeyOf(pair.privateKey.reveal())).toBe(bare(pair.publicKey));
  expect(pair.publicKey).toMatch(/^ssh-ed25519 \S+ ecsodus-blog$/);
  expect(publicKeyOf('not a key')).toBeUndefined();
});
