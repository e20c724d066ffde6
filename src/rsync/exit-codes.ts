export interface RsyncExit {
  /** rsync's own words, from rsync(1). */
  readonly meaning: string;
  /** Whether the same command may well succeed when run again. */
  readonly retry: boolean;
}

const exits: Readonly<Record<number, RsyncExit>> = {
  0: { meaning: 'Success', retry: false },
  1: { meaning: 'Syntax or usage error', retry: false },
  2: { meaning: 'Protocol incompatibility', retry: false },
  3: { meaning: 'Errors selecting input/output files, dirs', retry: false },
  4: { meaning: 'Requested action not supported', retry: false },
  5: { meaning: 'Error starting client-server protocol', retry: true },
  6: { meaning: 'Daemon unable to append to log-file', retry: false },
  10: { meaning: 'Error in socket I/O', retry: true },
  // A full disk is among these: sending the same again does not help.
  11: { meaning: 'Error in file I/O', retry: false },
  12: { meaning: 'Error in rsync protocol data stream', retry: true },
  13: { meaning: 'Errors with program diagnostics', retry: false },
  14: { meaning: 'Error in IPC code', retry: true },
  20: { meaning: 'Received SIGUSR1 or SIGINT', retry: true },
  21: { meaning: 'Some error returned by waitpid()', retry: true },
  22: { meaning: 'Error allocating core memory buffers', retry: false },
  23: { meaning: 'Partial transfer due to error', retry: true },
  // The source still runs: files come and go. The next pass settles it.
  24: { meaning: 'Partial transfer due to vanished source files', retry: true },
  25: { meaning: 'The --max-delete limit stopped deletions', retry: false },
  30: { meaning: 'Timeout in data send/receive', retry: true },
  35: { meaning: 'Timeout waiting for daemon connection', retry: true },
  126: { meaning: 'rsync could not be started', retry: false },
  127: { meaning: 'rsync is not installed', retry: false },
  255: { meaning: 'The SSH connection between the hosts failed', retry: true },
};

/** What an exit code of rsync means. From 129 on a signal ended it. */
export const rsyncExit = (code: number): RsyncExit =>
  exits[code] ??
  (code > 128 && code < 160
    ? { meaning: `Ended by signal ${code - 128}`, retry: true }
    : { meaning: `Unknown exit code ${code}`, retry: false });

/** rsync's own words for an exit code. */
export const explainExit = (code: number): string => rsyncExit(code).meaning;

/** Files vanished under way, as they do on a source that runs: the pass is complete but for them. */
export const vanished = 24;
