import { appendFile, copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { type Host, hostDir } from './host.ts';
import type { Lab } from './lab.ts';

/** Aliases of the ssh_config file, by the user each logs in as. */
export const logins = {
  droplet: 'root',
  'droplet-deploy': 'deploy',
  'droplet-careful': 'careful',
  'droplet-stranger': 'nobody-special',
} as const;

/** What `careful` is asked for by sudo; nobody else is asked or has a password. */
export const sudoPassword = 'lab-sudo-password';

const keyPath = (labDir: string): string => join(labDir, 'id_ed25519');
export const sshConfigPath = (labDir: string): string => join(labDir, 'ssh_config');

export async function makeKey(labDir: string): Promise<void> {
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'ecsodus-lab', '-f', keyPath(labDir)]);
}

/** Lets the lab's key in as this user. */
export async function authorize(root: string, user: string, labDir: string): Promise<void> {
  const home = user === 'root' ? '/root' : `/home/${user}`;
  await run(['chroot', root, 'install', '-d', '-m', '700', '-o', user, '-g', user, `${home}/.ssh`]);
  await copyFile(`${keyPath(labDir)}.pub`, join(root, home, '.ssh/authorized_keys'));
}

/** Writes the ssh_config by which any client reaches the droplet; its host keys are known before the first login. */
export async function writeSshConfig(lab: Pick<Lab, 'name' | 'dir'>, droplet: Host): Promise<void> {
  const known = join(lab.dir, 'known_hosts');
  const keys = join(hostDir(lab.name, droplet.name), 'upper/etc/ssh');
  await writeFile(known, '');
  for (const file of (await readdir(keys)).filter((name) => /^ssh_host_.*\.pub$/.test(name))) {
    const [type, key] = (await readFile(join(keys, file), 'utf8')).split(' ');
    await appendFile(known, `${droplet.address} ${type} ${key}\n`);
  }
  const entries = Object.entries(logins).map(
    ([alias, user]) => `Host ${alias}
  HostName ${droplet.address}
  User ${user}
  IdentityFile ${keyPath(lab.dir)}
  IdentitiesOnly yes
  UserKnownHostsFile ${known}
  StrictHostKeyChecking yes
`,
  );
  await writeFile(sshConfigPath(lab.dir), entries.join('\n'), { mode: 0o600 });
}
