import type { Config } from '../config.ts';
import { MigrationError } from '../errors.ts';
import { type Journal, openJournal } from '../journal.ts';
import { takeLock } from '../lock.ts';
import {
  approvalOf,
  type Connections,
  interrupted,
  planAll,
  type RunEvent,
  refuseBlockers,
  runSteps,
  type StepPlan,
} from '../pipeline.ts';
import { painter } from '../report/colour.ts';
import { planDocument } from '../report/plan-document.ts';
import { planText } from '../report/plan-text.ts';
import { count, duration } from '../report/units.ts';
import type { Step } from '../step.ts';
import { confirm } from './ask.ts';
import { draw } from './draw.ts';
import { interruption } from './interrupt.ts';
import type { Options } from './options.ts';
import { keepPlan } from './plan.ts';
import { openFolder, openSession } from './session.ts';

export interface RunFlags extends Options {
  readonly yes?: boolean;
}

export interface RunRequest {
  readonly steps: readonly Step[];
  /** Ids of the steps whose changes are made; the others are only looked at. */
  readonly selected: readonly string[];
  /** What puts the source back when cut-over fails half-way; undefined to leave things as they are. */
  readonly takeBack?: readonly Step[] | undefined;
  /** What to say at the end. */
  readonly closing: string;
}

interface Run {
  readonly options: RunFlags;
  readonly config: Config;
  readonly connections: Connections;
  readonly journal: Journal;
  readonly stopping: () => boolean;
}

/** Plans, asks once, and makes the changes: what `run`, `rollback` and `finish` have in common. */
export async function runCommand(options: RunFlags, request: RunRequest): Promise<void> {
  const { config, state } = await openFolder(options);
  const interrupt = interruption();
  const release = await takeLock(state.directory, () => new Date());
  try {
    const session = await openSession(options, config, state, interrupt.signal);
    const journal = await openJournal(state.directory, config.name, () => new Date());
    try {
      await planAndRun(
        { options, config, connections: session.connections, journal, stopping: interrupt.stopping },
        request,
      );
    } finally {
      await journal.close();
      session.close();
    }
  } finally {
    interrupt.dispose();
    await release();
  }
}

async function planAndRun(run: Run, request: RunRequest): Promise<void> {
  const { options, config, connections } = run;
  const plans = await planAll(request.steps, connections);
  await keepPlan(plans, config, connections.state);
  refuseBlockers(plans, config.accept);
  const chosen = plans.filter(({ step }) => request.selected.includes(step));
  const changes = chosen.reduce((sum, { plan }) => sum + plan.changes.length, 0);
  if (changes > 0 && !options.yes) await askFirst(options, chosen, config, changes);
  const started = Date.now();
  await runOrTakeBack(run, request, chosen);
  const seconds = (Date.now() - started) / 1000;
  if (options.json) process.stdout.write(`${JSON.stringify({ type: 'done', changes, seconds })}\n`);
  else if (!options.quiet)
    process.stdout.write(`${count(changes, 'change')} made in ${duration(seconds)}. ${request.closing}\n`);
}

async function askFirst(options: Options, plans: readonly StepPlan[], config: Config, changes: number): Promise<void> {
  if (!options.json)
    process.stderr.write(`${planText(plans, planDocument(config.name, plans), painter(process.stderr))}\n`);
  if (!(await confirm(`Make ${changes === 1 ? 'this change' : `these ${changes} changes`}?`, '--yes'))) {
    throw new MigrationError('declined', 'Nothing was changed.', { hint: 'Look closer: ecsodus plan' });
  }
}

/** A cut-over that fails half-way leaves visitors with nothing, so the source takes over again, unless told not to. */
async function runOrTakeBack(run: Run, request: RunRequest, plans: readonly StepPlan[]): Promise<void> {
  let frozen = false;
  const watch = (event: RunEvent) => {
    if (event.step !== 'cut-over') return;
    // Once cut-over has stood its checks, visitors write on the target: only the operator may leave that behind.
    if (event.type === 'change-begin') frozen = true;
    if (event.type === 'step-done') frozen = false;
  };
  try {
    await runDrawn(run, request, plans, watch);
  } catch (error) {
    const stopped = error instanceof MigrationError && error.code === 'interrupted';
    if (!frozen || stopped || request.takeBack === undefined) throw error;
    throw await afterTakingBack(run, request.takeBack, error);
  }
}

async function afterTakingBack(run: Run, steps: readonly Step[], error: unknown): Promise<unknown> {
  if (!(error instanceof MigrationError)) return error;
  const details = { evidence: error.evidence, cause: error };
  try {
    const plans = await planAll(steps, run.connections);
    await runDrawn(run, { steps, selected: steps.map(({ id }) => id), closing: '' }, plans, () => {});
  } catch (second) {
    const reason = second instanceof Error ? second.message : String(second);
    return new MigrationError(error.code, `${error.message} The source could not take over again: ${reason}`, {
      ...details,
      hint: 'Try once more, now: ecsodus rollback',
    });
  }
  return new MigrationError(error.code, `${error.message} The source has taken over again.`, {
    ...details,
    ...(error.hint && { hint: error.hint }),
  });
}

async function runDrawn(
  { options, connections, journal, stopping }: Run,
  { steps, selected }: RunRequest,
  plans: readonly StepPlan[],
  watch: (event: RunEvent) => void,
): Promise<void> {
  if (stopping()) throw interrupted();
  const approved = new Set(plans.flatMap(({ step, plan }) => plan.changes.map((change) => approvalOf(step, change))));
  const drawing =
    options.json || options.quiet
      ? jsonLines(options)
      : draw(
          steps.filter(({ id }) => selected.includes(id)),
          { verbose: options.verbose === true },
        );
  const onEvent = (event: RunEvent) => {
    watch(event);
    drawing.onEvent(event);
  };
  try {
    await runSteps(steps, connections, { journal, selected, approved, onEvent, stopping });
  } finally {
    await drawing.end();
  }
}

const jsonLines = ({ json }: Options) => ({
  onEvent: (event: RunEvent) => {
    if (json) process.stdout.write(`${JSON.stringify(event)}\n`);
  },
  end: async () => {},
});
