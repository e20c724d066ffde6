import type { RunEvent } from '../pipeline.ts';
import type { Change, Check, Progress } from '../step.ts';
import { bytes, count, duration } from './units.ts';

/** `copy /data/volumes/db` */
export const changeText = ({ verb, target }: Change): string => `${verb} ${target}`;

/** Bytes, share, rate and time left, as far as they are known. */
export function progressText({ message, doneBytes, totalBytes, bytesPerSecond }: Progress): string {
  if (doneBytes === undefined) return message;
  const whole = totalBytes === undefined ? '' : ` of ${bytes(totalBytes)}`;
  const rate = bytesPerSecond ? `, ${bytes(bytesPerSecond)}/s` : '';
  const left =
    bytesPerSecond && totalBytes && totalBytes > doneBytes
      ? `, ${duration((totalBytes - doneBytes) / bytesPerSecond)} left`
      : '';
  return `${message} ${bytes(doneBytes)}${whole}${rate}${left}`;
}

/** What a finished step did, in a few words. */
export function stepDoneText({ seconds, changes, checks }: Extract<RunEvent, { type: 'step-done' }>): string {
  const made = changes === 0 ? 'nothing to do' : count(changes, 'change');
  return `${made}, ${checksText(checks)}, ${duration(seconds)}`;
}

function checksText(checks: readonly Check[]): string {
  const skipped = checks.filter(({ status }) => status === 'skip').length;
  return `${count(checks.length - skipped, 'check')} ok${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
