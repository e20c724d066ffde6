import { chmod, copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, type Outcome, run } from './command.ts';
import { exists } from './debian.ts';
import { labDir } from './lab.ts';
import { netnsOf, plugIn, unplug } from './network.ts';
import { endProcess, isOurs, startProcess, until } from './processes.ts';
import { hostRoot } from './rootfs.ts';

export interface HostSpec {
  readonly lab: string;
  readonly name: string;
  readonly address: string;
  /** Entries of /etc/hosts: name → address. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Edits the host's files before it boots; what is written lands in the host's own layer. */
  readonly prepare: (root: string) => Promise<void>;
  /** The first program in the host; `lab-init ssh docker` starts both services. */
  readonly boot: readonly string[];
}

export interface Host {
  readonly lab: string;
  readonly name: string;
  readonly address: string;
  /** The host's first process, as seen from outside. */
  readonly pid: number;
  /** Its file tree, as seen from outside. */
  readonly root: string;
  /** Its directory on the real disk: layer, Docker's files, logs. */
  readonly dir: string;
}

const files = join(import.meta.dirname, 'rootfs');
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const hostDir = (lab: string, name: string): string => join(labDir(lab), 'hosts', name);

/** Dresses a host and boots it. */
export async function startHost(spec: HostSpec): Promise<Host> {
  const dir = hostDir(spec.lab, spec.name);
  for (const part of ['upper', 'work', 'root', 'docker']) await mkdir(join(dir, part), { recursive: true });
  await withTree(await hostRoot(), dir, async (root) => {
    await dress(root, spec);
    await spec.prepare(root);
  });
  return bootHost(spec);
}

/**
 * Boots a host with the files it has; resolves once its first program runs, which is before its services answer
 * (`waitForSsh`, `waitForDocker`).
 */
export async function bootHost(spec: Pick<HostSpec, 'lab' | 'name' | 'address' | 'boot'>): Promise<Host> {
  const { lab, name, address } = spec;
  const lower = await hostRoot();
  const dir = hostDir(lab, name);
  const netns = await plugIn(lab, name, address);
  // The parent of the host's first process stays: it goes when that one goes, and takes it along.
  const isolate = ['unshare', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child'];
  const boot = ['sh', join(files, 'boot.sh'), lower, dir, name, ...spec.boot];
  const log = join(dir, 'boot.log');
  const parent = startProcess(lab, ['nsenter', `--net=${netns}`, ...isolate, ...boot], log, {
    PATH: path,
    HOME: '/root',
  });
  const pid = await until(`host ${name} to boot (see ${log})`, 15_000, async () => {
    if (!(await isRunning(parent))) throw new Error(`host ${name} did not boot:\n${await readFile(log, 'utf8')}`);
    const [child] = (await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8').catch(() => '')).split(' ');
    return child && (await exists(`/proc/${child}/root/run/lab-booted`)) ? Number(child) : undefined;
  });
  const host = { lab, name, address, pid, root: `/proc/${pid}/root`, dir };
  await writeFile(join(dir, 'host.json'), JSON.stringify(host));
  return host;
}

/** Ends a host at once, as a power cut would; its files stay. For a clean end: `inHost(host, ['lab-service', 'stop', …])` first. */
export async function stopHost({ lab, name, address, pid, dir }: Host): Promise<void> {
  if (await isOurs(lab, pid)) endProcess(pid);
  await until(`host ${name} to end`, 15_000, async () => ((await isRunning(pid)) ? undefined : true));
  await unplug(lab, name, address);
  await removeCgroups(netnsOf(lab, name));
  await attempt(['umount', join(dir, 'root')]);
}

/** The hosts of a lab that run now, the one started last first. */
export async function runningHosts(lab: string): Promise<readonly Host[]> {
  const names = await readdir(join(labDir(lab), 'hosts')).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(hostDir(lab, name), 'host.json');
      if (!(await exists(path))) return [];
      const host = JSON.parse(await readFile(path, 'utf8')) as Host;
      return (await isOurs(lab, host.pid)) ? [{ host, since: (await stat(path)).mtimeMs }] : [];
    }),
  );
  return found
    .flat()
    .sort((one, other) => other.since - one.since)
    .map(({ host }) => host);
}

