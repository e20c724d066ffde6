import { dockerSocket } from '../docker/docker-socket.ts';
import { dockerOver } from '../docker/engine.ts';
import { MigrationError } from '../errors.ts';
import type { HostWriter, RunOptions } from '../host.ts';
import { reveal, type Secret } from '../secret.ts';
import { raw, sh } from '../shell.ts';
import type { Ssh } from './connection.ts';
import { asRoot, findPrivilege, type Privilege } from './privilege.ts';
import { isDropped } from './ssh-errors.ts';

export interface RemoteHostOptions {
  /** Asked only where the login is not root and sudo wants a password; undefined without a terminal. */
  readonly sudoPassword: () => Promise<Secret | undefined>;
}

/** A host as steps use it: scripts as root, and its Docker engine. Fails with `sudo-needed` where nothing can become root. */
export async function remoteHost(ssh: Ssh, { sudoPassword }: RemoteHostOptions): Promise<HostWriter> {
  const privilege = await findPrivilege(ssh, sudoPassword);
  const run = (script: string, options: RunOptions = {}) => runAsRoot(ssh, privilege, script, options);
  return {
    name: ssh.host,
    address: ssh.remoteAddress,
    read: (query) => run(query.script).catch((error) => (isDropped(error) ? run(query.script) : Promise.reject(error))),
    run,
    openPort: ssh.openPort,
    listen: ssh.listen,
    docker: dockerOver(dockerSocket(ssh, privilege), ssh.host),
  };
}

/** The last character of an input: text that ends otherwise was cut off. */
const endOfInput = '\x04';

/**
 * The script with all of its input, or not at all. Where the operator or the link dies before everything was sent, the
 * host sees no more than an end of input, and would keep half a record, or run half a script, as if it were whole.
 */
const withWholeInput = (script: string): string => sh`input=$(cat)
case $input in
*${endOfInput}) ;;
*) echo 'the input was cut off' >&2; exit 1 ;;
esac
printf %s "\${input%?}" | {
${raw(script)}
}`;

async function runAsRoot(ssh: Ssh, privilege: Privilege, script: string, options: RunOptions): Promise<string> {
  const { input } = options;
  const { command, greeting } = asRoot(privilege, input === undefined ? script : withWholeInput(script));
  const { stdout, stderr, code } = await ssh.exec(command, {
    ...(options.onOutput && { onOutput: options.onOutput }),
    ...(options.signal && { signal: options.signal }),
    input: greeting + (input === undefined ? '' : reveal(input) + endOfInput),
  });
  if (code !== 0) throw commandFailed(ssh.host, script, code, stderr);
  return stdout;
}

class CommandExit extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** The exit code behind a `command-failed`, for callers that can tell one from another; undefined for other errors. */
export const exitCodeOf = (error: unknown): number | undefined =>
  error instanceof MigrationError && error.cause instanceof CommandExit ? error.cause.exitCode : undefined;

function commandFailed(host: string, script: string, code: number, stderr: string): MigrationError {
  const lines = stderr.trim().split('\n').filter(Boolean).slice(-20);
  const shown = script.trim().split('\n')[0]?.slice(0, 100) ?? '';
  return new MigrationError(
    'command-failed',
    `A command on ${host} ended with exit code ${code}: ${lines.at(-1) ?? shown}`,
    {
      hint: `Look at it on the host: ssh ${host}`,
      evidence: [`command: ${shown}`, ...lines],
      cause: new CommandExit(code),
    },
  );
}
