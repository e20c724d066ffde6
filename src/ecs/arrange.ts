import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import type { Bond } from './bonds.ts';
import { type Call, callsOf, whyCalled } from './calls.ts';
import { groupName, uniqueName } from './group-names.ts';
import { type Group, groupContainers, type Overrides } from './grouping.ts';
import type { WantedPorts } from './host-ports.ts';
import { type Route, routesFor } from './routes.ts';
import { mostContainers } from './split.ts';
import { type Wiring, wire } from './wiring.ts';

interface Task {
  readonly group: Group;
  readonly wiring: Wiring;
}

/** Which containers share a task, and how the names that each calls go on leading to whom they led. */
export interface Arrangement {
  readonly tasks: readonly Task[];
  readonly idle: readonly Task[];
  readonly routeOf: (container: Container) => Route;
  readonly findings: readonly Finding[];
}

interface Wishes {
  /** Those that do not run: each alone, lest it be started with others. They call the others, and nobody calls them. */
  readonly idle?: readonly Container[] | undefined;
  readonly workloads?: Overrides | undefined;
  readonly ports?: WantedPorts | undefined;
}

/**
 * Workloads are kept apart as far as names allow it: where a call can go neither by a link nor by a host port, since another
 * has that port or nobody knows it, the two workloads become one, if ECS takes that many. `containers` is by age.
 */
export function arrange(containers: readonly Container[], { idle = [], workloads, ports }: Wishes): Arrangement {
  const all = callsOf([...containers, ...idle]).filter(({ callee }) => containers.includes(callee));
  const calls = all.filter(({ caller }) => containers.includes(caller));
  const bonds: Bond[] = [];
  for (;;) {
    const { groups, findings } = groupContainers({ containers, calls, overrides: workloads, bonds });
    const tasks = groups.map((group) => ({ group, wiring: wire(group.members, calls) }));
    const links = tasks.flatMap(({ wiring }) => wiring.links);
    const routes = routesFor({ calls: all, links, containers, idle, ports });
    const more = mergers(routes.unreached, groups);
    // Each merger leaves one workload less, so there are never more than containers.
    if (more.length === 0 || bonds.length >= containers.length)
      return {
        tasks,
        idle: alone(idle, groups).map((group) => ({ group, wiring: wire(group.members, []) })),
        routeOf: routes.routeOf,
        findings: [...findings, ...routes.findings],
      };
    bonds.push(...more);
  }
}

function alone(idle: readonly Container[], groups: readonly Group[]): Group[] {
  const taken = new Set(groups.map(({ name }) => name));
  return idle.map((container) => ({
    name: uniqueName(groupName([container]), taken),
    members: [container],
    why: ['it does not run on the source'],
    isWhole: false,
    modes: '',
  }));
}

/** One for each workload at most: what two have become together is seen the next time. */
function mergers(unreached: readonly Call[], groups: readonly Group[]): Bond[] {
  const groupOf = new Map(groups.flatMap((group) => group.members.map((member) => [member, group] as const)));
  const merged = new Set<Group>();
  return unreached.flatMap((call) => {
    const [a, b] = [groupOf.get(call.caller), groupOf.get(call.callee)];
    if (a === undefined || b === undefined || merged.has(a) || merged.has(b) || !canMerge(a, b)) return [];
    merged.add(a).add(b);
    const why = `${whyCalled(call)}, for which no host port is to be had`;
    return [{ a: call.caller, b: call.callee, why }];
  });
}

const canMerge = (a: Group, b: Group): boolean =>
  a !== b && a.isWhole && b.isWhole && a.modes === b.modes && a.members.length + b.members.length <= mostContainers;
