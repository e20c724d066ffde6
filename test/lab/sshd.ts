import { type Host, inHost, inShell, waitForSsh } from './host.ts';
import { until } from './processes.ts';

/** Ends sshd and every session at once, as a crash would, and starts it again. What sessions had detached goes on. */
export async function restartSshd(host: Host): Promise<void> {
  // Not what a container of the host runs under the same name.
  const ours = '--ns 1 --nslist pid -x sshd';
  await inHost(host, ['sh', '-c', `pkill -KILL ${ours}`]);
  await until(`sshd of ${host.name} to end`, 5_000, async () => {
    const { code } = await inHost(host, ['sh', '-c', `pgrep -r D,R,S,T ${ours}`]);
    return code === 0 ? undefined : true;
  });
  await inShell(host, 'lab-service start ssh');
  await waitForSsh(host);
}
