// The modules of this folder are the only ones that call query(): each script here does nothing but look.
import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

/** What a host says of itself; Docker's share of HostFacts comes from the engine. */
export interface MachineFacts {
  readonly hostname: string;
  readonly os: string;
  /** `uname -m`: x86_64, aarch64. */
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly uptimeSeconds: number;
  /** Sent to the world since it booted: by the interface of the default route, else by all that are not Docker's own. */
  readonly sentBytes: number;
  /** Free for root-less use at the nearest existing parent of the asked path. */
  readonly freeBytes: number;
  readonly rsyncVersion: string | undefined;
  /** Of `python3`, which reads the data for its proof. */
  readonly pythonVersion: string | undefined;
  /** Address of the operator as this host sees it; empty where sshd does not tell. */
  readonly operatorAddress: string;
}

export const hostFacts = (freeAt = '/var/lib/ecsodus'): Query =>
  query(sh`fact() { printf '%s=%s\n' "$1" "$2"; }
place=${freeAt}
while [ ! -e "$place" ]; do place=$(dirname "$place"); done
fact hostname "$(hostname 2>/dev/null || cat /proc/sys/kernel/hostname)"
fact os "$(. /etc/os-release 2>/dev/null; echo "\${PRETTY_NAME:-unknown}")"
fact architecture "$(uname -m)"
fact cpus "$(nproc)"
fact memoryKib "$(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo)"
fact uptime "$(cut -d ' ' -f 1 /proc/uptime)"
fact outward "$(awk '$2 == "00000000" { print $1; exit }' /proc/net/route 2>/dev/null)"
sed -n 's/^ *\([^: ]*\): *\([0-9].*\)$/sent.\1=\2/p' /proc/net/dev
fact freeBytes "$(df --output=avail -B1 "$place" | tail -n 1 | tr -d ' ')"
fact rsync "$(rsync --version 2>/dev/null | sed -n 's/^rsync  *version \([^ ]*\).*/\1/p')"
fact python "$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)"
fact operator "\${SSH_CLIENT%% *}"
`);

export function parseHostFacts(text: string): MachineFacts {
  const facts = new Map(
    text.split('\n').map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );
  const fact = (name: string) => facts.get(name) ?? '';
  return {
    hostname: fact('hostname'),
    os: fact('os'),
    architecture: fact('architecture'),
    cpus: Number(fact('cpus')),
    memoryBytes: Number(fact('memoryKib')) * 1024,
    uptimeSeconds: Math.floor(Number(fact('uptime'))),
    sentBytes: sentBytes(facts, fact('outward')),
    freeBytes: Number(fact('freeBytes')),
    rsyncVersion: fact('rsync') || undefined,
    pythonVersion: fact('python') || undefined,
    operatorAddress: fact('operator'),
  };
}

const inner = /^(lo|docker|br-|veth|virbr|cni|flannel|podman)/;

/** Each line of /proc/net/dev has eight numbers of what came in before the bytes that went out. */
function sentBytes(facts: ReadonlyMap<string, string>, outward: string): number {
  const interfaces = [...facts].flatMap(([key, value]) =>
    key.startsWith('sent.') ? [{ name: key.slice('sent.'.length), bytes: Number(value.trim().split(/\s+/)[8]) }] : [],
  );
  const counted = interfaces.filter(({ name }) => (outward === '' ? !inner.test(name) : name === outward));
  return counted.reduce((sum, { bytes }) => sum + bytes, 0);
}
