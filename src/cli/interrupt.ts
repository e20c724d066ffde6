import { interrupted } from '../errors.ts';

export interface Interruption {
  /** Aborted by the first Ctrl-C: stop at the next safe point. */
  readonly stopping: AbortSignal;
  /** Aborted by the second Ctrl-C. */
  readonly signal: AbortSignal;
  readonly dispose: () => void;
}

/** The first Ctrl-C asks to stop, the second stops at once, which is as safe as a crash. */
export function interruption(): Interruption {
  const [stopping, ending] = [new AbortController(), new AbortController()];
  const onSignal = () => {
    if (stopping.signal.aborted) {
      ending.abort();
      process.stderr.write('\nStopped at once, as safe as a crash. Go on: ecsodus run\n');
      process.exit(130);
    }
    process.stderr.write(
      '\nStopping at the next safe point: where visitors have their site. Ctrl-C again stops at once.\n',
    );
    stopping.abort(interrupted());
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    stopping: stopping.signal,
    signal: ending.signal,
    dispose: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
