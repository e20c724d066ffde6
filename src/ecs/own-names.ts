import type { AccountingRow, Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { spokenBy } from './evidence.ts';
import { recordOf, textOf } from './json.ts';
import { namesOnNetwork } from './network-names.ts';
import { networkModeOf, userNetworks } from './network-rules.ts';

/** What becomes of the names by which a container calls itself: a broker's advertised listener, a cluster's own node. */
export interface OwnName {
  /** Docker leads it to the container's own address; undefined where none is called, or it has a host name already. */
  readonly hostname?: string;
  readonly accounting: readonly AccountingRow[];
  readonly findings: readonly Finding[];
}

/** Docker's DNS answers a container for its own names; on docker0 it knows its host name only. */
export function ownNameOf(container: Container): OwnName {
  const { id, name, inspect } = container;
  const given = textOf(recordOf(inspect.Config).Hostname);
  const isDefault = given === '' || given === id.slice(0, 12);
  const called = namesItCalls(container).filter((each) => each !== given);
  const hostname = isDefault && networkModeOf(container) === 'bridge' ? called[0] : undefined;
  const left = called.filter((each) => each !== hostname);
  return {
    ...(hostname !== undefined && { hostname }),
    accounting: hostname === undefined ? [] : [named(name, given, hostname)],
    findings: left.length === 0 ? [] : [unresolved(name, left, hostname ?? given)],
  };
}

function namesItCalls(container: Container): string[] {
  const own = Object.values(userNetworks(container)).flatMap((endpoint) => namesOnNetwork(endpoint, container));
  if (own.length === 0) return [];
  const spoken = spokenBy(container);
  return [...new Set(own)].filter((name) => spoken.get(name)?.some(({ strong }) => strong));
}

const named = (container: string, given: string, hostname: string): AccountingRow => ({
  container,
  setting: 'Config.Hostname',
  value: given,
  outcome: 'approximated',
  target: `hostname: ${hostname}`,
  note: 'it calls itself by this name, which on docker0 nothing else answers to',
});

const unresolved = (subject: string, names: readonly string[], hostname: string): Finding => ({
  level: 'warning',
  code: 'own-name',
  subject,
  message: `It calls itself ${names.join(', ')}, and on ECS knows itself as ${hostname} only.`,
  remedy: `Let it call itself ${hostname} or localhost; the other containers’ names for it stay.`,
});
