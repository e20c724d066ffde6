import type { Usage } from '../inventory.ts';
import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

/** A running container and its main process, `State.Pid`. */
export interface RunningProcess {
  readonly id: string;
  readonly pid: number;
}

/**
 * Looks into the cgroup of each container once a second, and tells the most it saw: one line `id memory swap peak kills`
 * for each whose cgroup can be read, in bytes, `-` for what this kernel does not count. All in one command, so that the
 * seconds are those of the source's own clock.
 *
 * Memory is anonymous and shared memory; page cache is left out. cgroup v1 tells it for a cgroup and those below it as
 * `total_…`, v2 always does; kernels before 4.10 do not tell shared memory, but keep it in the lists of anonymous pages. The path is cut off behind the container's id: its main process may sit in a cgroup of its
 * own below that. A process in no cgroup that is named by the id tells nothing: the numbers would be those of others too.
 */
export const containerUsage = (containers: readonly RunningProcess[], seconds: number): Query => {
  const words = containers.map(({ id, pid }) => `${id}:${pid}`);
  return query(sh`cgroups=$(
  for each in ${words}; do
    id=\${each%%:*} pid=\${each##*:} path=
    line=$(grep -E '^[0-9]+:([^:]*,)?memory(,[^:]*)?:' "/proc/$pid/cgroup" 2>/dev/null) &&
      for root in /sys/fs/cgroup/memory /cgroup/memory; do
        if [ -z "$path" ] && [ -d "$root" ]; then version=1 path=$root\${line#*:*:}; fi
      done
    if [ -z "$path" ] && line=$(grep '^0::' "/proc/$pid/cgroup" 2>/dev/null); then
      version=2 path=/sys/fs/cgroup\${line#0::}
    fi
    case $path in *"$id"*) ;; *) continue ;; esac
    rest=\${path#*"$id"}
    path=\${path%%"$id"*}$id\${rest%%/*}
    [ -r "$path/memory.stat" ] && echo "$id $version $path"
  done
)
each_cgroup() { printf '%s\n' "$cgroups" | while read -r id version path; do [ -z "$id" ] || "$1"; done; }
number() { if read -r value <"$1"; then echo "$value"; else echo -; fi 2>/dev/null; }
sample() {
  memory=0 swap=- shared= on_lists=0
  while read -r key value; do
    case $version$key in
      1total_rss | 2anon) memory=$((memory + value)) ;;
      1total_shmem | 2shmem) shared=$value ;;
      1total_active_anon | 1total_inactive_anon) on_lists=$((on_lists + value)) ;;
      1total_swap) swap=$value ;;
    esac
  done 2>/dev/null <"$path/memory.stat" || return 0
  [ -n "$shared" ] || { [ "$on_lists" -le "$memory" ] || shared=$((on_lists - memory)); }
  memory=$((memory + \${shared:-0}))
  [ "$version" = 1 ] || swap=$(number "$path/memory.swap.current")
  echo "$id $memory $swap - -"
}
totals() {
  if [ "$version" = 1 ]; then peak=memory.max_usage_in_bytes events=memory.oom_control
  else peak=memory.peak events=memory.events; fi
  kills=$(sed -n 's/^oom_kill //p' "$path/$events" 2>/dev/null)
  echo "$id - - $(number "$path/$peak") \${kills:--}"
}
{
  second=0
  while each_cgroup sample; [ "$second" -lt ${seconds} ]; do second=$((second + 1)); sleep 1; done
  each_cgroup totals
} 2>/dev/null | awk '
  { if (!($1 in seen)) { seen[$1] = 1; for (i = 2; i <= 5; i++) most[$1, i] = "-" } }
  { for (i = 2; i <= 5; i++) if ($i != "-" && (most[$1, i] == "-" || $i + 0 > most[$1, i] + 0)) most[$1, i] = $i }
  END { for (id in seen) print id, most[id, 2], most[id, 3], most[id, 4], most[id, 5] }'
`);
};

/** By container id. */
export function parseUsage(text: string): Readonly<Record<string, Usage>> {
  const rows = text.split('\n').map((line) => line.split(' '));
  return Object.fromEntries(
    rows.flatMap(([id = '', memory, swap, peak, kills]) => {
      const memoryBytes = numberIn(memory);
      if (memoryBytes === undefined) return [];
      const [swapBytes, peakBytes, oomKills] = [swap, peak, kills].map(numberIn);
      return [
        [
          id,
          {
            memoryBytes,
            ...(swapBytes !== undefined && { swapBytes }),
            ...(peakBytes !== undefined && { peakBytes }),
            ...(oomKills !== undefined && { oomKills }),
          },
        ],
      ];
    }),
  );
}

const numberIn = (word: string | undefined): number | undefined =>
  word !== undefined && /^\d+$/.test(word) ? Number(word) : undefined;
