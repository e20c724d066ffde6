import { parseArgs } from 'node:util';
import { down } from '../lab/down.ts';
import { up } from '../lab/up.ts';
import { type Weather, weather } from './weather.ts';

const name = 'weather';
const usage = `usage: npm run test:weather -- [--seed S] [--json]

  A whole migration in a lab of its own, while AWS throttles, fails, loses answers and hides what is new, the registry is
  busy and its token expires in the middle of a push, and the operator's connections drop. The same seed, the same draws.`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** With --json everything but the closing document goes to stderr. */
const say = (text: string) => (values.json ? process.stderr : process.stdout).write(`${text}\n`);

function report({ seed, faults, runs, endings, strays, differences }: Weather): number {
  for (const [kind, count] of Object.entries(faults).sort()) say(`  ${kind.padEnd(20)}${count}`);
  const bad = endings.flatMap((ending) => (ending.kind === 'bad' ? [ending.why] : []));
  for (const line of [...strays, ...differences, ...bad]) say(`✖ ${line}`);
  const counts = { seed, faults, runs, strays: strays.length, differences: differences.length, bad: bad.length };
  if (values.json) process.stdout.write(`${JSON.stringify(counts)}\n`);
  else say(`seed ${seed}: ${runs} runs, ${strays.length} strays, ${differences.length} differences`);
  return strays.length + differences.length + bad.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed ${values.seed} is not a whole number`);
  say(`Bad weather, seed ${seed}.`);
  await down(name);
  try {
    return report(await weather(await up(name), seed, say));
  } finally {
    await down(name);
  }
}

try {
  if (values.help) process.stdout.write(`${usage}\n`);
  else process.exitCode = await main();
} catch (error) {
  process.stderr.write(`weather: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
