import type { Config } from '../config.ts';
import type { Journal } from '../journal.ts';
import { approvalOf, type Connections, type RunEvent, runSteps, type StepPlan } from '../pipeline.ts';
import type { Step } from '../step.ts';
import { draw } from './draw.ts';
import type { Options } from './options.ts';

export interface RunFlags extends Options {
  readonly yes?: boolean;
  /** A file that `plan --out` wrote: exactly this is run, and nobody is asked. */
  readonly plan?: string;
  /** KiB per second, as typed. */
  readonly bwlimit?: string;
}

export interface RunRequest {
  readonly steps: readonly Step[];
  /** Ids of the steps whose changes are made; the others are only looked at. */
  readonly selected: readonly string[];
  /** Asks what the plans leave open; other steps to run instead, or undefined. */
  readonly choose?: (plans: readonly StepPlan[]) => Promise<readonly Step[] | undefined>;
  /** What puts the source back when cut-over fails half-way; undefined to leave things as they are. */
  readonly takeBack?: readonly Step[] | undefined;
  /** What was planned moments ago; nothing where the operator was asked since. */
  readonly fresh?: readonly StepPlan[];
  /** What to say at the end. */
  readonly closing: string;
}

export interface Run {
  readonly options: RunFlags;
  readonly config: Config;
  readonly connections: Connections;
  readonly journal: Journal;
  readonly stopping: AbortSignal;
  /** Hears every event, whatever is drawn. */
  readonly onEvent?: (event: RunEvent) => void;
}

/** Runs steps with their list on the terminal, or their events as JSON lines. `plans` is what the operator said yes to. */
export async function runDrawn(
  { options, connections, journal, stopping, onEvent: hear }: Run,
  { steps, selected, fresh }: RunRequest,
  plans: readonly StepPlan[],
  watch: (event: RunEvent) => void,
): Promise<void> {
  stopping.throwIfAborted();
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
    hear?.(event);
    drawing.onEvent(event);
  };
  try {
    await runSteps(steps, connections, { journal, selected, approved, onEvent, stopping, fresh: fresh ?? [] });
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
