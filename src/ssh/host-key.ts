import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MigrationError } from '../errors.ts';
import { quote } from '../shell.ts';
import type { HostConfig } from './config.ts';
import {
  checkHostKey,
  fingerprint,
  type HostIdentity,
  type HostKeyStatus,
  type KnownHost,
  keyTypeOf,
  knownHostsLine,
  linesFor,
  lookupName,
  parseKnownHosts,
} from './known-hosts.ts';

/** The name under which a host's key is kept. */
export const identityOf = ({ hostKeyAlias, hostName, port }: HostConfig): HostIdentity =>
  hostKeyAlias === undefined ? { name: hostName, port } : { name: hostKeyAlias, port: 22 };

export async function readKnownHosts(files: readonly string[]): Promise<readonly KnownHost[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.flatMap((text, index) => parseKnownHosts(text, files[index] as string));
}

export const statusOf = (entries: readonly KnownHost[], host: HostConfig, key: Buffer): HostKeyStatus => {
  const { name, port } = identityOf(host);
  return checkHostKey(entries, name, port, keyTypeOf(key), key);
};

/** Adds a confirmed key to the operator's first known_hosts file. */
export async function rememberHostKey(host: HostConfig, key: Buffer): Promise<void> {
  const file = host.knownHostsFiles[0];
  if (file === undefined || file === '/dev/null') return;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const before = await readFile(file, 'utf8').catch(() => '');
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  await appendFile(file, separator + knownHostsLine(identityOf(host), key), { mode: 0o600 });
}

export function unknownHostKey(host: HostConfig, key: Buffer): MigrationError {
  return new MigrationError('host-key-unknown', `The host key of ${host.alias} is not known: ${describe(key)}.`, {
    hint: `Compare it with the one of your host's console, then log in once to record it: ssh ${quote(host.alias)}`,
  });
}

/** A key that contradicts known_hosts, or is revoked there: always refused, whatever the operator would answer. */
export function refusedHostKey(
  entries: readonly KnownHost[],
  host: HostConfig,
  key: Buffer,
  status: HostKeyStatus,
): MigrationError {
  if (status === 'revoked') {
    return new MigrationError(
      'host-key-revoked',
      `${host.alias} showed a host key that is revoked: ${describe(key)}.`,
      {
        hint: `Do not connect. See the @revoked line in ${host.knownHostsFiles.join(', ')}.`,
      },
    );
  }
  const identity = identityOf(host);
  const lines = linesFor(entries, identity);
  const first = lines[0];
  const where = first ? `${first.file}, line ${first.line}` : 'known_hosts';
  const remove = `ssh-keygen -R ${quote(lookupName(identity))}${first ? ` -f ${quote(first.file)}` : ''}`;
  return new MigrationError('host-key-changed', `The host key of ${host.alias} is not the one in ${where}.`, {
    hint: `Somebody may be listening in. Only if you know why it changed: ${remove}`,
    evidence: [
      `shown now: ${describe(key)}`,
      ...lines.map((line) => `${line.file}:${line.line}: ${line.keyType} ${fingerprint(line.key)}`),
    ],
  });
}

const describe = (key: Buffer): string => `${keyTypeOf(key)} ${fingerprint(key)}`;
