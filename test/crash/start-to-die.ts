import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Operator } from '../lab/operator.ts';

const preload = join(import.meta.dirname, 'preload.mjs');

/** No command of the lab's needs as long; one that does hangs. */
const limitMs = 240_000;

interface Ended {
  readonly killed: boolean;
  readonly code: number | null;
  readonly error: string;
}

/** Runs the command with the preload that kills it, as `crash` says. */
export async function startToDie(
  operator: Operator,
  [command, ...words]: readonly [string, ...string[]],
  crash: object,
): Promise<Ended> {
  const [node = '', ...args] = operator.argv(command, ...words, '--json');
  const env = { ...operator.env, ECSODUS_CRASH: JSON.stringify(crash) };
  const child = spawn(node, ['--import', preload, ...args], {
    cwd: operator.directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] = (said[name] + text).slice(-20_000);
    });
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, limitMs);
  return new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      const error = late ? `it did not end in ${limitMs / 1000} s` : `exit ${code ?? signal}: ${errorOf(said)}`;
      resolve({ killed: signal === 'SIGKILL' && !late, code, error });
    });
  });
}

/** The error document with its hint; else all it said on stderr. */
function errorOf({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  return last.includes('"type":"error"') ? last : stderr.trim();
}
