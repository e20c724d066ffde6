import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { RunEvent } from '../../src/pipeline.ts';
import { run } from '../lab/command.ts';
import type { Lab } from '../lab/lab.ts';
import { ecsodus, makeOperator, type Operator } from '../lab/operator.ts';
import { watch } from './plan.ts';

export const migration = 'bench';

const document = (checks: readonly string[]): string => `name: ${migration}
source: droplet
instance:
  type: t3.large
disk:
  sizeGib: 32
snapshot: none
sampleSeconds: 0
settleSeconds: 1
healthTimeoutSeconds: 120
checks: ${JSON.stringify(checks)}
`;

export const operatorOf = (lab: Lab, ...checks: readonly string[]): Promise<Operator> =>
  makeOperator(lab, { document: document(checks) });

/** What is read from now on comes from the disk. */
export const dropCaches = (): Promise<void> => writeFile('/proc/sys/vm/drop_caches', '3');

/** Seconds that each part of the freeze took, in their order: from its first change's begin to the next part's. */
export type Parts = Readonly<Record<string, number>>;

export interface Frozen {
  readonly downtimeSeconds: number;
  readonly parts: Parts;
  /** The most memory that the operator's process had. */
  readonly mib: number;
}

/**
 * Moves everything, with nothing in the page cache when the freeze begins: what was copied before is on the disk by then,
 * which here is one for all hosts, where the containers that start would have to wait for it.
 */
export async function freeze(operator: Operator): Promise<Frozen> {
  const parts = clock();
  await follow(operator, ['run', '--yes', '--json', '--until', 'register-tasks']);
  await run(['sync']);
  const { last, mib } = await follow(operator, ['run', '--yes', '--json'], (event) => {
    if (event.type === 'change-begin') {
      if (event.change.id === 'guard:arm') void dropCaches();
      if (event.step === 'cut-over') parts.enter(event.change.id.replace(/^guard:|:.*/g, ''));
    }
  });
  if (last?.downtimeSeconds === undefined) throw new Error('the run measured no downtime');
  return { downtimeSeconds: last.downtimeSeconds, parts: parts.read(), mib };
}

/** The source runs again, and the target's data stays for the next run to bring up to date. */
export async function giveBack(operator: Operator): Promise<void> {
  const { code, stderr } = await ecsodus(operator, 'rollback', '--yes', '--leave-data');
  if (code !== 0) throw new Error(`ecsodus rollback: ${stderr}`);
}

type Last = { readonly downtimeSeconds?: number };

/** Runs a command that speaks in JSON lines to its end; its last line, and the most memory it had. */
export async function follow(
  operator: Operator,
  [command = '', ...words]: readonly string[],
  onEvent: (event: RunEvent) => void = () => {},
): Promise<{ readonly last: Last | undefined; readonly mib: number }> {
  const [node = '', ...args] = operator.argv(command, ...words);
  const { directory, env } = operator;
  const child = spawn(node, ['--import', watch, ...args], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [lines, said] = [[] as string[], [] as string[]];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      onEvent(JSON.parse(line));
      lines[0] = line;
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  const stderr = said.join('').trimEnd();
  if (code !== 0) throw new Error(`ecsodus ${command}: ${stderr}`);
  return {
    last: lines[0] === undefined ? undefined : JSON.parse(lines[0]),
    mib: Number(stderr.split('\n').at(-1)) / 1024,
  };
}

/** What of cut-over keeps visitors waiting. */
const freezing = new Set(['stop', 'delta', 'prove', 'fence', 'disarm', 'start', 'open', 'forward']);

function clock() {
  const seconds: Record<string, number> = {};
  let [part, since] = ['', 0];
  const enter = (next: string) => {
    const now = performance.now();
    if (freezing.has(part)) seconds[part] = (seconds[part] ?? 0) + (now - since) / 1000;
    [part, since] = [next, now];
  };
  return { enter, read: (): Parts => seconds };
}
