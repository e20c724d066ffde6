import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lab/command.ts';
import { exists } from '../lab/debian.ts';
import { cacheDir } from '../lab/lab.ts';
import { keyOf } from '../lab/rootfs.ts';

/** Every package by its version: the figures are of these, whatever is published later. */
const describers = [
  ...['runlike==1.5.4', 'docker-autocompose==1.3.0'],
  ...['click==8.5.1', 'docker==7.1.0', 'pyaml==24.9.0', 'PyYAML==6.0.3', 'requests==2.34.2', 'urllib3==2.8.0'],
  ...['certifi==2026.10.18', 'charset-normalizer==3.5.2', 'idna==3.20'],
];

/** The last compose in Python, with what it needs; it takes every key that docker-autocompose writes. */
const compose = [
  ...['docker-compose==1.29.2', 'docker==5.0.3', 'requests==2.31.0', 'urllib3==1.26.20', 'PyYAML==6.0.3'],
  ...['python-dotenv==0.21.1', 'docopt==0.6.2', 'jsonschema==3.2.0', 'texttable==1.7.0', 'websocket-client==0.59.0'],
  ...['dockerpty==0.4.1', 'distro==1.9.0', 'six==1.17.0', 'attrs==25.4.0', 'pyrsistent==0.20.0', 'setuptools==75.8.0'],
  ...['certifi==2026.10.18', 'charset-normalizer==3.5.2', 'idna==3.20'],
];

export interface Peers {
  readonly runlike: string;
  readonly autocompose: string;
  readonly compose: string;
  readonly versions: Readonly<Record<'runlike' | 'docker-autocompose' | 'docker-compose', string>>;
}

/** The programs users have today, from PyPI; installed once. */
export async function installPeers(): Promise<Peers> {
  const [tools, composer] = [await venv(describers), await venv(compose)];
  return {
    runlike: join(tools, 'bin/runlike'),
    autocompose: join(tools, 'bin/autocompose'),
    compose: join(composer, 'bin/docker-compose'),
    versions: {
      runlike: versionIn(describers, 'runlike'),
      'docker-autocompose': versionIn(describers, 'docker-autocompose'),
      'docker-compose': versionIn(compose, 'docker-compose'),
    },
  };
}

const versionIn = (pins: readonly string[], name: string): string =>
  pins.find((pin) => pin.startsWith(`${name}==`))?.slice(name.length + 2) ?? '';

/** Programs of a venv name its path in their first line, so it is made where it stays; the mark says that it is whole. */
async function venv(pins: readonly string[]): Promise<string> {
  const path = join(cacheDir(), `bench-${keyOf({ pins })}`);
  const mark = join(path, 'whole');
  if (await exists(mark)) return path;
  process.stderr.write(`bench: installing ${pins[0]} and what it needs from PyPI\n`);
  await rm(path, { recursive: true, force: true });
  await run(['/usr/bin/python3', '-m', 'venv', path]);
  await run([join(path, 'bin/pip'), 'install', '--quiet', '--no-deps', ...pins]);
  await writeFile(mark, '');
  return path;
}
