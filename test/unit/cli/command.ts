import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const project = new URL('../../..', import.meta.url).pathname;

/** A folder of the test file's own, gone when it ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ecsodus-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * The command, bundled from the sources as they are now: it starts in a fifth of the time that the sources themselves would
 * need. It finds its package and its dependencies where it would in the project.
 */
function bundled(): string {
  const folder = temporaryFolder();
  for (const name of ['package.json', 'node_modules']) symlinkSync(join(project, name), join(folder, name));
  execFileSync(process.execPath, ['--import', import.meta.resolve('tsx'), 'build.ts', join(folder, 'dist')], {
    cwd: project,
  });
  return join(folder, 'dist/cli.js');
}

const cli = bundled();

/**
 * Runs the real command in a network namespace that holds nothing, not even loopback is up: unless the test has an
 * AWS_ENDPOINT_URL for it, to which all calls go. The environment is empty but for what a program needs to start. `prepare`
 * is shell that runs before it in the same folder, where what it mounts is seen by nobody else.
 */
export function ecsodus(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  prepare = '',
): Promise<Ended> {
  const node = [process.execPath, cli, ...args];
  const network = env.AWS_ENDPOINT_URL === undefined ? ['--net'] : [];
  return new Promise((resolve, reject) => {
    const child = spawn('unshare', [...network, '--mount', 'sh', '-ec', `${prepare}\n"$@"`, 'sh', ...node], {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd, TMPDIR: tmpdir(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...output }));
  });
}
