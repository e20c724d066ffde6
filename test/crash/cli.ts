import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.ts';
import { down } from '../lab/down.ts';
import { up } from '../lab/up.ts';
import { crashThrough, type Outcome } from './story.ts';

const usage = `usage: npm run test:crash -- [--kills N] [--seed S] [--json]   (needs root, for the lab)

Moves the lab's stack, back, and again, and finishes; the command is killed at every boundary of its journal and N times
(20 where nothing is said) at moments drawn from the seed, and run again. Then AWS, both hosts and the journal are looked at.`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
});

const name = 'crash';
const started = Date.now();
const say = (line: string) =>
  process.stderr.write(`${String(Math.round((Date.now() - started) / 1000)).padStart(5)} s  ${line}\n`);

function summary({ kills, boundaries, resumes, strays, repeated, differences }: Outcome): string {
  const list = (title: string, lines: readonly string[]) => [
    `${title}: ${lines.length}`,
    ...lines.map((line) => `  ${line}`),
  ];
  return [
    `killed ${kills} times, ${boundaries} of them at boundaries of the journal; run again ${resumes} times`,
    ...list('strays in AWS', strays),
    ...list('changes made twice', repeated),
    ...list('differences', differences),
  ].join('\n');
}

try {
  if (values.help) process.stdout.write(`${usage}\n`);
  else {
    const [kills, seed] = [Number(values.kills), Number(values.seed)];
    if (![kills, seed].every((number) => Number.isInteger(number) && number >= 0)) throw new Error(usage);
    const outcome = await crashThrough(await up(name), { kills, seed, boundaries: 'all', say });
    const { strays, repeated, differences, ...counts } = outcome;
    const numbers = { strays: strays.length, repeated: repeated.length, differences: differences.length };
    (values.json ? process.stderr : process.stdout).write(`${summary(outcome)}\n`);
    if (values.json) process.stdout.write(`${JSON.stringify({ ...counts, ...numbers })}\n`);
    process.exitCode = Object.values(numbers).some((number) => number > 0) ? 1 : 0;
  }
} catch (error) {
  process.stderr.write(`crash: ${messageOf(error)}\n`);
  process.exitCode = 1;
} finally {
  if (!values.help) await down(name);
}
