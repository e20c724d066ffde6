import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { recordOf, textOf, textsOf } from './json.ts';
import { labelOf } from './network-names.ts';
import { userNetworks } from './network-rules.ts';

/** Containers that become one task. */
export interface Group {
  readonly name: string;
  readonly members: readonly Container[];
}

export type Overrides = Readonly<Record<string, readonly string[]>>;

/** ECS takes no more containers into one task (§2). */
export const mostContainers = 10;

/** Which containers share a task: as `workloads:` says, else those that must, else those on one user-defined network. */
export function groupContainers(
  containers: readonly Container[],
  overrides: Overrides = {},
): { readonly groups: readonly Group[]; readonly findings: readonly Finding[] } {
  const chosen = new Map(
    Object.entries(overrides).flatMap(([workload, names]) => names.map((name) => [name, workload])),
  );
  const free = containers.filter(({ name }) => !chosen.has(name));
  const taken = new Set(Object.keys(overrides));
  const groups = [
    ...Object.keys(overrides).map((name) => ({
      name,
      members: containers.filter((each) => chosen.get(each.name) === name),
    })),
    ...connected(free).map((members) => ({ name: uniqueName(groupName(members), taken), members })),
  ].filter(({ members }) => members.length > 0);
  return { groups, findings: [...overrideFindings(containers, overrides), ...groups.flatMap(groupFindings)] };
}

/** Sets of containers that are joined by a reason, directly or through others. */
function connected(containers: readonly Container[]): Container[][] {
  const sets: Container[][] = [];
  for (const container of containers) {
    const near = sets.filter((set) => set.some((other) => belongTogether(container, other)));
    const rest = sets.filter((set) => !near.includes(set));
    sets.splice(0, sets.length, ...rest, [...near.flat(), container]);
  }
  const order = (set: readonly Container[]) => Math.min(...set.map((container) => containers.indexOf(container)));
  return sets
    .map((set) => set.sort((a, b) => containers.indexOf(a) - containers.indexOf(b)))
    .sort((a, b) => order(a) - order(b));
}

const belongTogether = (a: Container, b: Container): boolean =>
  mustShare(a, b) || mustShare(b, a) || Object.keys(userNetworks(a)).some((network) => network in userNetworks(b));

/** Links, shared volumes and shared namespaces hold within one task only. */
function mustShare(a: Container, b: Container): boolean {
  const host = recordOf(a.inspect.HostConfig);
  const modes = [host.NetworkMode, host.PidMode, host.IpcMode]
    .map(textOf)
    .filter((mode) => mode.startsWith('container:'));
  const named = [
    ...textsOf(host.Links).map((link) => link.split(':')[0]?.replace(/^\//, '')),
    ...textsOf(host.VolumesFrom).map((from) => from.split(':')[0]),
    ...modes.map((mode) => mode.slice('container:'.length)),
  ];
  return [b.name, b.id, b.id.slice(0, 12)].some((name) => named.includes(name));
}

/** The network they share, the compose project they are of, or the first container. */
function groupName(members: readonly Container[]): string {
  const [first, ...rest] = members;
  if (first === undefined || rest.length === 0) return first?.name ?? 'workload';
  const project = labelOf(first, 'com.docker.compose.project');
  const isProject =
    project !== '' && members.every((member) => labelOf(member, 'com.docker.compose.project') === project);
  const networks = [...new Set(members.flatMap((member) => Object.keys(userNetworks(member))))];
  const [network] = networks;
  if (networks.length === 1 && network !== undefined && !isGeneric(network)) return network;
  return isProject ? project : first.name;
}

/** Names that say what any network is: compose's `shop_default`, `network`. */
const isGeneric = (network: string): boolean => /^(.*_)?(default|net|network|internal|external)$/i.test(network);

function uniqueName(wanted: string, taken: Set<string>): string {
  const base = workloadName(wanted);
  let name = base;
  for (let number = 2; taken.has(name); number++) name = `${base}-${number}`;
  taken.add(name);
  return name;
}

/** `^[a-z][a-z0-9-]*$`, as in `workloads:`; it becomes family and service name. */
function workloadName(name: string): string {
  const clean = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
  return /^[a-z]/.test(clean) ? clean : `w-${clean}`.replace(/-$/, '');
}

function overrideFindings(containers: readonly Container[], overrides: Overrides): Finding[] {
  const names = Object.values(overrides).flat();
  return [...new Set(names)].flatMap((name): Finding[] => {
    const remedy = 'Mend "workloads:" in ecsodus.yaml.';
    const times = names.filter((other) => other === name).length;
    if (times > 1)
      return [
        {
          level: 'blocker',
          code: 'workload-twice',
          subject: name,
          message: `${name} stands in "workloads:" ${times} times.`,
          remedy,
        },
      ];
    if (containers.some((container) => container.name === name)) return [];
    return [
      {
        level: 'blocker',
        code: 'workload-unknown',
        subject: name,
        message: `"workloads:" names ${name}, but no such container is running.`,
        remedy,
      },
    ];
  });
}

const groupFindings = ({ name, members }: Group): Finding[] =>
  members.length <= mostContainers
    ? []
    : [
        {
          level: 'blocker',
          code: 'too-many-containers',
          subject: name,
          message: `${members.length} containers belong together, but ECS takes at most ${mostContainers} into one task: ${members.map((member) => member.name).join(', ')}.`,
          remedy: 'Split them with "workloads:" in ecsodus.yaml; calls between workloads go through published ports.',
        },
      ];
