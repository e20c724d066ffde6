import { copyFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, run } from './command.ts';

const suites = ['bookworm', 'bookworm-updates', 'bookworm-security'];
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** What decides how a root file system comes out; part of the key of everything that is built on one. */
export const recipe = {
  version: 1,
  dpkg: [
    'path-exclude=/usr/share/man/*',
    'path-exclude=/usr/share/doc/*',
    'path-exclude=/usr/share/info/*',
    'path-exclude=/usr/share/locale/*',
    // Nothing here has to survive a power cut half-way: a build that did not end is thrown away.
    'force-unsafe-io',
  ],
};

/** A minimal Debian with apt, from the mirror and the proxy the machine itself uses; from Debian's own where it has none. */
export async function makeDebian(root: string): Promise<void> {
  const options = [
    ...recipe.dpkg.map((option) => `--dpkgopt=${option}`),
    ...(await proxySettings()).map((setting) => `--aptopt=${setting}`),
    // Keeps the package lists, so that what is added later needs no second update.
    '--skip=cleanup/apt/lists',
  ];
  const sources = (await machineSources()).map((source) => `deb [signed-by=${keyring}] ${source} main\n`).join('');
  const make = ['mmdebstrap', '--mode=root', '--variant=minbase', ...options, 'bookworm', root];
  await run([...isolated('/proc'), ...make, ...(sources === '' ? [] : ['-'])], { input: sources });
}

/** Adds packages to a Debian made by `makeDebian`; no service is started, and no package file is left behind. */
export async function installPackages(root: string, packages: readonly string[]): Promise<void> {
  const policy = join(root, 'usr/sbin/policy-rc.d');
  await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  await copyFile('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
  const install = [
    'apt-get',
    '-o',
    'APT::Sandbox::User=root',
    'install',
    '-qy',
    '--no-install-recommends',
    ...packages,
  ];
  await run([...isolated(join(root, 'proc')), 'chroot', root, ...install], {
    env: { ...process.env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  });
  await rm(policy);
  await run(['chroot', root, 'apt-get', 'clean']);
}

/** Namespaces that take along, however it ends, what a build mounts and what its packages start. */
const isolated = (proc: string): readonly string[] => [
  'unshare',
  '--fork',
  '--pid',
  '--kill-child',
  `--mount-proc=${proc}`,
];

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** None unless the machine has all the suites: on another release, mmdebstrap's defaults will do. */
async function machineSources(): Promise<readonly string[]> {
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)';
  const { stdout } = await attempt(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']);
  const found = stdout.split('\n').flatMap((line) => {
    const [uri, suite, component] = line.split(' ');
    return component === 'main' && suites.includes(suite ?? '') ? [`${uri} ${suite}`] : [];
  });
  return found.length === suites.length ? found : [];
}

async function proxySettings(): Promise<readonly string[]> {
  const { stdout } = await attempt(['apt-config', 'dump', '--format', '%f "%v";%n', 'Acquire::http::Proxy']);
  return stdout.split('\n').filter((line) => /Proxy "\S+";$/.test(line));
}
