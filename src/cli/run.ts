import type { Config } from '../config.ts';
import { readDowntime } from '../downtime.ts';
import { MigrationError } from '../errors.ts';
import { openJournal } from '../journal.ts';
import { takeLock } from '../lock.ts';
import { planAll, refuseBlockers, type StepPlan } from '../pipeline.ts';
import { painter } from '../report/colour.ts';
import { type PlanDocument, planDocument } from '../report/plan-document.ts';
import { planText } from '../report/plan-text.ts';
import type { DoneCheck } from '../report/run-report.ts';
import { count, duration } from '../report/units.ts';
import { wrapped } from '../report/wrapped.ts';
import { confirm } from './ask.ts';
import type { Run, RunFlags, RunRequest } from './drawn-run.ts';
import { interruption } from './interrupt.ts';
import { keepReport } from './keep-report.ts';
import type { Options } from './options.ts';
import { keepPlan } from './plan.ts';
import { readPlan, requirePlanned } from './read-plan.ts';
import { openFolder, openSession } from './session.ts';
import { runOrTakeBack } from './take-back.ts';

/** Plans, asks once, and makes the changes: what `run`, `rollback` and `finish` have in common. */
export async function runCommand(options: RunFlags, request: RunRequest): Promise<void> {
  const { config: written, state } = await openFolder(options);
  const config = withLimit(written, options);
  const saved = options.plan === undefined ? undefined : await readPlan(options.plan, config.name);
  const { stopping, signal, dispose } = interruption();
  const release = await takeLock(state.directory, () => new Date());
  try {
    const journal = await openJournal(state.directory, config.name, () => new Date());
    try {
      const { connections, close } = await openSession(options, config, state, signal);
      await planAndRun({ options, config, connections, journal, stopping }, request, saved).finally(close);
    } finally {
      await journal.close();
    }
  } finally {
    dispose();
    await release();
  }
}

function withLimit(config: Config, { bwlimit }: RunFlags): Config {
  if (bwlimit === undefined) return config;
  if (/^[1-9]\d*$/.test(bwlimit)) return { ...config, bwlimit: Number(bwlimit) };
  throw new MigrationError('flags', `--bwlimit takes KiB per second as a whole number, not "${bwlimit}".`, {
    hint: 'Ten megabytes a second: --bwlimit 10000',
  });
}

async function planAndRun(run: Run, request: RunRequest, saved: PlanDocument | undefined): Promise<void> {
  const { options, config, connections } = run;
  const first = await planAll(request.steps, connections);
  const other = await request.choose?.(first);
  const steps = other ?? request.steps;
  const plans = other === undefined ? first : await planAll(other, connections);
  const document = await keepPlan(plans, config, connections.state);
  if (saved !== undefined) requirePlanned(options.plan ?? '', saved, document);
  refuseBlockers(plans);
  const chosen = plans.filter(({ step }) => request.selected.includes(step));
  const changes = chosen.reduce((sum, { plan }) => sum + plan.changes.length, 0);
  const mustAsk = changes > 0 && !options.yes && saved === undefined;
  if (mustAsk) await askFirst(options, chosen, config, changes);
  const started = Date.now();
  const checks: DoneCheck[] = [];
  const onEvent: Run['onEvent'] = (event) => {
    if (event.type === 'step-done') checks.push(...event.checks.map((check) => ({ ...check, step: event.step })));
  };
  await runOrTakeBack({ ...run, onEvent }, { ...request, steps, fresh: mustAsk ? [] : plans }, chosen);
  const seconds = (Date.now() - started) / 1000;
  const downtimeSeconds = request.selected.includes('cut-over') ? await readDowntime(connections.state) : undefined;
  const isWhole = ['cut-over', 'verify'].every((step) => request.selected.includes(step));
  const report = isWhole ? await keepReport(run, steps, plans, checks) : undefined;
  const done = {
    type: 'done',
    changes,
    seconds,
    ...(downtimeSeconds !== undefined && { downtimeSeconds }),
    ...(report !== undefined && { report }),
  };
  if (options.json) process.stdout.write(`${JSON.stringify(done)}\n`);
  else if (!options.quiet)
    process.stdout.write(
      `${count(changes, 'change')} made in ${duration(seconds)}. ${request.closing}\n${report === undefined ? '' : `What was done: ${report}\n`}`,
    );
}

async function askFirst(options: Options, plans: readonly StepPlan[], config: Config, changes: number): Promise<void> {
  const { stderr } = process;
  if (!options.json)
    stderr.write(`${wrapped(planText(plans, planDocument(config, plans), painter(stderr)), stderr)}\n`);
  if (!(await confirm(`Make ${changes === 1 ? 'this change' : `these ${changes} changes`}?`, '--yes'))) {
    throw new MigrationError('declined', 'Nothing was changed.', { hint: 'Look closer: ecsodus plan' });
  }
}
