import { MigrationError } from '../errors.ts';

export interface Wait {
  /** What is waited for, in the operator's words. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Asks again and again until the probe gives a value. AWS is eventually consistent: "not there" may mean "not yet". */
export async function until<T>(probe: () => Promise<T | undefined>, wait: Wait): Promise<T> {
  const deadline = Date.now() + wait.timeoutMs;
  for (;;) {
    wait.signal?.throwIfAborted();
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() >= deadline) throw timedOut(wait);
    await pause(wait.everyMs ?? 2000, wait.signal);
  }
}

/** Like `until`, but undefined where the value has not come in time. */
export async function appears<T>(
  probe: () => Promise<T | undefined>,
  wait: Omit<Wait, 'what'>,
): Promise<T | undefined> {
  try {
    return await until(probe, { ...wait, what: 'it' });
  } catch (error) {
    if (error instanceof MigrationError && error.code === 'aws-timeout') return undefined;
    throw error;
  }
}

/** Repeats a call that AWS refuses only because something made a moment ago has not spread yet; its last refusal is thrown. */
export async function whileTooEarly<T>(
  call: () => Promise<T>,
  isTooEarly: (error: unknown) => boolean,
  wait: Omit<Wait, 'what'>,
): Promise<T> {
  const deadline = Date.now() + wait.timeoutMs;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isTooEarly(error) || Date.now() >= deadline) throw error;
      await pause(wait.everyMs ?? 2000, wait.signal);
    }
  }
}

const timedOut = ({ what, timeoutMs }: Wait): MigrationError =>
  new MigrationError('aws-timeout', `Waited ${Math.round(timeoutMs / 1000)} s for ${what}, in vain.`, {
    hint: 'Look at it in the AWS console, then run the same command again: it goes on where it was.',
  });

/** A random half of a wait left out, so that many who wait do not come back together. */
export const jittered = (ms: number): number => ms * (0.5 + Math.random() / 2);

/** Ends early with the signal, by its reason. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) return stop();
    signal?.addEventListener('abort', stop, { once: true });
  });
}
