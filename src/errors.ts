/** What an expected failure carries besides its message. */
export interface ErrorDetails {
  /** What the operator should type or change next. */
  readonly hint?: string;
  /** Lines gathered before anything was cleaned up: log tails, stopped reasons, command output. */
  readonly evidence?: readonly string[];
  readonly cause?: unknown;
}

/**
 * The one expected error: something the operator can understand and act on. Anything else that escapes is a bug.
 * `code` is stable and kebab-case, so that scripts and tests can match on it.
 */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly evidence: readonly string[];

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.evidence = details.evidence ?? [];
  }
}

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The operator asked for a stop, and there it is. */
export const interrupted = (): MigrationError =>
  new MigrationError('interrupted', 'Stopped at a safe point, as you asked.', {
    hint: 'Go on: ecsodus run. Or let the source run as before: ecsodus rollback',
  });

/** Whether that is why something was ended. */
export const isInterrupted = (reason: unknown): boolean =>
  reason instanceof MigrationError && reason.code === 'interrupted';
