import { Listr } from 'listr2';
import type { RunEvent } from '../pipeline.ts';
import { changeText, stepDoneText } from '../report/event-text.ts';
import { runView } from '../report/run-view.ts';
import type { Step } from '../step.ts';
import { drawLines } from './draw-lines.ts';

/** The pipeline's events for whoever watches. It only draws: order, retries and rollback are the pipeline's. */
export interface Drawing {
  readonly onEvent: (event: RunEvent) => void;
  /** Resolves when all is drawn; call it once the run has ended, however it ended. */
  readonly end: () => Promise<void>;
}

/** A list that is redrawn on a terminal; elsewhere, or on one that has no width, lines that stay. */
export const draw = (steps: readonly Step[], options: { readonly verbose: boolean }): Drawing =>
  process.stdout.isTTY && process.stdout.columns > 0
    ? drawList(steps, options)
    : drawLines(steps, (line) => process.stdout.write(`${line}\n`));

const redrawMs = 200;
/** The list indents these lines by four, and leaves two columns free. */
const beside = 6;

/** One step of the list: the task listr2 shows, and the promise it waits for. */
interface Row {
  readonly step: Step;
  readonly ended: Promise<void>;
  readonly finish: (failure?: Error) => void;
  /** Every change that was begun, for a list that keeps them. */
  readonly begun: string[];
  /** Behind its title: how long visitors wait, and in the end what was done. */
  said: string;
  task?: { output: string; title: string };
}

function drawList(steps: readonly Step[], { verbose }: { readonly verbose: boolean }): Drawing {
  const view = runView();
  const rows = new Map(steps.map((step) => [step.id, newRow(step)]));
  let current: Row | undefined;
  const redraw = (row: Row) => {
    if (row.task === undefined) return;
    row.task.title = `${row.step.title}${row.said}`;
    const lines = row === current ? view.lines(Date.now(), process.stdout.columns - beside) : [];
    row.task.output = [...(verbose ? row.begun : []), ...lines].join('\n');
  };
  const tick = () => {
    if (current === undefined) return;
    current.said = waiting(view.wait(Date.now()));
    redraw(current);
  };
  const list = new Listr(
    [...rows.values()].map((row) => ({
      title: row.step.title,
      task: (_, task) => {
        // A step may be done before the list comes to it.
        row.task = task;
        redraw(row);
        return row.ended;
      },
      rendererOptions: { persistentOutput: verbose },
    })),
    { registerSignalListeners: false, collectErrors: false, rendererOptions: { formatOutput: 'truncate' } },
  );
  const ticking = setInterval(tick, redrawMs);
  // The failure is told by whoever ran the pipeline, with its hint; here it only turns the line red.
  const drawn = list.run().then(
    () => {},
    () => {},
  );
  return {
    onEvent: (event) => {
      const row = rows.get(event.step);
      if (row === undefined) return;
      current = row;
      view.see(event, Date.now());
      if (event.type === 'change-begin') row.begun.push(changeText(event.change));
      if (event.type !== 'step-done' && event.type !== 'step-failed') return;
      current = undefined;
      if (event.type === 'step-done') row.said = `${waiting(view.wait(Date.now()))} (${stepDoneText(event)})`;
      redraw(row);
      row.finish(event.type === 'step-failed' ? new Error(event.message) : undefined);
    },
    end: async () => {
      clearInterval(ticking);
      for (const row of rows.values()) row.finish();
      await drawn;
    },
  };
}

const waiting = (wait: string | undefined): string => (wait === undefined ? '' : `: ${wait}`);

function newRow(step: Step): Row {
  let finish: Row['finish'] = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    finish = (failure) => (failure ? reject(failure) : resolve());
  });
  ended.catch(() => {});
  return { step, ended, finish, begun: [], said: '' };
}
