import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from './errors.ts';
import type { HostWriter } from './host.ts';
import { raw, sh } from './shell.ts';
import { isDropped } from './ssh/ssh-errors.ts';
import { readText } from './text-file.ts';

export interface Job {
  /** On the host, where the job's `<id>.{sh,log,pid,status}` are. */
  readonly directory: string;
  readonly id: string;
  /** Finds the path of its own log in `$JOB_LOG`. */
  readonly script: string;
  readonly signal: AbortSignal;
  /** What the script says, from its beginning, also where it was started by an earlier run. */
  readonly onOutput?: (text: string) => void;
}

/** A connection that drops while a job is followed is opened again this often; the job itself goes on meanwhile. */
const mostDrops = 5;
const afterDropMs = 2000;

/**
 * Runs a script on a host detached from the operator: it goes on when the connection drops or the operator dies. A script
 * of that id that still runs is followed, not started again. Throws MigrationError `script-failed` with the end of its
 * log, and `script-lost` where it ended without saying how.
 */
export async function runDetached(host: HostWriter, job: Job): Promise<void> {
  const base = baseOf(job.directory, job.id);
  await host.run(startScript(base, job.directory), { input: job.script });
  await follow(host, base, job);
  const status = (await readText(host, `${base}.status`)).trim();
  if (status === '0') return;
  throw status === '' ? lost(host, base) : await failure(host, base, Number(status));
}

/** Ends the script at a base and everything it started; returns when it is gone. */
const endJob = sh`end_job() {
  [ -e "$1.lock" ] || return 0
  flock -n "$1.lock" true || kill -TERM -- "-$(cat "$1.pid")" || :
  flock -w 60 "$1.lock" true
}`;

/** Ends a script that still runs; returns when it is gone. */
export const endJobScript = (directory: string, id: string): string =>
  sh`${raw(endJob)}
end_job ${baseOf(directory, id)}`;

/** Ends every script of the directory that still runs. */
export const endJobsScript = (directory: string): string =>
  sh`${raw(endJob)}
for lock in ${directory}/*.lock; do end_job "\${lock%.lock}"; done`;

const baseOf = (directory: string, id: string): string => `${directory}/${id.replaceAll(/[^A-Za-z0-9.-]/g, '_')}`;

/** The exit code behind a `script-failed`; undefined for other errors. */
export const jobExitOf = (error: unknown): number | undefined =>
  error instanceof MigrationError && error.cause instanceof JobExit ? error.cause.exitCode : undefined;

/** `flock` holds the job's lock for as long as the script lives, so that a second start waits for nothing and starts nothing. */
const startScript = (base: string, directory: string): string => sh`set -eu
umask 077
mkdir -p ${directory}
exec 9>${`${base}.lock`}
if flock -n 9; then
  cat > ${`${base}.sh`}
  rm -f ${`${base}.status`} ${`${base}.pid`}
  : > ${`${base}.log`}
  export JOB_LOG=${`${base}.log`}
  setsid sh -c ${sh`sh ${`${base}.sh`} >> ${`${base}.log`} 2>&1; echo $? > ${`${base}.status.new`}; mv ${`${base}.status.new`} ${`${base}.status`}`} </dev/null >/dev/null 2>&1 &
  echo $! > ${`${base}.pid`}
else
  # Whoever holds the lock may be about to write this.
  for _ in 1 2 3 4 5 6 7 8 9 10; do [ ! -s ${`${base}.pid`} ] || break; sleep 0.2; done
fi`;

/** Shows the log as it grows, until the script's process is gone. */
const followScript = (base: string, from: number): string =>
  sh`[ ! -e ${`${base}.pid`} ] || exec tail -c ${`+${from + 1}`} -s 0.1 --pid="$(cat ${`${base}.pid`})" -f ${`${base}.log`}`;

async function follow(host: HostWriter, base: string, { signal, onOutput }: Job): Promise<void> {
  let seen = 0;
  for (let drops = 0; ; drops++) {
    try {
      return void (await host.run(followScript(base, seen), {
        signal,
        onOutput: (text) => {
          seen += Buffer.byteLength(text);
          onOutput?.(text);
        },
      }));
    } catch (error) {
      if (!isDropped(error) || drops === mostDrops) throw error;
      await delay(afterDropMs, undefined, { signal });
    }
  }
}

class JobExit extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

async function failure(host: HostWriter, base: string, code: number): Promise<MigrationError> {
  const log = await readText(host, `${base}.log`);
  return new MigrationError('script-failed', `A script on ${host.name} failed with exit code ${code}: ${base}.sh`, {
    evidence: log
      .trimEnd()
      .split(/[\r\n]+/)
      .slice(-10),
    hint: `Read its log: ssh ${host.name} sudo cat ${base}.log`,
    cause: new JobExit(code),
  });
}

const lost = (host: HostWriter, base: string): MigrationError =>
  new MigrationError('script-lost', `A script on ${host.name} ended without saying how: ${base}.sh`, {
    hint: `Was ${host.name} restarted, or the script killed? Go on: ecsodus run`,
  });
