import { readFileSync } from 'node:fs';
import { dirname } from 'node:path/posix';
import { raw, sh } from '../shell.ts';
import { sparseOption } from './arguments.ts';
import { transientExits, vanished } from './exit-codes.ts';

const thin = readFileSync(new URL('./thin.py', import.meta.url), 'utf8');

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
  /** Whether the data has holes is looked for once, while containers run, and kept here for the freeze. */
  readonly sparse: { readonly root: string; readonly answer: string; readonly look: boolean };
  /** Before the first pass: the whole in several streams; undefined where one does as well. */
  readonly streams?: Streams | undefined;
  /** How what changed in part is written in place; undefined where that cannot be. */
  readonly large?: LargeFiles | undefined;
  /** A file of names that are sent by their content, where it is there, and the argv for them; after the last pass. */
  readonly byContent?: { readonly names: string; readonly argv: readonly string[] } | undefined;
}

export interface Streams {
  /** The dataset's root. */
  readonly root: string;
  /** A list of names for each stream, and the argv for it; the lists differ in their last letter alone. */
  readonly lists: readonly string[];
  readonly argv: readonly (readonly string[])[];
}

/** The ends `split` gives to its files, one for each stream. */
export const streamLetters = ['a', 'b', 'c'];

/**
 * Sends what is at the top in several streams at once: of small files one stream sends no more than the round trip lets it.
 * The names of a hard-linked file must be in one stream, so that where there is any, the pass sends all. Whatever fails here,
 * the pass does.
 */
const sendInStreams = ({
  root,
  lists,
  argv,
}: Streams): string => sh`if [ -z "$(find ${`${root}/`} -type f -links +1 -print -quit 2>/dev/null)" ]; then
  rm -f ${lists}
  find ${`${root}/`} -mindepth 1 -maxdepth 1 -printf '%P\0' 2>/dev/null | split -a 1 -t '\0' -n ${`r/${lists.length}`} - ${(lists[0] ?? '').slice(0, -1)}
  ${raw(lists.map((list, index) => sh`[ ! -s ${list} ] || { stream=${index + 1}; said ${raw(withFoundOptions(argv[index] ?? [], '$in_place'))}; } &`).join('\n  '))}
  wait
fi`;

export interface LargeFiles {
  /** The dataset's root. */
  readonly root: string;
  /** Path on the source for a list of names to send now. */
  readonly names: string;
  /** Path on the source for a list of all large files that ever had a second name; with `.any` behind it, of any size. */
  readonly linked: string;
  readonly argv: readonly string[];
}

/** In bytes. Of smaller ones a whole new copy is quickly written. */
const largeBytes = 16 * 1024 * 1024;

/**
 * Whether a pass may write into the files that are there: always, as long as no file ever had another name beside it. On
 * the target both may be one file still, and what is written to one would be in the other.
 */
const mayBeInPlace = ({ root, linked }: LargeFiles): string => sh`mkdir -p ${dirname(linked)}
[ -z "$(find ${`${root}/`} -type f -links +1 -print -quit 2>/dev/null)" ] || : > ${`${linked}.any`}
[ -e ${`${linked}.any`} ] || in_place=--inplace`;

/** Where others have second names, large files are listed and sent in place before the pass. Whatever fails here, the pass does. */
const sendLarge = ({ root, names, linked, argv }: LargeFiles): string => sh`if [ -z "$in_place" ]; then
  find ${`${root}/`} -type f -size ${`+${largeBytes - 1}c`} -links +1 -printf '%P\0' >> ${linked} 2>/dev/null
  sort -zu ${linked} -o ${linked}
  find ${`${root}/`} -type f -size ${`+${largeBytes - 1}c`} -links 1 -printf '%P\0' 2>/dev/null | sort -z | comm -z -23 - ${linked} > ${names}
  [ ! -s ${names} ] || said ${raw(withFoundOptions(argv))} || echo "large files: exit code $?"
fi`;

/**
 * The script of a copy, to be run detached on the source. It goes on through failures of the link by itself, waiting
 * longer each time, and ends with rsync's own exit code where that is of no use. It needs the path of its log in JOB_LOG.
 */
export const copyScript = (copy: Copy): string => sh`set -u
export LC_ALL=C
sent() { tail -c 4096 "$JOB_LOG" | tr -d ',.' | sed -n 's/^Total bytes sent: //p' | tail -n 1; }
refresh() { ${raw(copy.refresh || ':')}
}
compression() { cat ${copy.compression} 2>/dev/null || :; }
holes() { cat ${copy.sparse.answer} 2>/dev/null || echo ${sparseOption}; }
# rsync says how far it is at every file: a line for each MB will do, also for the log of a million files.
said() {
  { "$@" 2>&1; echo $? > "$JOB_LOG.code$stream"; } | python3 -c ${thin} "\${stream:+stream $stream }"
  return "$(cat "$JOB_LOG.code$stream")"
}
try() {
  tries=0
  while :; do
    code=0; said "$@" || code=$?
    ${raw(copy.live ? sh`[ $code -ne ${vanished} ] || code=0` : ':')}
    case " ${raw(transientExits.join(' '))} " in *" $code "*) ;; *) return $code ;; esac
    tries=$((tries + 1))
    [ $tries -le ${copy.retries} ] || return $code
    pause=$((tries < 5 ? 1 << (tries - 1) : 20))
    echo "exit code $code; try $tries of ${copy.retries} in $pause s"
    sleep $pause
  done
}
stream=
before=
pass=1
while :; do
  echo "pass $pass"
  # Not on the left of ||, where set -e has no effect.
  (set -eu; refresh)
  [ $? -eq 0 ] || exit 1
  in_place=
  ${raw(copy.large === undefined ? ':' : mayBeInPlace(copy.large))}
  if [ $pass -eq 1 ]; then
    ${raw(copy.sparse.look ? lookForHoles(copy.sparse) : ':')}
    ${raw(copy.streams === undefined ? ':' : sendInStreams(copy.streams))}
  fi
  ${raw(copy.large === undefined ? ':' : sendLarge(copy.large))}
  try ${raw(withFoundOptions(copy.argv, '$in_place'))} || exit
  now=$(sent)
  [ $pass -lt ${copy.passes} ] && [ "\${now:-0}" -gt ${copy.smallBytes} ] || break
  [ -z "$before" ] || [ "$now" -le $((before / 2)) ] || break
  before=$now
  pass=$((pass + 1))
done
${raw(copy.byContent === undefined ? ':' : sh`[ ! -s ${copy.byContent.names} ] || try ${raw(withFoundOptions(copy.byContent.argv))} || exit`)}
`;

/** Small files do without: of a hole in them a block is all there is to save. */
const lookForHoles = ({ root, answer }: Copy['sparse']): string =>
  sh`if find -H ${root} -type f -size +64k -printf '%S\n' 2>/dev/null | awk '$1 < 0.95 { found = 1; exit } END { exit !found }'; then echo ${sparseOption}; fi > ${answer}`;

/** The options come after rsync's name: unquoted, so that none is none. */
const withFoundOptions = ([rsync = '', ...rest]: readonly string[], more = ''): string =>
  sh`${rsync} $(compression) $(holes) ${raw(more)} ${rest}`;
