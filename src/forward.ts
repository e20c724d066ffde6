import { isIPv4 } from 'node:net';
import type { HostReader } from './host.ts';
import { iptablesRules } from './queries/iptables.ts';
import { raw, sh } from './shell.ts';
import type { Change } from './step.ts';

/** By this comment our kernel rules are known on the source. */
const forwardComment = (migration: string): string => `ecsodus:${migration}`;

/**
 * Kernel rules by which the source hands a published port on to the target, so that visitors whose DNS is old still
 * arrive. Docker's own rule for the port is gone with the container. Replies come back the same way (MASQUERADE); the rules
 * that send visitors on come last, since one sent on without the others would wait for an answer in vain.
 */
export function forwardScript(migration: string, port: number, target: string): string {
  if (!isIPv4(target)) throw new Error(`not an IPv4 address: ${target}`);
  const mark = sh`-m comment --comment ${`${forwardComment(migration)}:${port}`}`;
  return [
    'set -eu',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    ...removalLines(migration, port),
    sh`iptables -t nat -I POSTROUTING -p tcp -d ${target} --dport ${port} ${raw(mark)} -j MASQUERADE`,
    sh`iptables -I FORWARD -p tcp -d ${target} --dport ${port} ${raw(mark)} -j ACCEPT`,
    sh`iptables -I FORWARD -p tcp -s ${target} --sport ${port} ${raw(mark)} -j ACCEPT`,
    sh`iptables -t nat -I PREROUTING -p tcp --dport ${port} -m addrtype --dst-type LOCAL ${raw(mark)} -j DNAT --to-destination ${target}:${port}`,
    sh`iptables -t nat -I OUTPUT -p tcp --dport ${port} -m addrtype --dst-type LOCAL ${raw(mark)} -j DNAT --to-destination ${target}:${port}`,
  ].join('\n');
}

export const removeForwardScript = (migration: string, port: number): string =>
  ['set -eu', ...removalLines(migration, port)].join('\n');

/** Every rule that carries the mark, turned from `-A chain …` into `-D chain …`; eval undoes the quoting of iptables-save. */
const removalLines = (migration: string, port: number): string[] =>
  ['nat', 'filter'].map(
    (table) =>
      sh`iptables-save -t ${table} | { grep -E -- ${`${forwardComment(migration)}:${port}("| |$)`} || true; } | sed 's/^-A/-D/' | while IFS= read -r rule; do eval "iptables -t ${raw(table)} $rule"; done`,
  );

/**
 * How many of a port's rules stand, by port, from `iptables-save`: five when all do. With a `target`, those that lead there:
 * an instance that was stopped comes back with another address, and the old one may be a stranger's by now.
 */
export function parseForwards(saved: string, migration: string, target?: string): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  const ours = new RegExp(`--comment "?${forwardComment(migration)}:(\\d+)"?`);
  for (const rule of saved.split('\n').filter((line) => target === undefined || leadsTo(target, line))) {
    const port = Number(ours.exec(rule)?.[1]);
    if (port > 0) counts.set(port, (counts.get(port) ?? 0) + 1);
  }
  return counts;
}

/** As it stands in `-d 192.0.2.7/32` and in `--to-destination 192.0.2.7:80`. */
const leadsTo = (target: string, rule: string): boolean => rule.includes(` ${target}/`) || rule.includes(` ${target}:`);

export const rulesPerForward = 5;

export interface RemoveForward extends Change {
  readonly kind: 'forward';
  readonly port: number;
}

/** One removal for each port that has any rule of ours left. */
export async function forwardsToRemove(
  source: HostReader,
  migration: string,
  reason: string,
): Promise<RemoveForward[]> {
  const standing = parseForwards(await source.read(iptablesRules()), migration);
  return [...standing.keys()].map((port) => ({
    id: `unforward:${port}`,
    kind: 'forward',
    verb: 'delete',
    target: `forward of port ${port} on the source`,
    reason,
    port,
  }));
}
