import type { RunEvent } from '../pipeline.ts';
import { changeText, stepDoneText } from '../report/event-text.ts';
import { runView } from '../report/run-view.ts';
import { count, duration } from '../report/units.ts';
import type { Change, Step } from '../step.ts';
import type { Drawing } from './draw.ts';

/** A line now and then says that it goes on. */
const repeatMs = 5000;

/** The run where nothing can be redrawn: a line for whatever begins and ends, and between them how far it is. */
export function drawLines(steps: readonly Pick<Step, 'id' | 'title'>[], say: (line: string) => void): Drawing {
  const view = runView();
  const titles = new Map(steps.map(({ id, title }) => [id, title]));
  const begun = new Map<string, Change>();
  const ticking = setInterval(() => {
    const wait = view.wait(Date.now());
    for (const line of view.lines(Date.now(), Number.POSITIVE_INFINITY)) say(`  … ${line}`);
    if (wait !== undefined) say(`  … ${wait}`);
  }, repeatMs);
  return {
    onEvent: (event) => {
      const title = titles.get(event.step);
      if (title === undefined) return;
      view.see(event, Date.now());
      if (event.type === 'change-begin') begun.set(event.change.id, event.change);
      const line = lineOf(event, title, begun);
      if (line !== undefined) say(line);
    },
    end: async () => clearInterval(ticking),
  };
}

function lineOf(event: RunEvent, title: string, begun: ReadonlyMap<string, Change>): string | undefined {
  switch (event.type) {
    case 'step-begin':
      return event.changes === 0 ? undefined : `${title}: ${count(event.changes, 'change')}`;
    case 'change-begin':
      return `  ${changeText(event.change)}`;
    case 'change-done': {
      const change = begun.get(event.id);
      return change && `  done: ${changeText(change)}, ${duration(event.seconds)}`;
    }
    case 'progress':
      return event.id === event.step ? `  ${event.progress.message}` : undefined;
    case 'step-done':
      return `✔ ${title}: ${stepDoneText(event)}`;
    case 'step-failed':
      return `✖ ${event.message.startsWith(title) ? '' : `${title}: `}${event.message}`;
  }
}
