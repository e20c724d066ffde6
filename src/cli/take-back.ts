import { isInterrupted, MigrationError, messageOf } from '../errors.ts';
import { disarmScript } from '../guard.ts';
import { planAll, type RunEvent, type StepPlan } from '../pipeline.ts';
import type { Step } from '../step.ts';
import { type Run, type RunRequest, runDrawn } from './drawn-run.ts';

/** Changes by which a run takes the data from the source, or has it in hand: what follows them can be taken back unseen. */
const freezing = /^(hold|stop|delta|prove|fence):/;

/** Changes by which visitors come to the target: a stop that is asked for then waits for the rest, some seconds of work. */
const serving = /^(open|forward|keep):/;

/**
 * Runs, and lets the source take over again if this very run stopped it and then failed: visitors would be left with
 * nothing. A stop that was asked for is no exception. Never where the target was handed the data by an earlier run, or has
 * stood its checks: what was written there since is for the operator alone to leave behind.
 */
export async function runOrTakeBack(run: Run, request: RunRequest, plans: readonly StepPlan[]): Promise<void> {
  let frozen = false;
  const stopping = new AbortController();
  const stop = () => stopping.abort(run.stopping.reason);
  const watch = (event: RunEvent) => {
    if (event.step !== 'cut-over') return;
    if (event.type === 'change-begin') {
      frozen ||= freezing.test(event.change.id);
      if (serving.test(event.change.id)) run.stopping.removeEventListener('abort', stop);
    }
    if (event.type === 'step-done') frozen = false;
  };
  if (run.stopping.aborted) stop();
  run.stopping.addEventListener('abort', stop);
  try {
    await runDrawn({ ...run, stopping: stopping.signal }, request, plans, watch);
  } catch (error) {
    if (!frozen) throw error;
    if (request.takeBack === undefined) {
      // Things are to stay as they are: nobody is to start the source in a minute either.
      await run.connections.source.run(disarmScript(run.config.name)).catch(() => {});
      throw error;
    }
    throw withOutcome(error, await takeBack(run, request.takeBack));
  }
}

interface Outcome {
  readonly sentence: string;
  /** What to type instead of what the failure itself advises. */
  readonly hint?: string;
}

async function takeBack(run: Run, steps: readonly Step[]): Promise<Outcome> {
  try {
    const plans = await planAll(steps, run.connections);
    const whatever = { ...run, stopping: new AbortController().signal };
    await runDrawn(whatever, { steps, selected: steps.map(({ id }) => id), closing: '' }, plans, () => {});
    return { sentence: 'The source has taken over again.' };
  } catch (error) {
    return {
      sentence: `The source could not take over again: ${messageOf(error)}`,
      hint: 'Try once more, now: ecsodus rollback',
    };
  }
}

function withOutcome(error: unknown, { sentence, hint }: Outcome): unknown {
  if (!(error instanceof MigrationError)) {
    process.stderr.write(`${sentence}\n`);
    return error;
  }
  const advice = hint ?? (isInterrupted(error) ? 'Go on: ecsodus run' : error.hint);
  return new MigrationError(error.code, `${error.message} ${sentence}`, {
    evidence: error.evidence,
    cause: error,
    ...(advice && { hint: advice }),
  });
}
