/** rsync's own words for its exit codes, from rsync(1), and whether the link may be to blame: then the same works later. */
const exits: Readonly<Record<number, { readonly meaning: string; readonly transient?: true }>> = {
  0: { meaning: 'Success' },
  1: { meaning: 'Syntax or usage error' },
  2: { meaning: 'Protocol incompatibility' },
  3: { meaning: 'Errors selecting input/output files, dirs' },
  4: { meaning: 'Requested action not supported' },
  5: { meaning: 'Error starting client-server protocol', transient: true },
  6: { meaning: 'Daemon unable to append to log-file' },
  10: { meaning: 'Error in socket I/O', transient: true },
  // A full disk is among these: sending the same again does not help.
  11: { meaning: 'Error in file I/O' },
  12: { meaning: 'Error in rsync protocol data stream', transient: true },
  13: { meaning: 'Errors with program diagnostics' },
  14: { meaning: 'Error in IPC code', transient: true },
  20: { meaning: 'Received SIGUSR1 or SIGINT', transient: true },
  21: { meaning: 'Some error returned by waitpid()', transient: true },
  22: { meaning: 'Error allocating core memory buffers' },
  23: { meaning: 'Partial transfer due to error' },
  24: { meaning: 'Partial transfer due to vanished source files' },
  25: { meaning: 'The --max-delete limit stopped deletions' },
  30: { meaning: 'Timeout in data send/receive', transient: true },
  35: { meaning: 'Timeout waiting for daemon connection', transient: true },
  126: { meaning: 'rsync could not be started' },
  127: { meaning: 'rsync is not installed' },
  255: { meaning: 'The SSH connection between the hosts failed', transient: true },
};

/** Exit codes after which the same command may well succeed. */
export const transientExits: readonly number[] = Object.entries(exits)
  .filter(([, { transient }]) => transient)
  .map(([code]) => Number(code));

/** rsync's own words for an exit code. From 129 on a signal ended it. */
export const explainExit = (code: number): string =>
  exits[code]?.meaning ?? (code > 128 && code < 160 ? `Ended by signal ${code - 128}` : `Unknown exit code ${code}`);

/** Files vanished under way, as they do on a source that runs: the pass is complete but for them. */
export const vanished = 24;
