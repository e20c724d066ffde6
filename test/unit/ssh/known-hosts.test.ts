import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  algorithmsFor,
  checkHostKey,
  fingerprint,
  keyTypeOf,
  knownHostsLine,
  parseKnownHosts,
} from '../../../src/ssh/known-hosts.ts';
import { hostKeyAlgorithms } from '../../../src/ssh/ssh2.ts';

const key = (type: string, body: string): Buffer => {
  const name = Buffer.from(type);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return Buffer.concat([length, name, Buffer.from(body)]);
};
const good = key('ssh-ed25519', 'good');
const bad = key('ssh-ed25519', 'bad');
const rsa = key('ssh-rsa', 'rsa');
const line = (hosts: string, blob: Buffer) => `${hosts} ${keyTypeOf(blob)} ${blob.toString('base64')}`;
const hashed = (name: string): string => {
  const salt = Buffer.from('12345678901234567890');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

describe('checkHostKey', () => {
  const cases: readonly (readonly [string, readonly string[], number, Buffer, string])[] = [
    ['nothing known', [], 22, good, 'unknown'],
    ['known', [line('host', good)], 22, good, 'known'],
    ['known whatever the case', [line('HOST', good)], 22, good, 'known'],
    ['one of several names', [line('a,host,b', good)], 22, good, 'known'],
    ['another host', [line('other', bad)], 22, good, 'unknown'],
    ['changed', [line('host', bad)], 22, good, 'changed'],
    ['changed, but another line has it', [line('host', bad), line('host', good)], 22, good, 'known'],
    ['known by another type only', [line('host', rsa)], 22, good, 'changed'],
    ['known by a type nobody can negotiate', [`host ssh-dss ${good.toString('base64')}`], 22, good, 'unknown'],
    ['with a port', [line('[host]:2222', good)], 2222, good, 'known'],
    ['another port', [line('[host]:2222', bad)], 2223, good, 'unknown'],
    ['without the port, as OpenSSH', [line('host', good)], 2222, good, 'known'],
    ['without the port, contradicting nothing', [line('host', bad)], 2222, good, 'unknown'],
    ['hashed', [line(hashed('host'), good)], 22, good, 'known'],
    ['hashed with a port', [line(hashed('[host]:2222'), bad)], 2222, good, 'changed'],
    ['hashed for another', [line(hashed('other'), good)], 22, good, 'unknown'],
    ['wildcard', [line('ho*', good)], 22, good, 'known'],
    ['negated', [line('ho*,!host', bad)], 22, good, 'unknown'],
    ['revoked', [line('host', good), `@revoked ${line('*', good)}`], 22, good, 'revoked'],
    ['another key revoked', [`@revoked ${line('*', bad)}`, line('host', good)], 22, good, 'known'],
    ['a certificate authority is no key', [`@cert-authority ${line('host', bad)}`], 22, good, 'unknown'],
    ['comments and nonsense', ['# host ssh-ed25519 AAAA', '', 'host', line('host', good)], 22, good, 'known'],
  ];
  test.each(cases)('%s', (_name, lines, port, shown, expected) => {
    expect(checkHostKey(parseKnownHosts(lines.join('\n'), 'f'), 'host', port, keyTypeOf(shown), shown)).toBe(expected);
  });
});

test('known types are asked for first', () => {
  const entries = parseKnownHosts(line('host', rsa), 'f');
  expect(algorithmsFor(entries, { name: 'host', port: 22 }, hostKeyAlgorithms).slice(0, 4)).toEqual([
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-rsa',
    'ssh-ed25519',
  ]);
  expect(algorithmsFor(entries, { name: 'other', port: 22 }, hostKeyAlgorithms)).toEqual(hostKeyAlgorithms);
});

test('a line to add is found again', () => {
  const host = { name: 'Host', port: 2222 };
  const entries = parseKnownHosts(knownHostsLine(host, good), 'f');
  expect(entries[0]).toMatchObject({ hosts: '[host]:2222', line: 1 });
  expect(checkHostKey(entries, 'host', 2222, 'ssh-ed25519', good)).toBe('known');
});

test('fingerprint as ssh-keygen prints it', () => {
  expect(fingerprint(Buffer.from(''))).toBe('SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU');
});
