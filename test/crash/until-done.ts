import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operator } from '../lab/operator.ts';
import type { Moment } from './draw.ts';
import { startToDie } from './start-to-die.ts';

/** At which boundaries one command is killed: all, or those of these numbers (in the order they come) and names. */
export interface Killing {
  readonly phase: string;
  readonly chosen: 'all' | readonly (number | string)[];
  readonly moments: readonly Moment[];
  /** What is looked at while nobody does anything, right after the kill at a boundary. */
  readonly atRest: Readonly<Record<string, () => Promise<void>>>;
  readonly say: (line: string) => void;
}

export interface Tally {
  /** Kills at boundaries. */
  readonly boundaries: number;
  /** Kills at random moments. */
  readonly random: number;
  /** How often the command was started again after a kill. */
  readonly resumes: number;
  /** What it said where it ended by itself, and not well. */
  readonly failures: readonly string[];
}

interface Recorded {
  readonly at: string;
  readonly killed: boolean;
  readonly random?: boolean;
}

const mostFailures = 3;

/** Starts the command again and again, until it ends by itself and well. */
export async function untilDone(
  operator: Operator,
  words: readonly [string, ...string[]],
  { phase, chosen, moments, atRest, say }: Killing,
): Promise<Tally> {
  const record = join(operator.directory, `crash-${phase}.jsonl`);
  await writeFile(record, '');
  const failures: string[] = [];
  let left = moments;
  for (let starts = 0; ; starts++) {
    const random = left.find(({ notBefore }) => notBefore <= starts);
    const { killed, code, error } = await startToDie(operator, words, { record, chosen, random });
    const last = (await read(record)).at(-1);
    if (killed && last !== undefined) {
      say(`${phase} ${starts + 1}: killed at ${last.at}`);
      if (last.random) left = left.slice(1);
      else await atRest[last.at]?.();
    } else if (code !== 0) {
      say(`${phase} ${starts + 1}: FAILED: ${error}`);
      failures.push(`${words.join(' ')}, start ${starts + 1} (last kill: ${last?.at ?? 'none'}): ${error}`);
      if (failures.length === mostFailures) throw new Error(failures.join('\n'));
    } else if (left.length > 0) {
      left = afterTheEnd(left, random);
    } else {
      say(`${phase} ${starts + 1}: done`);
      return tallyOf(await read(record), failures);
    }
  }
}

/** What is done may be killed yet, while it finds that nothing is left; a moment that came too late for that is let go. */
const afterTheEnd = (left: readonly Moment[], tried: Moment | undefined): Moment[] =>
  left.slice(tried?.after === 'start' ? 1 : 0).map(({ ms }) => ({ after: 'start', ms: ms % 2000, notBefore: 0 }));

function tallyOf(recorded: readonly Recorded[], failures: readonly string[]): Tally {
  const kills = recorded.filter(({ killed }) => killed);
  const random = kills.filter((kill) => kill.random === true).length;
  return { boundaries: kills.length - random, random, resumes: kills.length, failures };
}

const read = async (record: string): Promise<Recorded[]> =>
  (await readFile(record, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recorded);
