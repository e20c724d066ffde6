import { raw, sh } from '../shell.ts';
import { transientExits, vanished } from './exit-codes.ts';

export interface Copy {
  /** rsync and its arguments. */
  readonly argv: readonly string[];
  /** A script run before each pass, that brings the source up to date; empty where there is nothing to do. */
  readonly refresh: string;
  /** Passes at the most: more than one while containers run, until little is left to send. */
  readonly passes: number;
  /** A pass that sent no more than this was the last. */
  readonly smallBytes: number;
  /** How often a pass is tried again after the link failed. */
  readonly retries: number;
  /** Containers run: what vanishes under way is no error. */
  readonly live: boolean;
  /** A file that may hold an option of rsync, as `link.ts` wrote it. */
  readonly compression: string;
  /** A file of names that are sent by their content, where it is there, and the argv for them; after the last pass. */
  readonly byContent?: { readonly names: string; readonly argv: readonly string[] } | undefined;
}

/**
 * The script of a copy, to be run detached on the source. It goes on through failures of the link by itself, waiting
 * longer each time, and ends with rsync's own exit code where that is of no use. It needs the path of its log in JOB_LOG.
 */
export const copyScript = (copy: Copy): string => sh`set -u
sent() { tail -c 4096 "$JOB_LOG" | tr -d ',.' | sed -n 's/^Total bytes sent: //p' | tail -n 1; }
refresh() { ${raw(copy.refresh || ':')}
}
compression() { cat ${copy.compression} 2>/dev/null || :; }
try() {
  tries=0
  while :; do
    code=0; "$@" || code=$?
    ${raw(copy.live ? sh`[ $code -ne ${vanished} ] || code=0` : ':')}
    case " ${raw(transientExits.join(' '))} " in *" $code "*) ;; *) return $code ;; esac
    tries=$((tries + 1))
    [ $tries -le ${copy.retries} ] || return $code
    pause=$((tries < 5 ? 1 << (tries - 1) : 20))
    echo "exit code $code; try $tries of ${copy.retries} in $pause s"
    sleep $pause
  done
}
before=
pass=1
while :; do
  echo "pass $pass"
  # Not on the left of ||, where set -e has no effect.
  (set -eu; refresh)
  [ $? -eq 0 ] || exit 1
  try ${raw(withCompression(copy.argv))} || exit
  now=$(sent)
  [ $pass -lt ${copy.passes} ] && [ "\${now:-0}" -gt ${copy.smallBytes} ] || break
  [ -z "$before" ] || [ "$now" -le $((before / 2)) ] || break
  before=$now
  pass=$((pass + 1))
done
${raw(copy.byContent === undefined ? ':' : sh`[ ! -s ${copy.byContent.names} ] || try ${raw(withCompression(copy.byContent.argv))} || exit`)}
`;

/** The options come after rsync's name: unquoted, so that none is none. */
const withCompression = ([rsync = '', ...rest]: readonly string[]): string => sh`${rsync} $(compression) ${rest}`;
