import type { Container } from '../inventory.ts';
import { projectOf } from './evidence.ts';
import { userNetworks } from './network-rules.ts';

/** The network they share, the compose project they are of, or the first container. */
export function groupName(members: readonly Container[]): string {
  const [first, ...rest] = members;
  if (first === undefined || rest.length === 0) return first?.name ?? 'workload';
  const projects = [...new Set(members.map(projectOf))].filter((project) => project !== '');
  const networks = [...new Set(members.flatMap((member) => Object.keys(userNetworks(member))))];
  const [network] = networks;
  if (networks.length === 1 && network !== undefined && !isGeneric(network)) return network;
  return projects.length === 1 ? (projects[0] ?? first.name) : first.name;
}

/** Names that say what any network is: compose's `shop_default`, `network`. */
const isGeneric = (network: string): boolean => /^(.*_)?(default|net|network|internal|external)$/i.test(network);

export function uniqueName(wanted: string, taken: Set<string>): string {
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
