import { join } from 'node:path';
import { attempt } from './command.ts';
import type { Host } from './host.ts';
import { netnsOf } from './network.ts';
import { endProcess, logPath, startProcess, until } from './processes.ts';

const program = join(import.meta.dirname, 'relay-program.ts');

interface Relay {
  /** Where it listens: clients inside this host use it. */
  readonly on: Pick<Host, 'lab' | 'name'>;
  readonly listen: Endpoint;
  readonly to: Endpoint;
  /** How much longer one round trip takes. */
  readonly delayMs: number;
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * A far-away place, without `tc netem`: connections to `listen` reach `to` from inside the host's network, later, and
 * as fast as before. Answers with its process's number, for `endRelay`. It does not survive its host.
 */
export async function startRelay({ on, listen, to, delayMs }: Relay): Promise<number> {
  const inside = ['nsenter', `--net=/run/netns/${netnsOf(on.lab, on.name)}`];
  const tsx = import.meta.resolve('tsx');
  const words = [listen.address, listen.port, to.address, to.port, delayMs].map(String);
  const log = logPath(on.lab, `relay-${on.name}-${listen.port}`);
  const pid = startProcess(on.lab, [...inside, process.execPath, '--import', tsx, program, ...words], log);
  await until(`the relay (see ${log})`, 15_000, async () => {
    const { stdout } = await attempt([...inside, 'ss', '-Hltn', `src ${listen.address}:${listen.port}`]);
    return stdout === '' ? undefined : true;
  });
  return pid;
}

/** The connections through it break off. */
export const endRelay = (pid: number): void => endProcess(pid);
