import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { type Moto, startMoto } from './moto.ts';
import { isOurs, logPath, startProcess } from './processes.ts';
import { registryStorage } from './registry.ts';

/** Instances get addresses from .50 up; the supervisor boots a host for each. */
export const startAws = ({ name, dir, prefix, registry }: Lab): Promise<Moto> =>
  startMoto({
    lab: name,
    dir,
    firstAddress: `${prefix}.50`,
    registryPassword: registry.password,
    registryStorage: registryStorage(name),
    hosts: true,
  });

export function startSupervisor(lab: string): number {
  const program = join(import.meta.dirname, 'instances.ts');
  const tsx = import.meta.resolve('tsx');
  return startProcess(lab, [process.execPath, '--import', tsx, program, lab], logPath(lab, 'instances'));
}

export async function mustRun(lab: string, pid: number, name: string): Promise<void> {
  if (!(await isOurs(lab, pid))) throw new Error(`${name} ended at once: see ${logPath(lab, name)}`);
}
