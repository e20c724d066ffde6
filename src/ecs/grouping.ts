import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { type Bond, joined, joiningOneProject, modesOf, mustShare, ofOneNetwork, ofOneProject } from './bonds.ts';
import type { Call } from './calls.ts';
import { projectOf } from './evidence.ts';
import { groupName, uniqueName } from './group-names.ts';
import { mostContainers, splitTask } from './split.ts';
import { wire } from './wiring.ts';

/** Containers that become one task. */
export interface Group {
  readonly name: string;
  /** By age. */
  readonly members: readonly Container[];
  /** Why they are together. */
  readonly why: readonly string[];
  /** Neither asked for nor a part of what was cut: others may be added. */
  readonly isWhole: boolean;
  /** What ECS sets for a whole task, as they have it. */
  readonly modes: string;
}

export type Overrides = Readonly<Record<string, readonly string[]>>;

interface Asked {
  /** By age. */
  readonly containers: readonly Container[];
  readonly calls: readonly Call[];
  readonly overrides?: Overrides | undefined;
  /** More reasons to be together than those found here. */
  readonly bonds?: readonly Bond[];
}

/**
 * Which containers share a task: as `workloads:` says, else those that must, those of one compose project, and those of
 * none that call one another. A container of none that calls into one project goes with it; one between several projects,
 * a shared proxy perhaps, stands alone.
 */
export function groupContainers({ containers, calls, overrides = {}, bonds = [] }: Asked): {
  readonly groups: readonly Group[];
  readonly findings: readonly Finding[];
} {
  const chosen = new Set(Object.values(overrides).flat());
  const free = containers.filter(({ name }) => !chosen.has(name));
  const taken = new Set(Object.keys(overrides));
  const asked = Object.entries(overrides).map(([name, names]): Group => {
    const members = containers.filter((each) => names.includes(each.name));
    return { ...groupOf(name, members), why: ['"workloads:" in ecsodus.yaml'], isWhole: false };
  });
  const found = groupFree(free, calls, bonds);
  const groups = [
    ...asked.filter(({ members }) => members.length > 0),
    ...found.flatMap(({ parts, why }) =>
      parts.map((members) => ({
        ...groupOf(uniqueName(groupName(members), taken), members),
        why,
        isWhole: parts.length === 1,
      })),
    ),
  ];
  const names = new Map(groups.flatMap(({ name, members }) => members.map((member) => [member, name])));
  return {
    groups,
    findings: [
      ...overrideFindings(containers, overrides),
      ...found.filter(({ parts }) => parts.length > 1).map(({ parts }) => wasSplit(parts, names)),
      ...groups.filter(({ members }) => members.length > mostContainers).map(tooMany),
    ],
  };
}

const groupOf = (name: string, members: readonly Container[]) => ({
  name,
  members,
  modes: [...new Set(members.map(modesOf))].join(),
});

interface Found {
  readonly parts: readonly (readonly Container[])[];
  readonly why: readonly string[];
}

function groupFree(free: readonly Container[], calls: readonly Call[], more: readonly Bond[]): Found[] {
  const must = mustShare(free);
  const projects = [...must, ...ofOneProject(free)];
  const loners = joined(free, projects)
    .filter((set) => set.every((each) => projectOf(each) === ''))
    .flat();
  const clusters = [...projects, ...ofOneNetwork(loners, calls)];
  const bonds = [...clusters, ...joiningOneProject(joined(free, clusters), calls), ...more];
  return joined(free, bonds).map((members) => ({
    parts: split(members, must, calls),
    why: members.length === 1 ? ['nothing binds it to another'] : reasons(members, bonds),
  }));
}

function split(members: readonly Container[], must: readonly Bond[], calls: readonly Call[]): Container[][] {
  if (members.length <= mostContainers) return [[...members]];
  const parts = splitTask(joined(members, must), calls, wire(members, calls).waits);
  return parts.map((part) => members.filter((each) => part.includes(each)));
}

const reasons = (members: readonly Container[], bonds: readonly Bond[]): string[] => [
  ...new Set(bonds.filter(({ a, b }) => members.includes(a) && members.includes(b)).map(({ why }) => why)),
];

function overrideFindings(containers: readonly Container[], overrides: Overrides): Finding[] {
  const names = Object.values(overrides).flat();
  const wrong = (code: string, subject: string, message: string): Finding => ({
    level: 'blocker',
    code,
    subject,
    message,
    remedy: 'Mend "workloads:" in ecsodus.yaml.',
  });
  return [...new Set(names)].flatMap((name): Finding[] => {
    const times = names.filter((other) => other === name).length;
    if (times > 1) return [wrong('workload-twice', name, `${name} stands in "workloads:" ${times} times.`)];
    if (containers.some((container) => container.name === name)) return [];
    return [wrong('workload-unknown', name, `"workloads:" names ${name}, but no such container is running.`)];
  });
}

const listed = (members: readonly Container[]): string => members.map(({ name }) => name).join(', ');

function wasSplit(parts: readonly (readonly Container[])[], names: ReadonlyMap<Container, string>): Finding {
  const shown = parts.map((members) => `${members[0] && names.get(members[0])} (${listed(members)})`);
  return {
    level: 'warning',
    code: 'split',
    subject: (parts[0]?.[0] && names.get(parts[0][0])) ?? '',
    message: `${parts.flat().length} containers belong together, and ECS takes at most ${mostContainers} into one task. Cut where the fewest are called from another part, they become ${shown.join(' and ')}; ECS starts and stops each part by itself.`,
    remedy: 'Cut them otherwise with "workloads:" in ecsodus.yaml.',
  };
}

const tooMany = ({ name, members }: Group): Finding => ({
  level: 'blocker',
  code: 'too-many-containers',
  subject: name,
  message: `${members.length} containers are to share a task, but ECS takes at most ${mostContainers} into one: ${listed(members)}.`,
  remedy:
    'Cut them with "workloads:" in ecsodus.yaml; where links, shared volumes or namespaces keep them together, undo those on the source first.',
});
