import { closeSync, openSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { attempt } from './command.ts';
import { aws, cacheDir } from './lab.ts';
import { startProcess, until } from './processes.ts';

interface MotoOptions {
  /** The lab whose process it is; it is ended with the lab's others. */
  readonly lab: string;
  /** Where moto.log goes. */
  readonly dir: string;
  readonly port?: number;
  /** The public address of the first instance; the next ones follow it. */
  readonly firstAddress?: string;
  readonly registryPassword?: string;
  /** Where the registry that stands for ECR keeps its files. */
  readonly registryStorage?: string;
  /** Instances stay `pending` until the supervisor (instances.ts) booted a host for them. */
  readonly hosts?: boolean;
}

export interface Moto {
  readonly pid: number;
  readonly port: number;
}

const launcher = join(import.meta.dirname, 'moto-launcher.py');

/** Starts the lab's AWS on a loopback port and waits until it answers. */
export async function startMoto(options: MotoOptions): Promise<Moto> {
  const port = options.port ?? (await freePort());
  const log = join(options.dir, 'moto.log');
  // Created here, so that a message about it never names a file that is not there.
  closeSync(openSync(log, 'a'));
  const argv = [await findPython(), launcher, ...launcherArguments(options, port)];
  const pid = startProcess(options.lab, argv, log, { ...process.env, PYTHONDONTWRITEBYTECODE: '1' });
  await until(`moto to answer (see ${log})`, 60_000, async () => {
    if (!isAlive(pid)) throw new Error(`moto ended at once: see ${log}`);
    return (await answers(port)) ? true : undefined;
  });
  return { pid, port };
}

export const motoUrl = ({ port }: Pick<Moto, 'port'>): string => `http://127.0.0.1:${port}`;

function launcherArguments(
  { firstAddress, registryPassword, registryStorage, hosts }: MotoOptions,
  port: number,
): string[] {
  return [
    `--port=${port}`,
    `--region=${aws.region}`,
    ...(firstAddress ? [`--first-address=${firstAddress}`] : []),
    ...(registryPassword ? [`--registry-password=${registryPassword}`] : []),
    ...(registryStorage ? [`--registry-storage=${registryStorage}`] : []),
    ...(hosts ? ['--hosts'] : []),
  ];
}

/** The Python that has moto: the machine's own, else the one in the cache. */
async function findPython(): Promise<string> {
  const candidates = ['python3', join(cacheDir(), 'venv', 'bin', 'python')];
  for (const python of candidates) {
    const { code } = await attempt([python, '-c', 'import moto, flask, werkzeug']).catch(() => ({ code: 1 }));
    if (code === 0) return python;
  }
  throw new Error(`no Python with moto among ${candidates.join(', ')}: pip install 'moto[server]==5.2.*'`);
}

async function answers(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/lab/state`, { method: 'POST' }).catch(() => undefined);
  return response?.ok ?? false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
