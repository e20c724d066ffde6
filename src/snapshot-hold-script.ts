import { dirname } from 'node:path/posix';
import { sourceRoot } from './names.ts';
import { redisSave } from './redis-save.ts';
import { raw, sh } from './shell.ts';
import type { Hold } from './snapshot-holds.ts';

/** Records of containers that are held now, one file a script: whoever finds one whose script is dead lets them go. */
export const holdDirectory = (migration: string): string => `${sourceRoot(migration)}/held`;

export interface HoldOptions {
  /** The record's path on the source, in `holdDirectory`. */
  readonly record: string;
  /** Containers are let go this long after `hold` began, in seconds, whatever happens. */
  readonly limitSeconds: number;
}

/**
 * What a script says on standard error before it gives up, for whoever reads the end of its log: `ecsodus: time-limit`,
 * `ecsodus: killed <container>`, `ecsodus: not-released`.
 */
export const outcomePattern = /^ecsodus: (time-limit|killed|not-released)(?: (\S+))?$/;

/**
 * Definitions for a detached `sh` script under `set -eu`, to hold containers while it reads their data:
 *
 * - `hold` stops or pauses those of `holds` that run; one that stands still already is left as it is, then and later.
 * - `within_limit COMMAND…` runs a command for no longer than is left; exit 124 where that was too short.
 * - `release` lets go what was held; `$held_ms` is then how long that was, in milliseconds.
 *
 * Nothing stays held whoever dies: an EXIT trap lets go, and a second process, which watches this one, does it where a
 * trap cannot (SIGKILL) or the limit has passed. Every container is on record before it is touched.
 */
export const holdScript = (holds: readonly Hold[], { record, limitSeconds }: HoldOptions): string =>
  holds.length === 0
    ? holdNothing
    : sh`${raw(releaseFunction(record))}
held_ms=0
milliseconds() { read -r up rest < /proc/uptime; echo "\${up%.*}\${up#*.}0"; }
state_of() { docker inspect -f '{{.State.Running}} {{.State.Paused}} {{.HostConfig.AutoRemove}}' "$1" 2>/dev/null || :; }
say() { echo "ecsodus: $*" >&2; }
unsaved=
${raw(holds.some(({ saves }) => saves) ? redisSave : '')}
hold() {
  ${raw(holds.flatMap(({ container, saves }) => (saves ? [saveLine(container, limitSeconds)] : [])).join('\n  '))}
  mkdir -p ${dirname(record)}
  : > ${record}
  trap 'code=$?; trap "" HUP INT TERM; [ -z "\${child:-}" ] || kill "$child" 2>/dev/null || :; release_held || say not-released; exit $code' EXIT
  trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
  began=$(milliseconds)
  deadline=$((began + ${limitSeconds * 1000}))
  setsid sh -c ${watchdog(record)} sh "$$" $((deadline / 1000 + 15)) </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
  ${raw(stopLines(holds, record))}
  ${raw(
    holds
      .filter(({ by }) => by === 'pause')
      .map((hold) => pauseLine(hold, record))
      .join('\n  '),
  )}
}
within_limit() {
  left=$((deadline - $(milliseconds)))
  if [ "$left" -le 0 ]; then say time-limit; exit 124; fi
  timeout "$((left / 1000)).$(printf %03d $((left % 1000)))" "$@" & child=$!
  echo "$child" > ${childOf(record)}
  status=0; wait "$child" || status=$?
  child=
  : > ${childOf(record)}
  if [ "$status" -eq 124 ]; then say time-limit; exit 124; fi
  return "$status"
}
release() {
  release_held || { say not-released; exit 75; }
  trap - EXIT HUP INT TERM
  held_ms=$((held_ms + $(milliseconds) - began))
}`;

/** The same for data that nobody writes to. */
const holdNothing = `held_ms=0
unsaved=
hold() { :; }
within_limit() { "$@"; }
release() { :; }`;

/** Lets go what is on record; the record goes last. A container that is not there any more is nobody's to start. */
const releaseFunction = (record: string): string => sh`release_held() {
  [ -e ${record} ] || return 0
  undone=0
  while read -r state grace name; do
    if ! docker inspect "$name" >/dev/null 2>&1 && docker version >/dev/null 2>&1; then continue; fi
    case $state in
      pausing)
        case "$(docker inspect -f '{{.State.Paused}}' "$name")" in
          false) ;;
          *) docker unpause "$name" >/dev/null || undone=1 ;;
        esac ;;
      stopping)
        # Cut off in the middle: the engine goes on stopping it, and a start before that would do nothing.
        if ! grep -qxF "stopped $grace $name" ${record}; then
          if [ "$grace" = - ]; then docker stop "$name" >/dev/null || undone=1; else docker stop -t "$grace" "$name" >/dev/null || undone=1; fi
          docker start "$name" >/dev/null || undone=1
        fi ;;
      stopped) docker start "$name" >/dev/null || undone=1 ;;
    esac
  done < ${record}
  [ "$undone" = 0 ] || return 1
  rm -f ${record} ${childOf(record)}
}`;

/** The command that runs within the limit: left alone by a script that was killed, it would write into the next one's copy. */
const childOf = (record: string): string => `${record}.child`;

/** Waits until the script ($1) is done, has died, or is late ($2, seconds of uptime); an engine that is away is waited for. */
const watchdog = (record: string): string => sh`${raw(releaseFunction(record))}
late() { read -r up rest < /proc/uptime; [ "\${up%.*}" -ge "$1" ]; }
while [ -e ${record} ] && kill -0 "$1" 2>/dev/null && ! late "$2"; do sleep 0.2; done
[ ! -s ${childOf(record)} ] || kill "$(cat ${childOf(record)})" 2>/dev/null || :
tries=0
until release_held || [ "$tries" -ge 300 ]; do tries=$((tries + 1)); sleep 1; done`;

const saveLine = (container: string, limitSeconds: number): string =>
  sh`redis_save ${container} ${limitSeconds} || unsaved="$unsaved "${container}`;

const pauseLine = ({ container }: Hold, record: string): string =>
  sh`case "$(state_of ${container})" in 'true false '*) echo pausing - ${container} >> ${record}; docker pause ${container} >/dev/null ;; esac`;

/** All at once: each takes its time. */
function stopLines(holds: readonly Hold[], record: string): string {
  const stops = holds.filter(({ by }) => by === 'stop');
  if (stops.length === 0) return ':';
  const begin = stops.map(({ container, signal, graceSeconds }) => {
    const grace = graceSeconds === undefined ? [] : ['-t', String(graceSeconds)];
    const nudge =
      signal === undefined ? raw('') : raw(sh`docker kill --signal ${signal} ${container} >/dev/null 2>&1 || :; `);
    const begun = sh`echo stopping ${graceSeconds ?? '-'} ${container} >> ${record}`;
    return sh`case "$(state_of ${container})" in 'true false false') ${raw(begun)}; ( ${nudge}docker stop ${grace} ${container} >/dev/null ) & stops="$stops $!" ;; esac`;
  });
  const end = stops.map(({ container, graceSeconds, mustEndByItself }) => {
    const grace = String(graceSeconds ?? '-');
    const killed = sh`[ "$(docker inspect -f '{{.State.ExitCode}}' ${container})" != 137 ] || { say killed ${container}; exit 76; }`;
    return sh`if grep -qxF ${`stopping ${grace} ${container}`} ${record}; then echo stopped ${grace} ${container} >> ${record}; ${raw(mustEndByItself ? killed : ':')}; fi`;
  });
  return ['stops=', ...begin, 'for one in $stops; do wait "$one"; done', ...end].join('\n  ');
}
