import { hasCode, isUnanswered } from './aws-errors.ts';
import { appears, jittered, pause } from './wait.ts';

/** Before each further try, in ms. */
const waits = [500, 1000, 2000, 4000, 8000];

/** AWS lists what it made within seconds of making it. */
const untilListed = { timeoutMs: 6000, everyMs: 1000 };

const throttled = ['RequestLimitExceeded', 'Throttling', 'ThrottlingException', 'TooManyRequestsException'];

/** A call that is refused because an earlier try of it, whose answer was lost, has done it already, is done. */
export async function unlessDone<T>(
  call: Promise<unknown>,
  find: () => Promise<T | undefined>,
  ...codes: readonly string[]
): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!hasCode(error, ...codes) || (await appears(find, untilListed)) === undefined) throw error;
  }
}

/**
 * A call that AWS would obey twice, having no token to know it again by; `send` must not repeat it by itself. Where its
 * answer is lost, the effect is looked for before the call is made again.
 */
export async function makeOnce<T>(send: () => Promise<T>, find: () => Promise<T | undefined>): Promise<T> {
  for (const wait of waits) {
    try {
      return await send();
    } catch (error) {
      if (!hasCode(error, ...throttled)) {
        if (!isUnanswered(error)) throw error;
        const made = await appears(find, untilListed);
        if (made !== undefined) return made;
      }
      await pause(jittered(wait));
    }
  }
  return send();
}
