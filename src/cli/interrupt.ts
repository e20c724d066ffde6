export interface Interruption {
  /** True after the first Ctrl-C: stop at the next safe point. */
  readonly stopping: () => boolean;
  /** Aborted by the second Ctrl-C. */
  readonly signal: AbortSignal;
  readonly dispose: () => void;
}

/** The first Ctrl-C asks to stop, the second stops at once, which is as safe as a crash. */
export function interruption(): Interruption {
  const controller = new AbortController();
  let asked = false;
  const onSignal = () => {
    if (asked) {
      controller.abort();
      process.exit(130);
    }
    asked = true;
    process.stderr.write('\nStopping at the next safe point. Ctrl-C again stops at once.\n');
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    stopping: () => asked,
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
