import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Query } from '../../../src/query.ts';

/** Runs a query as a host would, with a real sh; a non-zero exit throws what it said. */
export function run(query: Query, env: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', query.script], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', ...env },
    maxBuffer: 1e9,
  });
  if (status !== 0) throw new Error(`exit ${status}: ${stderr}`);
  return stdout;
}

export const temporaryDirectory = (): string => mkdtempSync(join(tmpdir(), "ecsodus it's a test-"));

/** A directory of commands that answer as a test says. */
export function commands(answers: Readonly<Record<string, string>>): { readonly PATH: string } {
  const bin = temporaryDirectory();
  for (const [name, script] of Object.entries(answers)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return { PATH: `${bin}:${process.env.PATH}` };
}
