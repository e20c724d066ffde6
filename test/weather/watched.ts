import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { RunEvent } from '../../src/pipeline.ts';
import type { Operator } from '../lab/operator.ts';
import { type Ending, endingOf } from './verdict.ts';

type Line = Parameters<typeof endingOf>[1][number];

/** Runs `ecsodus run --yes` to its end, each event shown as it comes. */
export async function runWatched(operator: Operator, onEvent: (event: RunEvent) => void): Promise<Ending> {
  const [file = '', ...args] = operator.argv('run', '--yes', '--json');
  const child = spawn(file, args, { cwd: operator.directory, env: operator.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: Line[] = [];
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as RunEvent & Line;
    if (line.type !== 'progress') lines.push(line);
    onEvent(line);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return endingOf(code, lines, stderr);
}
