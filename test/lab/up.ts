import { mkdir } from 'node:fs/promises';
import { mustRun, startAws, startSupervisor } from './aws.ts';
import { clean } from './down.ts';
import { type Bare, startDroplet } from './droplet.ts';
import type { Host } from './host.ts';
import { makeVolumesDir } from './instances-disks.ts';
import { findLab, type Lab, labDir, lockPath, writeLab } from './lab.ts';
import { withLock } from './lock.ts';
import { makeKey, writeSshConfig } from './login.ts';
import { makeNetwork } from './network.ts';
import { isOurs, marked } from './processes.ts';
import { startRegistry } from './registry.ts';
import { startResolver } from './resolver.ts';

/** Boots the droplet with what runs there. */
type Droplet = (lab: Bare) => Promise<Host>;

/** Brings a lab up, or answers with the one that is up already; what a dead one left is cleaned first. */
export async function up(name: string, droplet: Droplet = startDroplet): Promise<Lab> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error('the lab runs on Linux only, as root');
  return withLock(lockPath(name), async () => {
    const standing = findLab(name);
    if (standing && (await isUp(standing))) return standing;
    await clean(name);
    try {
      return await marked(name, () => build(name, droplet));
    } catch (error) {
      process.stderr.write(`lab: ${name} did not come up; what there is of it stays for a look until \`down\`\n`);
      throw error;
    }
  });
}

/** Ready once, and every background process still there. */
export async function isUp(lab: Lab): Promise<boolean> {
  const running = await Promise.all(Object.values(lab.pids).map((pid) => isOurs(lab.name, pid)));
  return lab.ready && running.every(Boolean);
}

async function build(name: string, startSource: Droplet): Promise<Lab> {
  const dir = labDir(name);
  await mkdir(dir, { recursive: true });
  await makeVolumesDir(dir);
  const prefix = await makeNetwork(name);
  await makeKey(dir);
  const resolver = await startResolver(name, prefix);
  const { pid: registryPid, ...registry } = await startRegistry(name, prefix);
  const bare = { name, dir, prefix, registry, droplet: { address: `${prefix}.10` }, ready: false };
  const [aws, droplet] = await Promise.all([
    bringAwsUp({ ...bare, pids: { resolver, registry: registryPid } }),
    startSource(bare),
  ]);
  await writeSshConfig(bare, droplet);
  await mustRun(name, aws.pids.instances, 'instances');
  const lab = { ...aws, pids: { ...aws.pids, droplet: droplet.pid }, ready: true };
  await writeLab(lab);
  return lab;
}

/** The supervisor reads lab.json, so that is written before it starts. */
async function bringAwsUp(bare: Lab) {
  const moto = await startAws(bare);
  const lab = { ...bare, moto };
  await writeLab(lab);
  const pids = { ...bare.pids, moto: moto.pid, instances: startSupervisor(bare.name) };
  return { ...lab, pids };
}
