import { type Query, query } from '../query.ts';
import { raw, sh } from '../shell.ts';

/**
 * What a host does beside Docker, as records of three NUL-ended fields: kind, name, text. What cannot be read has no
 * record. `root` stands before every path. Files that a package brought are left out: they are the distribution's.
 */
export const hostSurroundings = (root = ''): Query =>
  query(sh`${raw(preamble(root))}
${raw(ownFiles)}
${raw(plainFiles)}
${raw(runningNow)}
${raw(network)}
exit 0
`);

export const preamble = (root: string): string => sh`export LC_ALL=C
R=${root}
record() { printf '%s\0%s\0' "$1" "$2"; head -c 262144 | tr -d '\000'; printf '\0'; }
file() { if [ -f "$2" ] && [ -r "$2" ]; then record "$1" "\${2#"$R"}" <"$2"; fi; }`;

/** Debian's lists of packaged files, or rpm's word; where there is neither, every file counts as the owner's. */
const ownFiles = sh`all=$(for f in "$R"/etc/cron.d/* "$R"/etc/cron.hourly/* "$R"/etc/cron.daily/* "$R"/etc/cron.weekly/* \
  "$R"/etc/cron.monthly/* "$R"/etc/sysctl.d/*.conf "$R"/etc/modules-load.d/*.conf \
  "$R"/etc/systemd/system/*.service "$R"/etc/systemd/system/*.timer; do
  [ -f "$f" ] || continue
  if [ -L "$f" ]; then case $(readlink -f "$f") in */lib/systemd/*|/dev/null) continue ;; esac; fi
  printf '%s\n' "\${f#"$R"}"
done)
if [ -d "$R/var/lib/dpkg/info" ]; then
  packaged=$(printf '%s\n' "$all" | grep -shxF -f - "$R"/var/lib/dpkg/info/*.list | sort -u)
  own=$(printf '%s\n' "$all" | grep -vxF -e "$packaged")
elif command -v rpm >/dev/null; then
  own=$(printf '%s\n' "$all" | xargs -d '\n' -r rpm -qf 2>&1 | sed -n 's/^file \(.*\) is not owned by any package$/\1/p')
else own=$all
fi
printf '%s\n' "$own" | while IFS= read -r f; do
  case $f in
    /etc/cron.d/*) file crontab "$R$f" ;;
    /etc/cron.*) file cron-script "$R$f" ;;
    /etc/sysctl.d/*) file sysctl "$R$f" ;;
    /etc/modules-load.d/*) file modules "$R$f" ;;
    /etc/systemd/*) file unit "$R$f" ;;
  esac
done`;

/** The scripts that cron runs are looked at for their lines about Docker only. */
const plainFiles = sh`file crontab "$R/etc/crontab"
for f in "$R"/var/spool/cron/crontabs/* "$R"/var/spool/cron/*; do file user-crontab "$f"; done
cat "$R"/etc/crontab "$R"/etc/cron.d/* "$R"/var/spool/cron/crontabs/* "$R"/var/spool/cron/* 2>/dev/null |
  grep -v '^[[:space:]]*#' | grep -oE '/[A-Za-z0-9_./-]+' | grep -vE '^/(usr/)?s?bin/|^/dev/' | sort -u | head -n 100 |
  while IFS= read -r f; do
    if [ -f "$R$f" ]; then grep -sIE '(^|[^A-Za-z0-9_.-])docker' "$R$f" | head -n 50 | record script "$f"; fi
  done
file sysctl "$R/etc/sysctl.conf"
file modules "$R/etc/modules"
file hosts "$R/etc/hosts"
file daemon "$R/etc/docker/daemon.json"
file vendor "$R/sys/class/dmi/id/sys_vendor"
file swaps "$R/proc/swaps"
for f in "$R"/etc/systemd/system/*.wants/*; do printf '%s\n' "\${f##*/}"; done | record enabled ''
zone=$(readlink "$R/etc/localtime")
case $zone in */zoneinfo/*) printf '%s' "\${zone#*/zoneinfo/}" | record zone '' ;; *) file zone "$R/etc/timezone" ;; esac
for f in "$R"/etc/letsencrypt/live/*/; do if [ -d "$f" ]; then basename "$f"; fi; done | record certificates ''
for f in "$R"/root/.acme.sh "$R"/home/*/.acme.sh; do if [ -d "$f" ]; then printf '%s\n' "\${f#"$R"}"; fi; done | record acme ''
for f in "$R"/dev/disk/by-id/scsi-0DO_Volume_*; do
  case $f in *-part*|*'*') continue ;; esac
  device=$(readlink -f "$f")
  awk -v link="$f" -v device="$device" '$1 == link || index($1, device) == 1 { print $2 }' "$R/proc/mounts" | record disk "\${f##*DO_Volume_}"
done`;

const runningNow = sh`(cd "$R/proc/sys" 2>/dev/null && grep -s '' vm/max_map_count vm/overcommit_memory vm/swappiness net/core/somaxconn \
  fs/inotify/max_user_watches fs/inotify/max_user_instances fs/aio-max-nr net/ipv4/ip_local_port_range \
  net/ipv4/ip_unprivileged_port_start kernel/pid_max /dev/null) | record sysctl-now ''
grep -s '' "$R"/proc/[0-9]*/comm /dev/null | sed "s|^$R/proc/||" | record programs ''
grep -sHoE -m1 '[0-9a-f]{64}' "$R"/proc/[0-9]*/cgroup | sed "s|^$R/proc/||" | record cgroups ''
for f in $(cd "$R/proc" && grep -slxE 'dockerd|dockerd-current' [0-9]*/comm); do
  pid=\${f%/comm}
  tr '\000' '\n' <"$R/proc/$pid/cmdline" 2>/dev/null | record dockerd "$pid"
done`;

/** Addresses from the kernel's own table, which is there without iproute2. */
const network = sh`file addresses "$R/proc/net/fib_trie"
listening=$(ss -ltnp 2>/dev/null)
if [ -n "$listening" ]; then printf '%s\n' "$listening" | record sockets ss
else
  cat "$R/proc/net/tcp" "$R/proc/net/tcp6" 2>/dev/null | awk '$4 == "0A"' | record sockets proc
  inodes=$(awk '$4 == "0A" { print "socket:[" $10 "]" }' "$R/proc/net/tcp" "$R/proc/net/tcp6" 2>/dev/null)
  find "$R"/proc/[0-9]*/fd -lname 'socket:*' -printf '%p %l\n' 2>/dev/null | grep -F -e "$inodes" | sed "s|^$R/proc/||" | record socket-owners ''
fi
if command -v iptables-save >/dev/null; then iptables-save 2>/dev/null | record iptables ''; fi
if command -v nft >/dev/null; then nft list tables 2>/dev/null | record nft ''; fi`;

export interface SurroundingsRecord {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

export function parseRecords(text: string): SurroundingsRecord[] {
  const fields = text.split('\0');
  return Array.from({ length: Math.floor(fields.length / 3) }, (_, index) => {
    const [kind = '', name = '', body = ''] = fields.slice(index * 3, index * 3 + 3);
    return { kind, name, text: body };
  });
}
