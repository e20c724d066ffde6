import { readFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Everything a part of the lab must know of the others: `<state directory>/lab.json`. */
export interface Lab {
  readonly name: string;
  /** The lab's state directory: /var/tmp/ecsodus-lab/NAME. */
  readonly dir: string;
  /** The subnet is `${prefix}.0/24`: .1 the operator, .3 the registry, .10 the droplet, .50 and up the instances. */
  readonly prefix: string;
  readonly registry: Registry;
  readonly droplet: { readonly address: string };
  readonly moto?: { readonly pid: number; readonly port: number };
  /** Background processes by what they are: for status; `down` finds them by their environment. */
  readonly pids: Readonly<Record<string, number>>;
  /** True once everything answered. */
  readonly ready: boolean;
}

export interface Registry {
  readonly host: string;
  readonly address: string;
  readonly user: string;
  readonly password: string;
  /** Path of the lab CA's certificate. */
  readonly ca: string;
}

export const aws = {
  region: 'us-east-1',
  accountId: '123456789012',
  accessKeyId: 'AKIALABLABLABLABLAB0',
  secretAccessKey: 'lab-secret-access-key',
} as const;

export const registryHost = `${aws.accountId}.dkr.ecr.${aws.region}.amazonaws.com`;

const stateRoot = '/var/tmp/ecsodus-lab';

/** The dot that joins a lab's and a host's name in the kernel's lists cannot be part of a lab's name. */
export function labDir(name: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,19}$/.test(name))
    throw new Error(`${name}: a lab's name is 1-20 lower-case letters, digits, dashes`);
  return join(stateRoot, name);
}

/** Held while a lab comes up or goes down; not in its directory, which goes with it. */
export const lockPath = (name: string): string => `/run/lock/ecsodus-lab/${name}`;

/** Where what is slow to make is kept from one lab to the next. */
export function cacheDir(): string {
  return process.env.ECSODUS_CACHE ?? join(homedir(), '.cache', 'ecsodus');
}

export function findLab(name: string): Lab | undefined {
  try {
    return JSON.parse(readFileSync(join(labDir(name), 'lab.json'), 'utf8')) as Lab;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function readLab(name: string): Promise<Lab> {
  return JSON.parse(await readFile(join(labDir(name), 'lab.json'), 'utf8')) as Lab;
}

/** The file is replaced at once: others read it while the lab comes up. */
export async function writeLab(lab: Lab): Promise<void> {
  const path = join(lab.dir, 'lab.json');
  await writeFile(`${path}.new`, `${JSON.stringify(lab, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
