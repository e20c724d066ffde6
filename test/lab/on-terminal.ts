import { spawn } from 'node:child_process';
import { quote } from '../../src/shell.ts';
import type { Operator } from './operator.ts';

/** Runs the command on a terminal of its own, and types each answer when its question is seen. */
export async function onTerminal(
  operator: Operator,
  words: readonly [string, ...string[]],
  answers: readonly { readonly question: RegExp; readonly typed: string }[],
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const command = operator
    .argv(...words)
    .map(quote)
    .join(' ');
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: operator.directory,
    env: { ...operator.env, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  let read = 0;
  const left = [...answers];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    const [next] = left;
    const found = next?.question.exec(screen.slice(read));
    if (!next || !found) return;
    left.shift();
    read = screen.length;
    child.stdin.write(`${next.typed}\r`);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  child.stdin.destroy();
  return { code, screen };
}
