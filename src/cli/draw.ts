import { Listr } from 'listr2';
import type { RunEvent } from '../pipeline.ts';
import { changeText, progressText, stepDoneText } from '../report/event-text.ts';
import type { Step } from '../step.ts';

/** The pipeline's events as a list on the terminal. It only draws: order, retries and rollback are the pipeline's. */
export interface Drawing {
  readonly onEvent: (event: RunEvent) => void;
  /** Resolves when all is drawn; call it once the run has ended, however it ended. */
  readonly end: () => Promise<void>;
}

/** One line of the list: the task listr2 shows, and the promise it waits for. */
interface Row {
  readonly ended: Promise<void>;
  readonly finish: (failure?: Error) => void;
  task?: { output: string; title: string };
}

export function draw(steps: readonly Step[], { verbose }: { readonly verbose: boolean }): Drawing {
  const rows = new Map(steps.map((step) => [step.id, newRow()]));
  const list = new Listr(
    steps.map((step) => ({
      title: step.title,
      task: (_, task) => {
        const row = rows.get(step.id);
        if (row) row.task = task;
        return row?.ended;
      },
      rendererOptions: { persistentOutput: verbose, outputBar: verbose ? Number.POSITIVE_INFINITY : 1 },
    })),
    { registerSignalListeners: false, collectErrors: false },
  );
  // The failure is told by whoever ran the pipeline, with its hint; here it only turns the line red.
  const drawn = list.run().then(
    () => {},
    () => {},
  );
  return {
    onEvent: (event) => drawEvent(event, rows.get(event.step)),
    end: () => {
      for (const row of rows.values()) row.finish();
      return drawn;
    },
  };
}

function newRow(): Row {
  let finish: Row['finish'] = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    finish = (failure) => (failure ? reject(failure) : resolve());
  });
  ended.catch(() => {});
  return { ended, finish };
}

/** Without a terminal nothing is redrawn: a line of progress every so often says that it goes on. */
const quietMs = process.stdout.isTTY ? 0 : 5000;
let lastDrawn = 0;

function isDue(): boolean {
  if (Date.now() - lastDrawn < quietMs) return false;
  lastDrawn = Date.now();
  return true;
}

function drawEvent(event: RunEvent, row: Row | undefined): void {
  if (row === undefined) return;
  const { task } = row;
  if (event.type === 'step-done') {
    if (task) task.title = `${task.title} (${stepDoneText(event)})`;
    row.finish();
  } else if (event.type === 'step-failed') row.finish(new Error(event.message));
  else if (task && event.type === 'change-begin') task.output = changeText(event.change);
  else if (task && event.type === 'progress' && isDue()) task.output = progressText(event.progress);
}
