import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { run } from '../lab/command.ts';
import type { Lab } from '../lab/lab.ts';
import { bridgeNetnsPath } from '../lab/network.ts';
import { until } from '../lab/processes.ts';
import type { Tally } from './faults.ts';

const program = join(import.meta.dirname, 'registry-program.ts');
const port = 8443;

export interface RegistryProxy {
  /** A registry token was handed out. */
  readonly renewed: () => void;
  readonly close: () => void;
}

/**
 * Stands in the way of whatever the hosts ask of the registry. The rule that leads them here is the bridge's namespace's
 * own, and goes with it when the lab is taken down; what the bridge itself asks, this proxy's requests, it leaves alone.
 */
export async function startRegistryProxy(lab: Lab, seed: number, tally: Tally): Promise<RegistryProxy> {
  const inside = ['nsenter', `--net=${bridgeNetnsPath(lab.name)}`];
  const words = [lab.registry.address, port, join(lab.dir, 'registry'), seed].map(String);
  const [file = '', ...args] = [...inside, process.execPath, '--import', import.meta.resolve('tsx'), program, ...words];
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let ready = false;
  child.on('message', ({ fault }: { fault?: string }) => {
    if (fault === undefined) ready = true;
    else tally.add(fault);
  });
  await until('the registry’s weather', 15_000, async () => {
    if (child.exitCode !== null) throw new Error(`the registry’s weather ended with exit code ${child.exitCode}`);
    return ready || undefined;
  });
  const to = ['-d', lab.registry.address, '-p', 'tcp', '--dport', '443'];
  const redirect = ['iptables', '-t', 'nat', '-A', 'PREROUTING', ...to, '-j', 'REDIRECT', '--to-ports', String(port)];
  await run([...inside, ...redirect]);
  return { renewed: () => tell(child), close: () => child.disconnect() };
}

function tell(child: ChildProcess): void {
  if (child.connected) child.send({ renewed: true });
}
