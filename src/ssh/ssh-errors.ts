import { MigrationError } from '../errors.ts';
import { quote } from '../shell.ts';
import type { HostConfig } from './config.ts';
import type { Logins } from './logins.ts';

const tryIt = ({ alias }: HostConfig): string => `See where it fails: ssh -v ${quote(alias)}`;

export function unreachable(host: HostConfig, cause: Error & { readonly code?: unknown }): MigrationError {
  const where = `${host.hostName} port ${host.port}`;
  const said: Readonly<Record<string, string>> = {
    ENOTFOUND: `There is no host ${host.hostName}: the name does not resolve.`,
    EAI_AGAIN: `The name ${host.hostName} cannot be resolved just now.`,
    ECONNREFUSED: `${where} refused the connection: no SSH server listens there.`,
  };
  const message = said[String(cause.code)] ?? `${where} cannot be reached over SSH: ${cause.message || cause.code}`;
  return new MigrationError('ssh-unreachable', message, { hint: tryIt(host), cause });
}

export const timedOut = (host: HostConfig, timeoutMs: number): MigrationError =>
  unreachable(host, new Error(`the login was not done within ${timeoutMs / 1000} s`));

export function authFailed(
  host: HostConfig,
  { tried, locked }: Logins,
  left: readonly string[] | undefined,
  cause?: Error,
) {
  const login = `${host.user}@${host.hostName}`;
  if (locked.length > 0) {
    return new MigrationError('ssh-key-locked', `The key ${locked[0]} needs its passphrase to log in as ${login}.`, {
      hint: `Unlock it first: ssh-add ${quote(locked[0] as string)}`,
      evidence: tried.map((key) => `refused: ${key}`),
      cause,
    });
  }
  const key = tried.length > 0 ? '' : `Make a key with ssh-keygen, or name yours (IdentityFile in your ssh_config). `;
  const tooMany = /too many auth/i.test(cause?.message ?? '');
  const hint = tooMany
    ? `Name the key for ${host.alias} in your ssh_config: IdentityFile <key> and IdentitiesOnly yes`
    : `${key}Give it to the host: ssh-copy-id -p ${host.port} ${quote(login)}. Or, if ${host.user} is the wrong login, name the right one: User in your ssh_config, or user@host.`;
  return new MigrationError('ssh-auth-failed', `${host.hostName} does not let ${host.user} in with any key of yours.`, {
    hint,
    evidence: [
      ...(tried.length === 0
        ? ['there was no key to offer', ...host.identityFiles.map((file) => `no key in ${file}`)]
        : tried.map((key) => `refused: ${key}`)),
      ...(left ? [`the server accepts: ${left.join(', ')}`] : []),
    ],
    cause,
  });
}

export const handshakeFailed = (host: HostConfig, cause: Error): MigrationError =>
  new MigrationError(
    'ssh-handshake',
    `${host.hostName} and ecsodus could not agree on how to speak SSH: ${cause.message}`,
    {
      hint: tryIt(host),
      cause,
    },
  );

/** Whether a call failed since its connection was lost: it may have been made all the same. */
export const isDropped = (error: unknown): boolean => error instanceof MigrationError && error.code === 'ssh-dropped';

export const dropped = (host: string, cause?: unknown): MigrationError =>
  new MigrationError('ssh-dropped', `The SSH connection to ${host} was lost.`, {
    hint: `Check the way there (ssh ${quote(host)}), then run the same command again: it goes on where it stopped.`,
    cause,
  });
