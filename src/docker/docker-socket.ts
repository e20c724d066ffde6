import type { Duplex } from 'node:stream';
import { MigrationError } from '../errors.ts';
import { quote } from '../shell.ts';
import { slots } from '../slots.ts';
import type { Ssh } from '../ssh/connection.ts';
import { asRoot, type Privilege } from '../ssh/privilege.ts';

const socketPath = '/var/run/docker.sock';

/** Each is an exec channel, of which sshd gives ten. */
const dialledAtOnce = 6;

/**
 * Opens connections to the engine: the socket forwarded by sshd, or, where sshd forwards none or the login may not open
 * it, `docker system dial-stdio` as root. The first that works is kept.
 */
export function dockerSocket(ssh: Ssh, privilege: Privilege): () => Promise<Duplex> {
  let open: (() => Promise<Duplex>) | undefined;
  const forwarded = () => ssh.openUnixSocket(socketPath);
  const limited = slots(dialledAtOnce);
  const dialled = () =>
    new Promise<Duplex>((resolve, reject) => {
      const { command, greeting } = asRoot(privilege, 'exec docker system dial-stdio');
      limited(async () => {
        const socket = await ssh.openCommand(command, greeting);
        resolve(socket);
        await new Promise((ended) => socket.once('close', ended).once('error', ended));
      }).catch(reject);
    });
  return async () => {
    if (open) return open();
    try {
      const socket = await forwarded();
      open = forwarded;
      return socket;
    } catch (error) {
      if (error instanceof MigrationError) throw error;
      await probe(ssh, privilege);
      open = dialled;
      return dialled();
    }
  };
}

/** sshd says no more than "connect failed": the docker command knows why. */
async function probe(ssh: Ssh, privilege: Privilege): Promise<void> {
  const { command, greeting } = asRoot(privilege, "exec docker version --format '{{.Server.Version}}'");
  const { code, stderr } = await ssh.exec(command, { input: greeting });
  if (code !== 0) throw dockerRefusal(ssh.host, code, stderr);
}

/** Why the docker command failed, from its exit code and words. */
export function dockerRefusal(host: string, code: number, stderr: string): MigrationError {
  const evidence = stderr.trim().split('\n').filter(Boolean).slice(-5);
  if (code === 127) {
    return new MigrationError('docker-missing', `There is no Docker on ${host}.`, {
      hint: `Check that this is the right host: ssh ${quote(host)} docker version`,
      evidence,
    });
  }
  if (/permission denied|not permitted/i.test(stderr)) {
    return new MigrationError('docker-not-permitted', `The login to ${host} may not use Docker.`, {
      hint: `On ${host}: sudo usermod -aG docker "$USER", then log in anew; or allow sudo without a password.`,
      evidence,
    });
  }
  return new MigrationError('docker-missing', `Docker on ${host} does not answer.`, {
    hint: `Start it: ssh ${quote(host)} sudo systemctl start docker. A Docker of one user (rootless) cannot be moved: run its containers with the system’s.`,
    evidence,
  });
}
