import type { Container } from '../inventory.ts';
import { type Call, isStrong } from './calls.ts';
import { dependency } from './evidence.ts';
import { groupedBy } from './grouped-by.ts';
import { labelOf, namesFor } from './network-names.ts';

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
  const inside = new Set(members);
  const found = calls.filter(({ caller, callee }) => inside.has(caller) && inside.has(callee));
  const sureFirst = [...found.filter(isStrong), ...found.filter((call) => !isStrong(call))];
  const links = [...withoutCycles([], sureFirst), ...unknowns(members, calls)];
  const waits = withoutCycles<Wait>(links, dependencies(members, links));
  return { links, waits, order: startOrder(members, waits) };
}

function dependencies(members: readonly Container[], links: readonly Wait[]): Wait[] {
  const linked = groupedBy(links, ({ caller }) => caller);
  return members
    .filter((caller) => labelOf(caller, 'com.docker.compose.depends_on') !== '')
    .flatMap((caller) =>
      members
        .filter((callee) => callee !== caller && dependency(caller, callee) !== undefined)
        .filter((callee) => !linked.get(caller)?.some((link) => link.callee === callee))
        .map((callee) => ({ caller, callee })),
    );
}

/** In the order given, each that does not close a cycle with those before it. */
function withoutCycles<T extends Wait>(before: readonly T[], more: readonly T[]): T[] {
  const waitsFor = new Map<Container, Set<Container>>();
  const waitedForBy = new Map<Container, Set<Container>>();
  const kept: T[] = [];
  for (const each of [...before, ...more]) {
    const { caller, callee } = each;
    if (caller === callee || waitsFor.get(callee)?.has(caller)) continue;
    kept.push(each);
    if (waitsFor.get(caller)?.has(callee)) continue;
    const after = [callee, ...(waitsFor.get(callee) ?? [])];
    const first = [caller, ...(waitedForBy.get(caller) ?? [])];
    for (const one of first) addAll(waitsFor, one, after);
    for (const one of after) addAll(waitedForBy, one, first);
  }
  return kept;
}

function addAll(sets: Map<Container, Set<Container>>, key: Container, more: readonly Container[]): void {
  const set = sets.get(key) ?? new Set();
  for (const each of more) set.add(each);
  sets.set(key, set);
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
  const callees = groupedBy(waits, ({ caller }) => caller);
  const visit = (container: Container): void => {
    if (order.has(container)) return;
    const first = new Set(callees.get(container)?.map(({ callee }) => callee));
    for (const callee of members.filter((member) => first.has(member))) visit(callee);
    order.add(container);
  };
  members.forEach(visit);
  return [...order];
}
