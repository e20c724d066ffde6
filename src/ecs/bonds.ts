import type { Container } from '../inventory.ts';
import { type Call, whyCalled } from './calls.ts';
import { projectOf } from './evidence.ts';
import { recordOf, textOf, textsOf } from './json.ts';
import { linksOf } from './network-names.ts';
import { networkModeOf, userNetworks } from './network-rules.ts';
import { readsSocket } from './places.ts';

/** One reason for two containers to share a task. */
export interface Bond {
  readonly a: Container;
  readonly b: Container;
  /** As the operator reads it; containers bound for one reason give it once. */
  readonly why: string;
}

/**
 * Links, shared volumes and shared namespaces hold within one task only (§1.3 to §1.5). Where ECS cannot make one task of
 * both, a link becomes an extra host, and shared volumes are mounted by each: only a namespace must be shared.
 */
export function mustShare(containers: readonly Container[]): Bond[] {
  const byName = new Map(
    containers.flatMap((each) => [each.name, each.id, each.id.slice(0, 12)].map((name) => [name, each] as const)),
  );
  return containers.flatMap((a) =>
    needsOfHost(a).flatMap(({ name, why, isNamespace = false }) => {
      const b = byName.get(name);
      if (b === undefined || b === a) return [];
      return !isNamespace && modesOf(a) !== modesOf(b) ? [] : [{ a, b, why: `${a.name} has ${why} ${b.name}` }];
    }),
  );
}

function needsOfHost(container: Container): { name: string; why: string; isNamespace?: true }[] {
  const host = recordOf(container.inspect.HostConfig);
  const sharing = (mode: unknown, why: string) =>
    textOf(mode).startsWith('container:')
      ? [{ name: textOf(mode).slice('container:'.length), why, isNamespace: true as const }]
      : [];
  return [
    ...linksOf(container).map(({ target: name }) => ({ name, why: 'a link to' })),
    ...textsOf(host.VolumesFrom).map((from) => ({ name: from.split(':')[0] ?? '', why: 'the volumes of' })),
    ...sharing(host.NetworkMode, 'the network of'),
    ...sharing(host.PidMode, 'the processes of'),
    ...sharing(host.IpcMode, 'the shared memory of'),
  ];
}

/** Containers of one compose project, as far as ECS can set up one task for them: it sets these modes for a whole task. */
export function ofOneProject(containers: readonly Container[]): Bond[] {
  const firsts = new Map<string, Container>();
  return containers.flatMap((b) => {
    const project = projectOf(b);
    const key = `${project} ${modesOf(b)}`;
    const a = firsts.get(key);
    if (a === undefined) firsts.set(key, b);
    return project === '' || a === undefined ? [] : [{ a, b, why: `compose project ${project}` }];
  });
}

/** What ECS sets for a whole task. */
export const modesOf = (container: Container): string => {
  const { PidMode, IpcMode } = recordOf(container.inspect.HostConfig);
  const shared = [PidMode, IpcMode].map((mode) => (['host', 'none'].includes(textOf(mode)) ? mode : ''));
  return [networkModeOf(container), ...shared].join(' ');
};

/** Containers of no project that call one another, or of which nothing is known but that they share a network. */
export function ofOneNetwork(loners: readonly Container[], calls: readonly Call[]): Bond[] {
  const alone = new Set(loners);
  const calling = calls
    .filter(({ caller, callee }) => alone.has(caller) && alone.has(callee) && modesOf(caller) === modesOf(callee))
    .map((call) => ({ a: call.caller, b: call.callee, why: whyCalled(call) }));
  const known = new Set(calls.flatMap(({ caller, callee }) => [caller, callee]));
  return [...calling, ...unknownOnes(loners, known)];
}

/** In doubt they stay together. A proxy that finds its containers by the engine's socket does not need their names. */
function unknownOnes(loners: readonly Container[], known: ReadonlySet<Container>): Bond[] {
  const networks = [...new Set(loners.flatMap((each) => Object.keys(userNetworks(each))))];
  return networks.flatMap((network) => {
    const [a, ...others] = loners.filter((each) => network in userNetworks(each));
    if (a === undefined || [a, ...others].some(readsSocket)) return [];
    return others
      .filter((b) => modesOf(a) === modesOf(b) && !(known.has(a) && known.has(b)))
      .map((b) => ({ a, b, why: `network ${network}` }));
  });
}

/**
 * A set of no project that calls, or is called by, containers of one project only goes with it; where nothing is known of
 * it, the networks it is on say which. Between several projects it stays alone.
 */
export function joiningOneProject(sets: readonly (readonly Container[])[], calls: readonly Call[]): Bond[] {
  const setOf = new Map(sets.flatMap((set) => set.map((each) => [each, set] as const)));
  const isOfProject = ({ b }: Bond) => setOf.get(b)?.some((each) => projectOf(each) !== '') ?? false;
  return sets
    .filter((set) => set.every((each) => projectOf(each) === ''))
    .flatMap((set) => {
      const known = calls.some(({ caller, callee }) => set.includes(caller) || set.includes(callee));
      const out = (known ? callsOutOf(set, calls) : networksOf(set, [...setOf.keys()])).filter(isOfProject);
      const projects = new Set(out.map(({ b }) => setOf.get(b)));
      return projects.size === 1 ? out.filter(({ a, b }) => modesOf(a) === modesOf(b)) : [];
    });
}

const callsOutOf = (set: readonly Container[], calls: readonly Call[]): Bond[] =>
  calls.flatMap((call) => {
    const { caller, callee } = call;
    if (set.includes(caller) === set.includes(callee)) return [];
    const [a, b] = set.includes(caller) ? [caller, callee] : [callee, caller];
    return [{ a, b, why: whyCalled(call) }];
  });

const networksOf = (set: readonly Container[], all: readonly Container[]): Bond[] =>
  set.flatMap((a) =>
    Object.keys(userNetworks(a)).flatMap((network) =>
      all
        .filter((b) => !set.includes(b) && network in userNetworks(b))
        .map((b) => ({ a, b, why: `network ${network}, and no sign of a call` })),
    ),
  );

/** Sets of containers that are joined by a bond, directly or through others. Members and sets are in the order given. */
export function joined(containers: readonly Container[], bonds: readonly Bond[]): Container[][] {
  const sets = new Map(containers.map((container) => [container, [container]]));
  for (const { a, b } of bonds) {
    const [one, other] = [sets.get(a), sets.get(b)];
    if (one === undefined || other === undefined || one === other) continue;
    one.push(...other);
    for (const each of other) sets.set(each, one);
  }
  const order = new Map(containers.map((container, index) => [container, index]));
  const place = (container: Container | undefined) => (container && order.get(container)) ?? 0;
  return [...new Set(sets.values())]
    .map((set) => set.sort((x, y) => place(x) - place(y)))
    .sort(([x], [y]) => place(x) - place(y));
}
