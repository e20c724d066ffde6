import { readFile } from 'node:fs/promises';
import type { Secret } from '../secret.ts';
import type { HostConfig } from './config.ts';
import { type Login, parsePrivateKey, publicBlob, SelectiveAgent } from './ssh2.ts';

export type AskPassphrase = (file: string) => Promise<Secret | undefined>;

/** Ways to log in, one after the other, and what was tried, for the message when none works. */
export interface Logins {
  readonly next: () => Promise<Login | undefined>;
  readonly tried: readonly string[];
  /** Keys left out because nobody was there to give the passphrase. */
  readonly locked: readonly string[];
}

interface KeyFile {
  readonly file: string;
  readonly text: Buffer;
}

/** The agent first, then readable key files, and encrypted ones last, so that a passphrase is asked only when it may help. */
export async function logins(host: HostConfig, askPassphrase: AskPassphrase): Promise<Logins> {
  const files = await readKeyFiles(host.identityFiles);
  const tried: string[] = [];
  const locked: string[] = [];
  const attempts = attempt(host, files, askPassphrase, tried, locked);
  return { next: async () => (await attempts.next()).value ?? undefined, tried, locked };
}

async function* attempt(
  host: HostConfig,
  files: readonly KeyFile[],
  askPassphrase: AskPassphrase,
  tried: string[],
  locked: string[],
): AsyncGenerator<Login, undefined> {
  if (host.agent !== undefined) {
    tried.push('ssh-agent');
    yield {
      type: 'agent',
      agent: new SelectiveAgent(host.agent, await publicKeys(host.identityFiles), host.identitiesOnly),
    };
  }
  for (const { file, text } of files) {
    const key = parsePrivateKey(text);
    if (key === undefined || key === 'encrypted') continue;
    tried.push(file);
    yield { type: 'publickey', key };
  }
  for (const keyFile of files.filter(({ text }) => parsePrivateKey(text) === 'encrypted')) {
    const key = await unlock(keyFile, askPassphrase);
    (key === undefined ? locked : tried).push(keyFile.file);
    if (key !== undefined) yield { type: 'publickey', key };
  }
  return undefined;
}

/** Asks up to three times, as ssh does. */
async function unlock({ file, text }: KeyFile, askPassphrase: AskPassphrase) {
  for (let asked = 0; asked < 3; asked += 1) {
    const passphrase = await askPassphrase(file);
    if (passphrase === undefined) return undefined;
    const key = parsePrivateKey(text, passphrase);
    if (key !== 'encrypted') return key;
  }
  return undefined;
}

async function readKeyFiles(files: readonly string[]): Promise<readonly KeyFile[]> {
  const read = files.map(async (file) =>
    readFile(file).then(
      (text) => [{ file, text }],
      () => [],
    ),
  );
  return (await Promise.all(read)).flat();
}

/** A key may be in the agent alone, with only its public half on disk, or be named by its `.pub` file. */
async function publicKeys(files: readonly string[]): Promise<readonly Buffer[]> {
  const read = await readKeyFiles(files.flatMap((file) => [`${file}.pub`, file]));
  return read.flatMap(({ text }) => publicBlob(text) ?? []);
}
