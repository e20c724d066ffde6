import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Host, inHost } from '../host.ts';

/** Runs a script of this directory on a host, with one path as its argument. */
export async function runScript(host: Host, script: string, path: string): Promise<string> {
  const input = await readFile(join(import.meta.dirname, script), 'utf8');
  const { code, stdout, stderr } = await inHost(host, ['bash', '-s', path], { input });
  if (code !== 0 || stderr !== '') throw new Error(`${script} ${path} on ${host.name}: exit ${code}\n${stderr}`);
  return stdout;
}

/** All facts of a directory, in no order that means anything. */
export const describeTree = async (host: Host, path: string): Promise<ReadonlySet<string>> =>
  new Set((await runScript(host, 'describe.sh', path)).trimEnd().split('\n'));

/** Facts of one side alone: `- ` of the first, `+ ` of the second; no more than can be read. */
export function factsThatDiffer(one: ReadonlySet<string>, other: ReadonlySet<string>): string[] {
  const gone = [...one].filter((fact) => !other.has(fact)).map((fact) => `- ${fact.slice(0, 200)}`);
  const come = [...other].filter((fact) => !one.has(fact)).map((fact) => `+ ${fact.slice(0, 200)}`);
  return [...gone, ...come].slice(0, 60);
}
