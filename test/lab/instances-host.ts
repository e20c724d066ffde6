import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, run } from './command.ts';
import { type Host, inHost, startHost, stopHost } from './host.ts';
import type { Lab } from './lab.ts';
import type { Machine } from './moto-state.ts';
import { until } from './processes.ts';
import { registryEntry, trustRegistry } from './registry.ts';

const files = join(import.meta.dirname, 'instance');
const programs = { 'instance-init': 'usr/local/sbin', systemctl: 'usr/bin', 'cloud-init': 'usr/bin', dnf: 'usr/bin' };

/** Boots the host of an EC2 instance, dressed as Amazon's ECS image; a stopped one comes back with its files. */
export async function bootMachine(lab: Lab, machine: Machine, address: string): Promise<Host> {
  const host = await startHost({
    lab: lab.name,
    name: machine.id,
    address,
    hosts: { ...registryEntry(lab.registry), ...(machine.privateIp ? { [hostname(machine)]: machine.privateIp } : {}) },
    prepare: (root) => dress(root, lab, machine),
    boot: ['instance-init'],
  });
  await inHost(host, ['hostname', hostname(machine)]);
  // The instance reaches itself by its private address, as containers may have it in their configuration.
  if (machine.privateIp) await inHost(host, ['ip', 'addr', 'add', `${machine.privateIp}/32`, 'dev', 'lo']);
  return host;
}

/** The boot waits for this before it mounts file systems. */
export const devicesReady = (host: Host): Promise<void> => writeFile(join(host.root, 'run/lab-devices-ready'), '');

/** Shuts down as an operating system does; what does not end in time is ended as by a power cut. */
export async function shutDown(host: Host, graceMs: number): Promise<void> {
  await inHost(host, ['kill', '-TERM', '1']);
  await until('the shutdown', graceMs, async () => {
    const { code } = await attempt(['test', '-e', `/proc/${host.pid}`]);
    return code === 0 ? undefined : true;
  }).catch(() => {});
  await stopHost(host);
}

/** Whether systemctl in the host says that the unit runs. */
export async function isUnitActive(host: Pick<Host, 'root'>, unit: string): Promise<boolean> {
  const state = await readFile(join(host.root, 'run/lab-units', unit), 'utf8').catch(() => '');
  return state.trim() === 'active';
}

export const readConsole = (host: Pick<Host, 'root'>): Promise<string> =>
  readFile(join(host.root, 'var/log/lab-console.log'), 'utf8').catch(() => '');

const hostname = ({ privateIp, id }: Machine): string => (privateIp ? `ip-${privateIp.replaceAll('.', '-')}` : id);

async function dress(root: string, lab: Lab, machine: Machine): Promise<void> {
  await trustRegistry(root, lab.registry);
  for (const [program, directory] of Object.entries(programs)) {
    await copyFile(join(files, program), join(root, directory, program));
    await chmod(join(root, directory, program), 0o755);
  }
  await run(['chroot', root, 'sh', '-s', machine.publicKey?.trim() ?? ''], {
    input: await readFile(join(files, 'prepare.sh'), 'utf8'),
  });
  await writeFile(join(root, 'etc/ssh/sshd_config.d/instance.conf'), 'PermitRootLogin no\nPasswordAuthentication no\n');
  const cloud = join(root, 'var/lib/cloud/instance');
  await mkdir(cloud, { recursive: true });
  await writeFile(join(cloud, 'user-data.txt'), Buffer.from(machine.userData, 'base64'), { mode: 0o600 });
}
