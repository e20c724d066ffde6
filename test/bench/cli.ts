import { parseArgs } from 'node:util';
import { data } from './data.ts';
import { fidelity } from './fidelity.ts';
import { plan } from './plan.ts';
import { plan200 } from './plan-200.ts';
import { resume } from './resume.ts';

const benches = {
  data: {
    about:
      'how the freeze grows with the data, and first copies beside rsync -az and tar (15 min); --million: memory alone',
    run: data,
  },
  fidelity: {
    about: 'what survives of one container’s settings: runlike, docker-autocompose and ecsodus side by side (2 min)',
    run: fidelity,
  },
  plan: {
    about: 'an offline plan of 1 to 500 containers: time and memory, beside runlike (2 min)',
    run: plan,
  },
  'plan-200': {
    about: 'how long plan takes on the lab’s stack, and on 200 containers over a 20 ms relay (5 min)',
    run: plan200,
  },
  resume: {
    about: 'how long a run that was killed needs to its first new change (3 min)',
    run: resume,
  },
} as const;

const usage = `usage: npm run bench -- NAME [--json]

${Object.entries(benches)
  .map(([name, { about }]) => `  ${name.padEnd(12)}${about}`)
  .join('\n')}`;

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, million: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [name] = positionals;

try {
  if (name === undefined) process.stdout.write(`${usage}\n`);
  else if (name in benches) await benches[name as keyof typeof benches].run(values);
  else {
    process.stderr.write(`bench: there is no bench "${name}"\n${usage}\n`);
    process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
