import { dropletBoot } from './droplet.ts';
import { bootHost, type Host, labHost, stopHost, waitForSsh } from './host.ts';
import { shutDown } from './instances-host.ts';
import { readLab, writeLab } from './lab.ts';

const shutDownMs = 90_000;

/**
 * Cuts a host's power. What it wrote is there, synced or not: the files lie on this machine. A droplet stays off until
 * `powerOnDroplet`; an instance stays `running` for AWS, and dead, until AWS is asked to reboot or to stop and start it.
 */
export async function cutPower(lab: string, which: 'droplet' | 'instance'): Promise<void> {
  await stopHost(await labHost(lab, which));
}

/** Boots the droplet with the files it has; its containers come back by their own restart policies. */
async function powerOnDroplet(lab: string): Promise<Host> {
  const record = await readLab(lab);
  const host = await bootHost({ lab, name: 'droplet', address: record.droplet.address, boot: dropletBoot });
  await writeLab({ ...record, pids: { ...record.pids, droplet: host.pid } });
  await waitForSsh(host);
  return host;
}

/** By a power cut, or gently: then the services end first, Docker with its containers in their own time. */
export async function rebootDroplet(lab: string, how: 'power cut' | 'gently' = 'power cut'): Promise<Host> {
  const host = await labHost(lab, 'droplet');
  await (how === 'gently' ? shutDown(host, shutDownMs) : stopHost(host));
  return powerOnDroplet(lab);
}
