import type { RunEvent } from '../pipeline.ts';
import type { Change, Progress } from '../step.ts';
import { underWayText, waitText } from './event-text.ts';
import { type Rate, smoothedRate } from './rate.ts';

/** More changes at once than this are counted and not shown. */
const mostLines = 8;

interface UnderWay {
  readonly change: Change;
  readonly rate: Rate;
  progress?: Progress;
}

/** A run as it stands, from its events: what is under way and how fast, and how long visitors have waited. Times in ms. */
export interface RunView {
  readonly see: (event: RunEvent, now: number) => void;
  /** A line for each change under way, at most `width` wide. */
  readonly lines: (now: number, width: number) => readonly string[];
  /** How long visitors have waited, or did; undefined where they never had to. */
  readonly wait: (now: number) => string | undefined;
}

export function runView(): RunView {
  const underWay = new Map<string, UnderWay>();
  let besides: Progress | undefined;
  const see = (event: RunEvent, now: number): void => {
    if (event.type === 'change-begin') underWay.set(event.change.id, { change: event.change, rate: smoothedRate() });
    else if (event.type === 'change-done') underWay.delete(event.id);
    else if (event.type === 'progress' && event.id === event.step) besides = event.progress;
    else if (event.type === 'progress') follow(underWay.get(event.id), event.progress, now);
    else {
      underWay.clear();
      if (event.type === 'step-begin') besides = undefined;
    }
  };
  return {
    see,
    lines: (now, width) => {
      const all = [...underWay.values()];
      const lines = all
        .slice(0, mostLines)
        .map(({ change, progress, rate }) => underWayText(change, progress, rate.at(now), width));
      return all.length > mostLines ? [...lines, `and ${all.length - mostLines} more`] : lines;
    },
    wait: (now) => besides && waitText(besides, now),
  };
}

function follow(found: UnderWay | undefined, progress: Progress, now: number): void {
  if (found === undefined) return;
  found.progress = progress;
  if (progress.doneBytes !== undefined) found.rate.see(progress.doneBytes, now);
}
