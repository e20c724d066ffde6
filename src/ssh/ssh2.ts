import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type AuthenticationType, type Client, type ClientChannel, type ParsedKey } from 'ssh2';
import type { Secret } from '../secret.ts';

// The only module that imports ssh2.

export type { Client, ClientChannel };

/** Host key algorithms that can be negotiated; the weak ssh-rsa (SHA-1) last, for very old servers. */
export const hostKeyAlgorithms: readonly string[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

/** A way to log in, as ssh2 takes it. */
export type Login =
  | { readonly type: 'agent'; readonly agent: InstanceType<typeof ssh2.OpenSSHAgent> }
  | { readonly type: 'publickey'; readonly key: ParsedKey };

/** Reads a private key; `encrypted` where the passphrase is missing or wrong, undefined where it is no private key. */
export function parsePrivateKey(text: Buffer, passphrase?: Secret): ParsedKey | 'encrypted' | undefined {
  const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text, passphrase?.reveal());
  if (!(parsed instanceof Error)) {
    const key = [parsed].flat()[0];
    return key?.isPrivateKey() ? key : undefined;
  }
  return /encrypted|passphrase|decrypt|integrity/i.test(parsed.message) ? 'encrypted' : undefined;
}

/** The public half in wire format, from a `.pub` file or an unencrypted private key. */
export function publicBlob(text: Buffer): Buffer | undefined {
  const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text);
  return parsed instanceof Error ? undefined : [parsed].flat()[0]?.getPublicSSH();
}

/** A new key pair as OpenSSH writes it. */
export function newKeyPair(comment: string): { readonly private: string; readonly public: string } {
  // ssh2 1.17 drops a public key's leading zero byte: one pair of 256 is none, and nobody can log in by it.
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    if (publicBlob(Buffer.from(pair.private)) !== undefined) return pair;
  }
}

/** An agent that offers the preferred keys first, or nothing else, so that a full agent does not use up MaxAuthTries. */
export class SelectiveAgent extends ssh2.OpenSSHAgent {
  readonly #preferred: readonly Buffer[];
  readonly #only: boolean;

  constructor(socket: string, preferred: readonly Buffer[], only: boolean) {
    super(socket);
    this.#preferred = preferred;
    this.#only = only;
  }

  override getIdentities(callback: (error: Error | null | undefined, keys?: ParsedKey[]) => void): void {
    super.getIdentities((error, keys) => {
      // An agent that does not answer has no keys to offer: the files are tried next.
      if (error || !keys) return callback(null, []);
      // The types allow for agents of another make; this one always gives parsed keys.
      const parsed = keys as readonly ParsedKey[];
      const isPreferred = (key: ParsedKey) => this.#preferred.some((blob) => blob.equals(key.getPublicSSH()));
      const others = this.#only ? [] : parsed.filter((key) => !isPreferred(key));
      callback(null, [...parsed.filter(isPreferred), ...others]);
    });
  }
}

export interface Handshake {
  readonly socket: Socket | Duplex;
  readonly user: string;
  readonly algorithms: readonly string[];
  readonly verifyHostKey: (key: Buffer) => boolean;
  /** The next way to try, undefined when there is none left. `left` is what the server still allows. */
  readonly nextLogin: (left: readonly string[] | undefined) => Promise<Login | undefined>;
  readonly keepaliveMs: number;
}

/** Starts the protocol on an open socket; the client tells the rest by events. */
export function startClient(options: Handshake): Client {
  const client = new ssh2.Client();
  client.connect({
    sock: options.socket,
    username: options.user,
    // Our own timer runs instead: it stands still while the operator is asked something.
    readyTimeout: 0,
    keepaliveInterval: options.keepaliveMs,
    keepaliveCountMax: 4,
    algorithms: { serverHostKey: [...options.algorithms] as never },
    hostVerifier: (key: Buffer) => options.verifyHostKey(key),
    authHandler: ((left: AuthenticationType[] | null, _partial: boolean | null, next: (login: unknown) => void) => {
      options.nextLogin(left ?? undefined).then(
        (login) => next(login ? { ...login, username: options.user } : false),
        () => next(false),
      );
    }) as never,
  });
  return client;
}
