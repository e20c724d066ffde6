import { MigrationError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { raw, sh } from '../shell.ts';
import type { Ssh } from './connection.ts';

/** How commands become root's on a host. */
export type Privilege =
  | { readonly kind: 'root' }
  | { readonly kind: 'sudo' }
  | { readonly kind: 'sudo-password'; readonly password: Secret };

/** A command line for the login shell, and what has to go into its standard input before anything else. */
export interface RootCommand {
  readonly command: string;
  readonly greeting: string;
}

/**
 * A script as root: English messages, all the usual places on the path, and SSH_CLIENT, which sudo would drop.
 * `-k` makes sudo ask for the password even where it remembers one, so that it never ends up in the script's input.
 */
export function asRoot(privilege: Privilege, script: string): RootCommand {
  const prelude =
    'SSH_CLIENT=$1 LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin"';
  const shell = sh`sh -c ${`export ${prelude}; shift\n${script}`} sh "$SSH_CLIENT"`;
  const line = (sudo: string) => sh`exec ${raw(sudo)}${raw(shell)}`;
  if (privilege.kind === 'root') return { command: line(''), greeting: '' };
  if (privilege.kind === 'sudo') return { command: line('env LC_ALL=C sudo -n '), greeting: '' };
  return { command: line("env LC_ALL=C sudo -k -S -p '' "), greeting: `${privilege.password.reveal()}\n` };
}

/** Asks for the sudo password only where nothing less will do. */
export async function findPrivilege(ssh: Ssh, sudoPassword: () => Promise<Secret | undefined>): Promise<Privilege> {
  const { stdout } = await ssh.exec('id -u');
  if (stdout.trim() === '0') return { kind: 'root' };
  // The very command that asRoot uses, since sudoers may free some commands from the password and not others.
  const silent = await ssh.exec("exec env LC_ALL=C sudo -n -k sh -c ':'");
  if (silent.code === 0) return { kind: 'sudo' };
  if (!/password is required/i.test(silent.stderr)) throw await sudoNeeded(ssh, silent.code, silent.stderr);
  const password = await sudoPassword();
  if (password === undefined) throw nobodyToAsk(ssh);
  const privilege: Privilege = { kind: 'sudo-password', password };
  const { command, greeting } = asRoot(privilege, ':');
  const asked = await ssh.exec(command, { input: greeting });
  if (asked.code === 0) return privilege;
  if (!/incorrect password|try again/i.test(asked.stderr)) throw await sudoNeeded(ssh, asked.code, asked.stderr);
  throw new MigrationError('sudo-password-wrong', `${ssh.host} did not accept the sudo password.`, {
    hint: `Try it by hand: ssh -t ${ssh.host} sudo -v`,
  });
}

const nobodyToAsk = ({ host }: Ssh): MigrationError =>
  new MigrationError('sudo-password-needed', `sudo on ${host} wants a password, and there is no terminal to ask on.`, {
    hint: `Run it in a terminal, or allow sudo without a password on ${host}: echo "$USER ALL=(ALL) NOPASSWD:ALL" | sudo tee /etc/sudoers.d/ecsodus`,
  });

/** Docker's data is root's, so its group alone is not enough; yet whoever is not in it either is told so first. */
async function sudoNeeded({ host, exec }: Ssh, code: number, stderr: string): Promise<MigrationError> {
  const mayUseDocker = (await exec('test -w /var/run/docker.sock')).code === 0;
  const user = (await exec('id -un')).stdout.trim();
  const isThere = code !== 127;
  const why = isThere ? 'cannot become root with sudo' : 'cannot become root: there is no sudo';
  const message = mayUseDocker
    ? `The login to ${host} is not root and ${why}.`
    : `The login to ${host} may not use Docker, and ${why}.`;
  const allow = `echo '${user} ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/ecsodus`;
  return new MigrationError(mayUseDocker ? 'sudo-needed' : 'docker-not-permitted', message, {
    hint: `Log in as root: "source: ${asRootOf(host)}" in ecsodus.yaml. Or, as root on ${host}: ${isThere ? '' : 'apt-get install -y sudo && '}${allow}`,
    evidence: stderr.trim() === '' ? [] : stderr.trim().split('\n').slice(-5),
  });
}

/** The same host by the login root, as ecsodus.yaml takes it. */
const asRootOf = (host: string): string => `root@${host.replace(/^(ssh:\/\/)?(.*@)?/, '')}`;
