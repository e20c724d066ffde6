import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MigrationError } from '../errors.ts';

/** Runs the demo that comes with the sources: a whole migration in the local lab. Returns its exit code. */
export function demoCommand(flags: readonly string[]): Promise<number> {
  // From this file, and from the bundle.
  const script = ['../../test/lab/demo.sh', '../test/lab/demo.sh']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find(existsSync);
  if (script === undefined) {
    throw new MigrationError('no-lab', 'The demo needs the lab, which is not part of this installation.', {
      hint: 'Run it from a clone: git clone https://github.com/ecsodus/ecsodus && cd ecsodus && npm run demo',
    });
  }
  return new Promise((resolve, reject) => {
    const child = spawn('bash', [script, ...flags], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