export const enterHost = ({ pid }: Pick<Host, 'pid'>): readonly string[] => [
  'nsenter',
  `--target=${pid}`,
  '--mount',
  '--pid',
  '--net',
  '--uts',
  '--ipc',
  '--root',
  '--wd',
  '--',
];

/** Runs a program in the host, around ssh: for the lab itself, never for what is tested in it. */
export function inHost(
  host: Pick<Host, 'pid'>,
  argv: readonly string[],
  options: { input?: string } = {},
): Promise<Outcome> {
  return attempt([...enterHost(host), ...argv], { ...options, env: { PATH: path, HOME: '/root', LC_ALL: 'C.UTF-8' } });
}

export const waitForSsh = (host: Host): Promise<true> =>
  until(`sshd of ${host.name}`, 15_000, async () => {
    const { code } = await inHost(host, ['bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/22']);
    return code === 0 ? true : undefined;
  });

export const waitForDocker = (host: Host): Promise<true> =>
  until(`dockerd of ${host.name} (see /var/log/dockerd.log there)`, 60_000, async () => {
    const { code } = await inHost(host, ['curl', '-sf', '--unix-socket', '/run/docker.sock', 'http://d/_ping']);
    return code === 0 ? true : undefined;
  });

/** Removes the control groups a host's containers left behind: all are empty once its processes are gone. */
export async function removeCgroups(prefix: string): Promise<void> {
  const top = '/sys/fs/cgroup';
  const controllers = (await readdir(top, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const parent of [top, ...controllers.map(({ name }) => join(top, name))]) {
    const found = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(prefix));
    for (const name of found)
      await attempt(['find', join(parent, name), '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
  }
}

/** Shows the host's file tree while `work` runs; it is mounted again, in the host's own namespace, at boot. */
export async function withTree(lower: string, dir: string, work: (root: string) => Promise<void>): Promise<void> {
  const root = join(dir, 'root');
  const layers = `lowerdir=${lower},upperdir=${join(dir, 'upper')},workdir=${join(dir, 'work')}`;
  await run(['mount', '-t', 'overlay', 'overlay', '-o', layers, root]);
  try {
    await work(root);
  } finally {
    await run(['umount', root]);
  }
}

async function dress(root: string, { lab, name, address, hosts }: HostSpec): Promise<void> {
  const entries = { localhost: '127.0.0.1', [name]: address, ...hosts };
  const lines = Object.entries(entries).map(([host, at]) => `${at}\t${host}\n`);
  await writeFile(join(root, 'etc/hosts'), lines.join(''));
  await writeFile(join(root, 'etc/hostname'), `${name}\n`);
  await writeFile(join(root, 'etc/resolv.conf'), `nameserver ${address.replace(/\d+$/, '3')}\n`);
  await writeFile(join(root, 'etc/lab-cgroup'), `${netnsOf(lab, name)}\n`);
  await writeFile(join(root, 'etc/ssh/sshd_config.d/lab.conf'), 'LogLevel VERBOSE\nUseDNS no\n');
  for (const program of ['lab-init', 'lab-service']) {
    await copyFile(join(files, program), join(root, 'usr/local/sbin', program));
    await chmod(join(root, 'usr/local/sbin', program), 0o755);
  }
  await run(['chroot', root, 'ssh-keygen', '-A']);
}

async function isRunning(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return state !== '' && !/^\d+ \(.*\) Z/s.test(state);
}

/** The droplet of a lab, or its newest instance. */
export async function labHost(lab: string, which: 'droplet' | 'instance'): Promise<Host> {
  const found = (await runningHosts(lab)).find(({ name }) => (name === 'droplet') === (which === 'droplet'));
  if (found === undefined) throw new Error(`the lab ${lab} runs no ${which}`);
  return found;
}

/** What a script prints on a host; an error where it fails. */
export async function inShell(host: Host, script: string): Promise<string> {
  const { stdout, stderr, code } = await inHost(host, ['sh', '-c', script]);
  if (code !== 0) throw new Error(`${host.name}: exit ${code}: ${stderr}`);
  return stdout;
}
