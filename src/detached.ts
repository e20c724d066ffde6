import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from './errors.ts';
import type { HostWriter } from './host.ts';
import { sh } from './shell.ts';
import { readText } from './text-file.ts';

/**
 * Runs a script on a host detached from the operator: it goes on when the connection drops. Its state is in
 * `<directory>/<id>.{sh,log,status}`; a script of that id that still runs is followed, not started again.
 * Throws MigrationError `script-failed` with the end of its log.
 */
export async function runDetached(
  host: HostWriter,
  job: { directory: string; id: string; script: string; signal: AbortSignal },
): Promise<void> {
  const base = `${job.directory}/${job.id.replaceAll(/[^A-Za-z0-9.-]/g, '_')}`;
  await host.run(startScript(base, job.directory), { input: job.script });
  for (;;) {
    job.signal.throwIfAborted();
    const status = (await readText(host, `${base}.status`)).trim();
    if (status === '0') return;
    if (status !== '') throw await failure(host, base, status);
    await delay(200, undefined, { signal: job.signal });
  }
}

/** `flock` holds the job's lock for as long as the script lives, so that a second start waits for nothing and starts nothing. */
const startScript = (base: string, directory: string): string => sh`set -eu
umask 077
mkdir -p ${directory}
exec 9>${`${base}.lock`}
if flock -n 9; then
  cat > ${`${base}.sh`}
  rm -f ${`${base}.status`}
  setsid sh -c ${sh`sh ${`${base}.sh`} > ${`${base}.log`} 2>&1; echo $? > ${`${base}.status.new`}; mv ${`${base}.status.new`} ${`${base}.status`}`} </dev/null >/dev/null 2>&1 &
fi`;

async function failure(host: HostWriter, base: string, status: string): Promise<MigrationError> {
  const log = await readText(host, `${base}.log`);
  return new MigrationError('script-failed', `A script on ${host.name} failed with exit code ${status}: ${base}.sh`, {
    evidence: log.trimEnd().split('\n').slice(-10),
    hint: `Read its log: ssh ${host.name} sudo cat ${base}.log`,
  });
}
