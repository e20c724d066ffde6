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
files() {
  printf '%s\n' "$cgroups" | while read -r id version path; do
    if [ "$version" = 1 ]; then printf '%s\0' "$path/memory.stat" "$path/memory.max_usage_in_bytes" "$path/memory.oom_control"
    elif [ "$version" = 2 ]; then printf '%s\0' "$path/memory.stat" "$path/memory.swap.current" "$path/memory.peak" "$path/memory.events"; fi
  done
}
{
  printf '%s\n' "$cgroups"
  second=0
  while
    echo '#'
    files | xargs -0 -r grep -sHE '^([0-9]+$|(anon|shmem|oom_kill|total_(rss|shmem|swap|active_anon|inactive_anon)) )'
    [ "$second" -lt ${seconds} ]
  do second=$((second + 1)); sleep 1; done
} 2>/dev/null | awk ${highest}
`);
};

/** Of the list of cgroups, and of what stands in their files at each sample: `path/file:words`. */
const highest = String.raw`
function note(id, field, value) {
  if (value != "" && (most[id, field] == "" || value + 0 > most[id, field] + 0)) most[id, field] = value
}
function sampled(path, total, memory, shared) {
  for (path in seen) {
    total = version[path] == 1 ? "total_" : ""
    memory = now[path, total (total ? "rss" : "anon")] + 0
    shared = now[path, total "shmem"]
    if (shared == "") shared = now[path, "total_active_anon"] + now[path, "total_inactive_anon"] - memory
    if (shared > 0) memory += shared
    note(ids[path], "memory", sprintf("%.0f", memory))
    note(ids[path], "swap", now[path, "total_swap"] now[path, "memory.swap.current"])
    note(ids[path], "peak", now[path, "memory.max_usage_in_bytes"] now[path, "memory.peak"])
    note(ids[path], "kills", now[path, "oom_kill"])
  }
  split("", seen)
  split("", now)
}
function shown(value) { return value == "" ? "-" : value }
$0 == "#" { listed = 1; sampled(); next }
!listed { path = substr($0, length($1) + length($2) + 3); ids[path] = $1; version[path] = $2; next }
{
  at = match($0, /\/memory\.[a-z_.]+:[^\/]*$/)
  path = substr($0, 1, at - 1)
  colon = index(substr($0, at), ":")
  words = split(substr($0, at + colon), word, " ")
  if (substr($0, at + 1, colon - 2) == "memory.stat") seen[path] = 1
  if (words == 2) now[path, word[1]] = word[2]; else now[path, substr($0, at + 1, colon - 2)] = word[1]
}
END {
  sampled()
  for (path in ids) {
    id = ids[path]
    if (most[id, "memory"] != "") print id, most[id, "memory"], shown(most[id, "swap"]), shown(most[id, "peak"]), shown(most[id, "kills"])
  }
}`;

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
