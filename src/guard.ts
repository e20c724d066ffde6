import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from './errors.ts';
import type { HostReader } from './host.ts';
import { sourceRoot } from './names.ts';
import type { Original } from './origin.ts';
import { existing, parseExisting } from './queries/folders.ts';
import { raw, sh } from './shell.ts';
import type { Change, WriteContext } from './step.ts';
import { readText } from './text-file.ts';

/** `fired`: it gave the site back to the source. `disarmed`: the target has the data, and the source must stay still. */
export type GuardState = 'none' | 'armed' | 'fired' | 'disarmed';

/** How long the operator may be silent before the guard gives the site back, and how often a run speaks to it. */
export const leaseSeconds = 60;
const renewMs = 5000;

const root = (migration: string): string => `${sourceRoot(migration)}/guard`;
const unitOf = (migration: string): string => `ecsodus-guard-${migration}.service`;
const unitFile = (migration: string): string => `/etc/systemd/system/${unitOf(migration)}`;

export async function readGuard(source: HostReader, migration: string): Promise<GuardState> {
  const state = (await readText(source, `${root(migration)}/state`)).trim();
  return state === 'armed' || state === 'fired' || state === 'disarmed' ? state : 'none';
}

/** Gives the containers back their restart policies, and starts those that ran, in their order; safe to repeat. */
const restoreScript = (origin: readonly Original[]): string =>
  ['set -eu', ...origin.flatMap(policyLine), ...origin.filter(({ running }) => running).map(startLine)].join('\n');

const policyLine = ({ id, restartPolicy: { Name, MaximumRetryCount } }: Original): string =>
  sh`docker update --restart ${Name === 'on-failure' && MaximumRetryCount > 0 ? `${Name}:${MaximumRetryCount}` : Name} ${id} >/dev/null`;
const startLine = ({ id }: Original): string => sh`docker start ${id} >/dev/null`;

/**
 * Watches the lease. Everything that changes the state holds the lock, so that giving back and disarming exclude one
 * another. After a reboot Docker may not answer yet: then it tries again.
 */
const guardScript = (
  migration: string,
): string => sh`PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin"
cd ${root(migration)} || exit
exec 8>watching
flock -n 8 || exit 0
while :; do
  exec 9>lock
  flock 9
  [ "$(cat state)" = armed ] || exit 0
  if [ "$(date +%s)" -gt "$(cat lease)" ] && sh restore.sh; then
    date -u +'%FT%TZ the operator was silent: the source has taken over again'
    echo fired > state.new
    mv state.new state
    exit 0
  fi
  exec 9>&-
  sleep 1
done`;

const unit = (migration: string): string => `[Unit]
Description=Gives the site back to this host when the operator of a migration goes silent (ecsodus)
After=docker.service
[Service]
ExecStart=/bin/sh ${root(migration)}/guard.sh
[Install]
WantedBy=multi-user.target
`;

/**
 * Arms the guard on the source: a unit of systemd, so that a reboot in the freeze does not leave the site down; where there
 * is no systemd, a process of its own.
 */
export const armScript = (migration: string, origin: readonly Original[]): string => sh`set -eu
umask 077
mkdir -p ${root(migration)}
cd ${root(migration)}
printf '%s\n' ${restoreScript(origin)} > restore.sh
printf '%s\n' ${guardScript(migration)} > guard.sh
exec 9>lock
flock 9
${raw(renewLines)}
echo armed > state.new
mv state.new state
exec 9>&-
if [ -d /run/systemd/system ]; then
  printf '%s' ${unit(migration)} > ${unitFile(migration)}
  systemctl daemon-reload
  systemctl enable ${unitOf(migration)} 2>/dev/null
  systemctl start ${unitOf(migration)}
else
  setsid sh guard.sh </dev/null >>guard.log 2>&1 &
fi`;

const renewLines = sh`echo $(($(date +%s) + ${leaseSeconds})) > lease.new
mv lease.new lease`;

/** Speaks to the guard until the function it gives is called. What fails here shows in what the run itself does next. */
export function renewLease({ source, config, signal }: WriteContext): () => void {
  const ended = new AbortController();
  const until = AbortSignal.any([signal, ended.signal]);
  const renew = async () => {
    while (!until.aborted) {
      await source.run(renewScript(config.name)).catch(() => {});
      await delay(renewMs, undefined, { signal: until }).catch(() => {});
    }
  };
  void renew();
  return () => ended.abort();
}

export const guardFired = (): MigrationError =>
  new MigrationError(
    'guard-fired',
    `This run was silent for more than ${leaseSeconds} s, and the guard on the source has started its containers again.`,
    { hint: 'Nothing is lost: the source serves. Go on: ecsodus run' },
  );

/** Tells the guard that the operator lives. Does nothing where none is armed. */
const renewScript = (migration: string): string => sh`cd ${root(migration)} 2>/dev/null || exit 0
[ "$(cat state 2>/dev/null)" = armed ] || exit 0
${raw(renewLines)}`;

/** From here on the source stays still; prints the state, which is `fired` where the guard was quicker. */
export const disarmScript = (migration: string): string => sh`set -eu
cd ${root(migration)}
exec 9>lock
flock 9
if [ "$(cat state)" = armed ]; then
  echo disarmed > state.new
  mv state.new state
fi
cat state`;

/** Removes every trace of the guard. */
export const removeGuardScript = (migration: string): string => sh`set -eu
if [ -e ${unitFile(migration)} ]; then
  systemctl disable --now ${unitOf(migration)} 2>/dev/null
  rm -f ${unitFile(migration)}
  systemctl daemon-reload
fi
[ ! -e ${root(migration)}/lock ] || { exec 9>${root(migration)}/lock; flock 9; }
rm -rf ${root(migration)}`;

export interface RemoveGuard extends Change {
  readonly kind: 'guard';
}

/** Where anything of the guard is left on the source. */
export async function guardToRemove(source: HostReader, migration: string, reason: string): Promise<RemoveGuard[]> {
  const found = parseExisting(await source.read(existing([root(migration), unitFile(migration)])));
  return found.length === 0
    ? []
    : [{ id: 'unguard', kind: 'guard', verb: 'delete', target: 'guard on the source', reason }];
}
