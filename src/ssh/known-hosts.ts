import { createHash, createHmac } from 'node:crypto';
import { glob } from 'ssh-config';

/** One key line of a known_hosts file. */
export interface KnownHost {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** Comma-separated patterns, or one hashed name. */
  readonly hosts: string;
  readonly keyType: string;
  readonly key: Buffer;
}

/** The name known_hosts has for a host: HostKeyAlias as it is, or the name with any port but 22. */
export interface HostIdentity {
  readonly name: string;
  readonly port: number;
}

export type HostKeyStatus = 'known' | 'unknown' | 'changed' | 'revoked';

/** Lines that are no key lines are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const fields = line.trim().split(/\s+/);
    const marker =
      fields[0] === '@revoked' ? 'revoked' : fields[0] === '@cert-authority' ? 'cert-authority' : undefined;
    const [hosts, keyType, key] = marker === undefined ? fields : fields.slice(1);
    if (!hosts || !keyType || !key || hosts.startsWith('#')) return [];
    return [{ file, line: index + 1, marker, hosts, keyType, key: Buffer.from(key, 'base64') }];
  });
}

/**
 * What known_hosts says about a key that a host showed. Stricter than OpenSSH in one point: a host known only by other
 * key types is `changed`, not `unknown`, since a server that still had a known type was asked for that type first.
 */
export function checkHostKey(
  entries: readonly KnownHost[],
  name: string,
  port: number,
  keyType: string,
  key: Buffer,
): HostKeyStatus {
  const host = { name, port };
  const same = (entry: KnownHost) => entry.keyType === keyType && entry.key.equals(key);
  const withPort = entriesFor(entries, host);
  const withoutPort = entriesFor(entries, { name, port: 22 });
  const all = [...withPort, ...withoutPort];
  if (all.some((entry) => entry.marker === 'revoked' && same(entry))) return 'revoked';
  if (all.some((entry) => entry.marker === undefined && same(entry))) return 'known';
  return knownBy(withPort).length > 0 ? 'changed' : 'unknown';
}

/** The lines a changed key contradicts, for the message. */
export const linesFor = (entries: readonly KnownHost[], host: HostIdentity): readonly KnownHost[] =>
  knownBy(entriesFor(entries, host));

/**
 * Host key algorithms in the order to ask for them: types that are known for this host first, as OpenSSH does, so that a
 * server with several keys shows one that can be compared.
 */
export function algorithmsFor(
  entries: readonly KnownHost[],
  host: HostIdentity,
  supported: readonly string[],
): readonly string[] {
  const known = new Set(linesFor(entries, host).map(({ keyType }) => keyType));
  const isKnown = (algorithm: string) => known.has(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  return [...supported.filter(isKnown), ...supported.filter((algorithm) => !isKnown(algorithm))];
}

const negotiable = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521))$/;

const knownBy = (entries: readonly KnownHost[]) =>
  entries.filter((entry) => entry.marker === undefined && negotiable.test(entry.keyType));

const entriesFor = (entries: readonly KnownHost[], host: HostIdentity) =>
  entries.filter((entry) => entry.marker !== 'cert-authority' && matchesHost(entry.hosts, lookupName(host)));

/** `name`, or `[name]:port` for any port but 22. */
export const lookupName = ({ name, port }: HostIdentity): string =>
  port === 22 ? name.toLowerCase() : `[${name.toLowerCase()}]:${port}`;

function matchesHost(hosts: string, name: string): boolean {
  if (!hosts.startsWith('|1|')) return glob(hosts.toLowerCase().split(','), name);
  const [salt = '', hash = ''] = hosts.slice(3).split('|');
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** SHA256:… as ssh-keygen -l prints it. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** The type is the first field of the key itself (RFC 4253, 6.6). */
export const keyTypeOf = (key: Buffer): string => key.toString('latin1', 4, 4 + key.readUInt32BE(0));

/** A line to add once the operator has confirmed a key. */
export const knownHostsLine = (host: HostIdentity, key: Buffer): string =>
  `${lookupName(host)} ${keyTypeOf(key)} ${key.toString('base64')}\n`;
