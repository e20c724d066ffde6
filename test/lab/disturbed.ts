import { type ChildProcess, spawn } from 'node:child_process';
import type { Operator } from './operator.ts';

export interface Disturbed {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The events, and the error at their end. */
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** Runs the command with --json, and does something to it or to the world when a line like `when` is seen first. */
export async function disturbed(
  operator: Operator,
  words: readonly [string, ...string[]],
  when: RegExp,
  act: (child: ChildProcess) => unknown,
): Promise<Disturbed> {
  const [file = '', ...args] = operator.argv(...words, '--json');
  const child = spawn(file, args, { cwd: operator.directory, env: operator.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  let acting: Promise<unknown> | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
    if (acting === undefined && output.stdout.split('\n').some((line) => when.test(line)))
      acting = Promise.resolve().then(() => act(child));
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.on('close', (...end) => resolve(end)),
  );
  if (acting === undefined) throw new Error(`never saw ${when}:\n${output.stdout.slice(-2000)}${output.stderr}`);
  await acting;
  return { code, signal, lines: output.stdout.trimEnd().split('\n'), stderr: output.stderr };
}
