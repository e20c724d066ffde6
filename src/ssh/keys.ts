import { Secret } from '../secret.ts';
import { newKeyPair, publicBlob } from './ssh2.ts';

export interface KeyPair {
  /** OpenSSH format, without a passphrase. */
  readonly privateKey: Secret;
  /** `ssh-ed25519 AAAA… comment` */
  readonly publicKey: string;
}

/** A new ed25519 key pair for SSH, made on this machine. */
export function generateKeyPair(comment: string): KeyPair {
  const pair = newKeyPair(comment);
  return { privateKey: new Secret(pair.private), publicKey: pair.public.trim() };
}

/** `type base64` of a private key, by which two keys are compared; undefined where the text is no private key. */
export function publicKeyOf(privateKey: string): string | undefined {
  const blob = publicBlob(Buffer.from(privateKey));
  return blob && `${blob.toString('latin1', 4, 4 + blob.readUInt32BE(0))} ${blob.toString('base64')}`;
}
