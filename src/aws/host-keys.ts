/** File in the state folder with the host keys of the target, under its instance id as HostKeyAlias. */
export const knownHostsFile = 'known_hosts';

/** File in the state folder with the private key that logs in to the target. */
export const targetKeyFile = 'target-key';

const begin = '-----BEGIN SSH HOST KEY KEYS-----';
const end = '-----END SSH HOST KEY KEYS-----';

/**
 * The SSH host public keys on an instance's console, as `type base64`. The last complete block counts: an instance made
 * from an image may show the keys of an earlier life first. Lines may carry a log prefix, and the kernel may write into
 * the block; whatever is no whole key is passed over.
 */
export function parseHostKeys(console: string): string[] {
  const lines = console.split(/\r?\n|\r/);
  for (let last = lines.length - 1; last >= 0; last--) {
    if (!lines[last]?.includes(end)) continue;
    const first = lines.findLastIndex((line, index) => index < last && line.includes(begin));
    const keys = first < 0 ? [] : lines.slice(first + 1, last).flatMap(keyIn);
    if (keys.length > 0) return [...new Set(keys)];
  }
  return [];
}

function keyIn(line: string): string[] {
  const [, type, blob] = /(ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp\d+) ([A-Za-z0-9+/]+={0,2})(?=\s|$)/.exec(line) ?? [];
  return type && blob && isWholeKey(type, Buffer.from(blob, 'base64')) ? [`${type} ${blob}`] : [];
}

/** A public key is a row of length-prefixed fields, the first of which is its type (RFC 4253 §6.6): a cut line does not add up. */
function isWholeKey(type: string, blob: Buffer): boolean {
  let offset = 0;
  let fields = 0;
  while (offset + 4 <= blob.length) {
    const length = blob.readUInt32BE(offset);
    if (fields++ === 0 && blob.toString('latin1', 4, 4 + length) !== type) return false;
    offset += 4 + length;
  }
  return fields > 1 && offset === blob.length;
}

/** Whether known_hosts has a key for the instance. */
export const isPinned = (knownHosts: string | undefined, instanceId: string): boolean =>
  (knownHosts ?? '').split('\n').some((line) => line.startsWith(`${instanceId} `));

/** known_hosts with these keys for the instance, in place of any it had. */
export function pinHostKeys(knownHosts: string | undefined, instanceId: string, keys: readonly string[]): string {
  const others = (knownHosts ?? '').split('\n').filter((line) => line !== '' && !line.startsWith(`${instanceId} `));
  return [...others, ...keys.map((key) => `${instanceId} ${key}`), ''].join('\n');
}
