import type { RunEvent } from '../pipeline.ts';
import type { Change, Check, Progress } from '../step.ts';
import { bytes, count, cutEnd, duration } from './units.ts';

/** `copy /data/volumes/db` */
export const changeText = ({ verb, target }: Change): string => `${verb} ${target}`;

/**
 * A change under way, in one line: what it does, or what it says of itself. Where both are too long its target loses its
 * beginning: of a path or an image the end tells it from the others.
 */
export function underWayText(
  change: Change,
  progress: Progress | undefined,
  bytesPerSecond: number | undefined,
  width: number,
): string {
  if (progress === undefined) return cutEnd(changeText(change), width);
  const said = progressText(progress, bytesPerSecond);
  const room = Math.max(leastTarget, width - said.length - 2);
  return cutEnd(`${cutStart(change.target, room)}  ${said}`, width);
}

const leastTarget = 16;

const cutStart = (text: string, width: number): string =>
  text.length > width ? `…${text.slice(text.length - width + 1)}` : text;

/** Bytes, rate and time left, as far as they are known. */
function progressText({ message, doneBytes, totalBytes }: Progress, bytesPerSecond: number | undefined): string {
  if (doneBytes === undefined) return message;
  const whole = totalBytes === undefined ? '' : ` of ${bytes(totalBytes)}`;
  const rate = bytesPerSecond === undefined ? '' : `, ${bytes(bytesPerSecond)}/s`;
  const left =
    bytesPerSecond && totalBytes && totalBytes > doneBytes
      ? `, ${duration((totalBytes - doneBytes) / bytesPerSecond)} left`
      : '';
  return `${message} ${bytes(doneBytes)}${whole}${rate}${left}`;
}

/** `visitors wait, 12 s`: counted up to `now` (ms) while it lasts. */
export const waitText = ({ message, since }: Progress, now: number): string =>
  since === undefined ? message : `${message}, ${Math.max(0, Math.floor((now - Date.parse(since)) / 1000))} s`;

/** What a finished step did, in a few words. */
export function stepDoneText({ seconds, changes, checks }: Extract<RunEvent, { type: 'step-done' }>): string {
  const made = changes === 0 ? 'nothing to do' : count(changes, 'change');
  return `${made}, ${checksText(checks)}, ${duration(seconds)}`;
}

function checksText(checks: readonly Check[]): string {
  const skipped = checks.filter(({ status }) => status === 'skip').length;
  return `${count(checks.length - skipped, 'check')} ok${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
