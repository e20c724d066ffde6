import type { Container } from '../inventory.ts';
import { type Call, isStrong } from './calls.ts';
import { dependency } from './evidence.ts';
import { namesFor } from './network-names.ts';

/** How the containers of one task reach one another, and in which order they start. */
export interface Wiring {
  /** By links, which must not form a cycle (§2). */
  readonly links: readonly Call[];
  /** Who waits for whom: all links, and compose's depends_on as far as it goes with them. */
  readonly waits: readonly Wait[];
  readonly order: readonly Container[];
}

export type Wait = Pick<Call, 'caller' | 'callee'>;

/** `members` is by age; `calls` may hold those of others too. Where calls form a cycle, the sure ones are linked first. */
export function wire(members: readonly Container[], calls: readonly Call[]): Wiring {
  const found = calls.filter(({ caller, callee }) => members.includes(caller) && members.includes(callee));
  const sureFirst = [...found.filter(isStrong), ...found.filter((call) => !isStrong(call))];
  const links = [...withoutCycles([], sureFirst), ...unknowns(members, calls)];
  const waits = withoutCycles<Wait>(links, dependencies(members, links));
  return { links, waits, order: startOrder(members, waits) };
}

const dependencies = (members: readonly Container[], links: readonly Wait[]): Wait[] =>
  members.flatMap((caller) =>
    members
      .filter((callee) => callee !== caller && dependency(caller, callee) !== undefined)
      .filter((callee) => !links.some((link) => link.caller === caller && link.callee === callee))
      .map((callee) => ({ caller, callee })),
  );

function withoutCycles<T extends Wait>(before: readonly T[], more: readonly T[]): T[] {
  const kept = [...before];
  for (const each of more) if (!reaches(each.callee, each.caller, kept)) kept.push(each);
  return kept;
}

/** Whether `from` waits for `to`, directly or through others. */
function reaches(from: Container, to: Container, waits: readonly Wait[], seen = new Set<Container>()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return waits.some(({ caller, callee }) => caller === from && reaches(callee, to, waits, seen));
}

/** Nothing is known of a container: it can call whatever was there before it, as on the source. */
function unknowns(members: readonly Container[], calls: readonly Call[]): Call[] {
  const known = new Set(calls.flatMap(({ caller, callee }) => [caller, callee]));
  return members.flatMap((caller, index) =>
    known.has(caller)
      ? []
      : members.slice(0, index).flatMap((callee): Call[] => {
          const names = namesFor(caller, callee);
          return names.length === 0 ? [] : [{ caller, callee, names, evidence: [] }];
        }),
  );
}

/** Whom others wait for first; otherwise by age. `waits` has no cycle. */
export function startOrder(members: readonly Container[], waits: readonly Wait[]): Container[] {
  const order = new Set<Container>();
  const visit = (container: Container): void => {
    if (order.has(container)) return;
    const callees = new Set(waits.filter(({ caller }) => caller === container).map(({ callee }) => callee));
    for (const callee of members.filter((member) => callees.has(member))) visit(callee);
    order.add(container);
  };
  members.forEach(visit);
  return [...order];
}
