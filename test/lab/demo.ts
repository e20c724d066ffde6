import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { RunEvent } from '../../src/pipeline.ts';
import type { PlanDocument } from '../../src/report/plan-document.ts';
import { bytes, duration } from '../../src/report/units.ts';
import type { Check } from '../../src/step.ts';
import { compareSights, readProofs, type Sight, see } from './compare.ts';
import { down } from './down.ts';
import { labHost } from './host.ts';
import type { Lab } from './lab.ts';
import { ecsodus, makeOperator, type Operator } from './operator.ts';
import { up } from './up.ts';
import { startVisitor } from './visitor.ts';

type StepDone = Extract<RunEvent, { type: 'step-done' }>;

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    yes: { type: 'boolean' },
  },
});

/** With --json everything but the closing document goes to stderr. */
const say = (text: string) => (flags.json ? process.stderr : process.stdout).write(`${text}\n`);

async function demo(lab: Lab, started: number) {
  const operator = await makeOperator(lab);
  say(
    `The droplet is up at ${lab.droplet.address} (${seconds(started)}). Its operator wrote ${operator.directory}/ecsodus.yaml`,
  );
  const plan = await must<PlanDocument>(operator, 'plan', '--json');
  say(
    `Planned: ${plan.totals.changes} changes, ${bytes(plan.totals.dataBytes)} of data, ${bytes(plan.totals.imageBytes)} of images.\n`,
  );
  const before = await see(lab, 'droplet', lab.droplet.address);
  const visitor = startVisitor('http://blog.example.test/count', lab.droplet.address);
  const steps = await (flags.json ? runJson(operator) : runShown(operator)).finally(() => visitor.stop());
  const visit = await visitor.stop();
  const instance = await labHost(lab.name, 'instance');
  const proofs = await readProofs(instance);
  const after = await see(lab, instance.name, instance.address);
  await must(operator, 'finish', '--yes', '--quiet', '--json');
  const finished = await see(lab, instance.name, instance.address);
  const checks = [
    ...steps.flatMap((step) => step.checks),
    ...compareSights(before, after, 'after the run'),
    ...compareSights(before, finished, 'after finish'),
    ...proofs.map(
      ({ name, digest }): Check => ({
        name: `proof of ${name}`,
        status: 'ok',
        reason: `sha256 ${digest}, source and target`,
      }),
    ),
  ];
  showComparison(before, after, visit.downtimeSeconds, checks);
  return {
    outcome: checks.some(({ status }) => status === 'fail') ? 'failed' : 'migrated',
    downtimeSeconds: visit.downtimeSeconds,
    seconds: (Date.now() - started) / 1000,
    steps: steps.map((step) => ({ id: step.step, seconds: step.seconds, changes: step.changes })),
    workloads: plan.workloads.map(({ name }) => name),
    datasets: plan.datasets.map(({ name, files, bytes: size }) => {
      const proof = proofs.find((one) => one.name === name);
      return { name, files: proof?.files ?? files, bytes: proof?.bytes ?? size, verified: proof !== undefined };
    }),
    checks: checks.map(({ name, status }) => ({ name, status })),
    lost: plan.accounting.filter(({ outcome }) => outcome === 'lost'),
  };
}

/** The command with the terminal as its own, the list of steps in view. */
function runShown(operator: Operator): Promise<StepDone[]> {
  const [file = '', ...args] = operator.argv('run', '--yes');
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: operator.directory, env: operator.env, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve([]) : reject(new Error(`ecsodus run ended with exit code ${code}`)),
    );
  });
}

async function runJson(operator: Operator): Promise<StepDone[]> {
  const { code, stdout, stderr } = await ecsodus(operator, 'run', '--yes', '--json');
  if (code !== 0) throw new Error(`ecsodus run ended with exit code ${code}\n${stderr}`);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
  return events.filter((event) => event.type === 'step-done');
}

async function must<T>(operator: Operator, command: string, ...words: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await ecsodus(operator, command, ...words);
  if (code !== 0) throw new Error(`ecsodus ${command} ended with exit code ${code}\n${stderr}`);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as T;
}

function showComparison(before: Sight, after: Sight, downtime: number, checks: readonly Check[]): void {
  say('\nThe same pages, from the old host and the new:');
  for (const [index, page] of before.pages.entries()) {
    const now = after.pages[index];
    say(
      `  ${page.url}  ${page.status} ${bytes(page.bytes)} → ${now?.status} ${bytes(now?.bytes ?? 0)}${page.digest === now?.digest ? ', the same bytes' : ''}`,
    );
  }
  say(`Rows in the database: ${before.rows} → ${after.rows}`);
  say('Checks:');
  for (const { name, status, reason } of checks)
    say(`  ${status === 'ok' ? '✔' : status === 'skip' ? '-' : '✖'} ${name}: ${reason}`);
  say(`Downtime at the old address: ${duration(downtime)}`);
}

const seconds = (since: number): string => duration((Date.now() - since) / 1000);

const started = Date.now();
try {
  say('Bringing the lab up: a droplet with its stack, a registry, an AWS.');
  const result = await demo(await up('demo'), started);
  say(`\n${result.outcome} in ${seconds(started)}.`);
  if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = result.outcome === 'migrated' ? 0 : 1;
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  if (flags.keep) say('The lab stays up: npm run lab -- status --name demo; npm run lab -- down --name demo');
  else await down('demo');
}
