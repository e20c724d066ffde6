import type { Dataset } from '../design.ts';
import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { nearest } from '../nearest.ts';
import { mustShare } from './bonds.ts';
import { callsOf, isStrong, whyCalled } from './calls.ts';
import { datasetsOf } from './datasets.ts';
import { isInside } from './host-paths.ts';
import type { Places } from './places.ts';
import { isWatcher } from './watchers.ts';

/** What becomes of the source's containers, by what they are and by `leave` in ecsodus.yaml. */
export interface Parted {
  /** Running, and to be moved. */
  readonly moved: readonly Container[];
  /** Running, and to go on where they are. */
  readonly staying: readonly Container[];
  /** What starts other containers: held off while they move, whatever `leave` says. */
  readonly watchers: readonly Container[];
  /** Not running, and carried as they are: to be run when somebody wants to. */
  readonly idle: readonly Container[];
}

export function part(containers: readonly Container[], leave: readonly string[] = []): Parted {
  const running = containers.filter((container) => container.running);
  const watched = running.filter((container) => !isWatcher(container));
  return {
    moved: watched.filter(({ name }) => !leave.includes(name)),
    staying: watched.filter(({ name }) => leave.includes(name)),
    watchers: containers.filter(isWatcher),
    idle: containers.filter((each) => !each.running && !isWatcher(each) && !leave.includes(each.name)),
  };
}

/** What the operator has to know of the containers that stay: above all, what they and those that move have in common. */
export function stayingFindings(
  all: readonly Container[],
  { moved, staying }: Pick<Parted, 'moved' | 'staying'>,
  places: Places,
  leave: readonly string[] = [],
): Finding[] {
  const names = all.map(({ name }) => name);
  return [
    ...leave.filter((name) => !names.includes(name)).map((name) => unheardOf(name, names)),
    ...all.filter((each) => leave.includes(each.name) && !isWatcher(each)).map(stays),
    ...(staying.length === 0 ? [] : [...torn(moved, staying), ...sharedData(moved, staying, places)]),
  ];
}

const unheardOf = (name: string, names: readonly string[]): Finding => {
  const meant = nearest(name, names);
  return {
    level: 'blocker',
    code: 'leave-unknown',
    subject: name,
    message: `"leave" names ${name}, and the source has no such container.`,
    remedy: `${meant ? `Did you mean ${meant}? ` : ''}Mend "leave" in ecsodus.yaml.`,
  };
};

const stays = ({ name, running }: Container): Finding => ({
  level: 'info',
  code: 'left',
  subject: name,
  message: `It stays on the source${running ? ' and goes on there' : ''}, as "leave" in ecsodus.yaml says.`,
  remedy: 'Take its name out of "leave" if it is to move.',
});

/** Docker's names and namespaces hold on one host alone. */
function torn(moved: readonly Container[], staying: readonly Container[]): Finding[] {
  const parted = (a: Container, b: Container) => staying.includes(a) !== staying.includes(b);
  const both = [...moved, ...staying];
  const calls = callsOf(both).filter(({ caller, callee }) => parted(caller, callee));
  const bonds = mustShare(both).filter(({ a, b }) => parted(a, b));
  return [
    ...calls.map((call) =>
      tornApart(call.caller, call.callee, whyCalled(call), isStrong(call) ? 'blocker' : 'warning'),
    ),
    ...bonds.map(({ a, b, why }) => tornApart(a, b, why, 'blocker')),
  ];
}

const tornApart = (a: Container, b: Container, why: string, level: Finding['level']): Finding => ({
  level,
  code: 'left-apart',
  subject: `${a.name}+${b.name}`,
  message: `One of them moves and the other stays, where ${a.name} does not find ${b.name} any more: ${why}.`,
  remedy: 'Move both, or leave both; or give the one that calls an address that leads to the other from there.',
});

/** What one side writes, and the other has too, is two copies from the last copy on. */
function sharedData(moved: readonly Container[], staying: readonly Container[], places: Places): Finding[] {
  const moving = dataOf(moved, places);
  const written = dataOf(moved.map(writable), places);
  return staying.flatMap((container) => {
    const writes = overlap(dataOf([writable(container)], places), moving);
    const reads = overlap(dataOf([container], places), written).filter((source) => !writes.includes(source));
    return [
      ...writes.map((source) =>
        shared(container, source, 'blocker', 'what it writes after the last copy does not arrive'),
      ),
      ...reads.map((source) =>
        shared(container, source, 'warning', 'what is written there afterwards it will not see'),
      ),
    ];
  });
}

const dataOf = (containers: readonly Container[], places: Places): readonly Dataset[] =>
  datasetsOf(containers, places, []).datasets;

const writable = (container: Container): Container => ({
  ...container,
  inspect: { ...container.inspect, Mounts: container.inspect.Mounts.filter(({ RW }) => RW) },
});

const overlap = (ours: readonly Dataset[], theirs: readonly Dataset[]): string[] =>
  ours
    .map(({ source }) => source)
    .filter((source) => theirs.some((other) => isInside(source, other.source) || isInside(other.source, source)));

const shared = ({ name }: Container, source: string, level: Finding['level'], what: string): Finding => ({
  level,
  code: 'left-with-data',
  subject: `${name}:${source}`,
  message: `${name} stays on the source and has ${source}, which moves: ${what}.`,
  remedy: `Take ${name} out of "leave", or leave whatever else has ${source}.`,
});
