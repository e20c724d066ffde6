import { type Query, query } from '../query.ts';
import { raw, sh } from '../shell.ts';
import { preamble } from './surroundings.ts';

/**
 * What every running container is made of, read through /proc/PID/root: the distribution, the C library, the JVM and the
 * program it began with. Records as `hostSurroundings` gives them, of kind `system`, named by container id. A link that
 * starts at the root would lead to the host's own file, so links are not followed there.
 */
export const containerSystems = (root = ''): Query =>
  query(sh`${raw(preamble(root))}
system() {
  top=$R/proc/$1/root
  for f in "$top/usr/lib/os-release" "$top/etc/os-release"; do
    if [ -f "$f" ] && [ ! -L "$f" ]; then grep -sE '^(ID|VERSION_ID)=' "$f"; fi
  done
  for f in "$top/etc/redhat-release" "$top/etc/debian_version"; do
    if [ -f "$f" ] && [ ! -L "$f" ]; then IFS= read -r first <"$f"; printf '%s=%s\n' "\${f##*/}" "$first"; fi
  done
  for f in "$top"/lib/libc-2.*.so "$top"/lib64/libc-2.*.so "$top"/lib/*-linux-gnu/libc-2.*.so; do
    if [ -e "$f" ]; then printf 'libc=%s\n' "\${f##*/}"; fi
  done
  printf 'init=%s\n' "$(readlink "$R/proc/$1/exe")"
  [ -z "$java" ] || printf '%s\n' "$java" | while read -r pid program; do
    case " $3 " in *" $pid "*) ;; *) continue ;; esac
    for f in "$top\${program%/bin/java}/release" "$top\${program%/jre/bin/java}/release"; do
      if [ -f "$f" ]; then sed -n 's/^JAVA_VERSION="\(.*\)"/java=\1/p' "$f"; fi
    done
  done
}
java=$(find "$R"/proc/[0-9]*/exe -maxdepth 0 -lname '*/java' -printf '%p %l\n' 2>/dev/null | sed "s|^$R/proc/\([0-9]*\)/exe|\1|")
grep -sHoE -m1 '[0-9a-f]{64}' "$R"/proc/[0-9]*/cgroup | sed "s|^$R/proc/\([0-9]*\)/cgroup:|\1 |" | sort -n |
  awk '{ if (!($2 in first)) { first[$2] = $1; ids[++n] = $2 } all[$2] = all[$2] " " $1 } END { for (i = 1; i <= n; i++) print first[ids[i]], ids[i] all[ids[i]] }' |
  while read -r pid id pids; do system "$pid" "$id" "$pids" </dev/null 2>/dev/null | record system "$id"; done
exit 0
`);
