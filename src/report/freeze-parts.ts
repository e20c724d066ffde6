import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { Config } from '../config.ts';
import type { Dataset, Design, Workload } from '../design.ts';
import { healthBounds } from '../ecs/health-check.ts';
import { startOrder, stopLevels } from '../freeze.ts';
import { isSized } from './sized.ts';
import { count } from './units.ts';

export interface FreezePart {
  readonly part: string;
  readonly seconds: number;
  readonly why: string;
}

/*
 * As `npm run bench -- data` last saw them, on one disk: a freeze of 5.3 s, of which 4 were the start, with 10 MB changed in
 * 4.3 GB; and of 16 s where that was one table space under writes, of which 8 the last delta and 3 the proof.
 */
const stopSeconds = 0.5;
const entriesPerSecond = 50_000;
const rereadPerSecond = 500e6;
const provedPerSecond = 1.5e9;
const handOverSeconds = 0.5;
const startSeconds = 4;

/** Copying goes on in passes until one sent less than this. */
const leftBytes = 8 * 1024 ** 2;

/** Larger than this on the average, and a dataset holds files that are written to in part, such as table spaces. */
const largeFileBytes = 16e6;

/** What the downtime is made of, in its order. */
export function freezeParts(design: Design, config: Config, bytesPerSecond: number): FreezePart[] {
  const parts = [
    stopping(design),
    ...(design.datasets.length === 0 ? [] : [lastDelta(design.datasets, bytesPerSecond), proof(design.datasets)]),
    handOver,
    starting(design.workloads, config),
  ];
  return parts.map((part) => ({ ...part, seconds: Math.round(part.seconds * 10) / 10 }));
}

function stopping(design: Design): FreezePart {
  const names = startOrder(design);
  const rounds = stopLevels(
    names.map((name) => ({ name })),
    design,
  ).length;
  return {
    part: 'stop',
    seconds: rounds * stopSeconds,
    why: `${count(names.length, 'container')} in ${count(rounds, 'round')}, whoever needs others before them; one that does not heed its stop signal is killed after its stop timeout, 10 s by default`,
  };
}

function lastDelta(datasets: readonly Dataset[], bytesPerSecond: number): FreezePart {
  const large = largeOf(datasets);
  const left = datasets.reduce((sum, each) => sum + (isSized(each) ? Math.min(each.bytes, leftBytes) : leftBytes), 0);
  const unsized = datasets.filter((each) => !isSized(each)).length;
  return {
    part: 'last delta',
    seconds: left / bytesPerSecond + entriesOf(datasets) / entriesPerSecond + large / rereadPerSecond,
    why: [
      `what changed since the last pass, which sends less than 8 MiB for each of ${count(datasets.length, 'dataset')}`,
      ...(unsized > 0 ? [`the size of ${unsized} of them is not known, and this may take longer`] : []),
      ...(large > 0 ? ['a large file that changes in part is read in full on both sides'] : []),
    ].join('; '),
  };
}

const proof = (datasets: readonly Dataset[]): FreezePart => ({
  part: 'proof',
  seconds: entriesOf(datasets) / entriesPerSecond + largeOf(datasets) / provedPerSecond,
  why: 'every entry is compared on both sides; what has not changed since it was read ahead is not read again',
});

const handOver: FreezePart = {
  part: 'hand-over',
  seconds: handOverSeconds,
  why: 'an EBS snapshot is begun, the target is made owner of the data, and the guard let go',
};

function starting(workloads: readonly Workload[], { checks }: Config): FreezePart {
  const waits = workloads.map(({ name, taskDefinition }) => ({
    name,
    seconds: healthSeconds(taskDefinition.containerDefinitions ?? [], checks.length === 0),
  }));
  const longest = waits.reduce((a, b) => (b.seconds > a.seconds ? b : a), { name: '', seconds: 0 });
  const health =
    longest.seconds === 0
      ? ''
      : `; ${longest.name} then waits ${longest.seconds} s for health checks, by their interval`;
  const pages =
    longest.seconds > 0 && checks.length === 0 ? '; with "checks" in ecsodus.yaml, pages decide instead' : '';
  return {
    part: 'start',
    seconds: startSeconds + longest.seconds,
    why: `ECS starts ${count(workloads.length, 'task')} at once, and each must run for 3 s${health}${pages}`,
  };
}

/** A container is first asked an interval after its start: by ECS's count, and by whoever waits for it to be healthy. */
function healthSeconds(definitions: readonly ContainerDefinition[], mustAllBeHealthy: boolean): number {
  const startOf = ({ name, dependsOn = [] }: ContainerDefinition, above: readonly unknown[]): number =>
    Math.max(
      0,
      ...dependsOn.map(({ containerName, condition }) => {
        const needed = definitions.find((other) => other.name === containerName);
        if (needed === undefined || above.includes(containerName)) return 0;
        return startOf(needed, [...above, name]) + (condition === 'HEALTHY' ? intervalOf(needed) : 0);
      }),
    );
  return Math.max(0, ...definitions.map((each) => startOf(each, []) + (mustAllBeHealthy ? intervalOf(each) : 0)));
}

const intervalOf = ({ healthCheck }: ContainerDefinition): number =>
  healthCheck === undefined ? 0 : (healthCheck.interval ?? healthBounds.interval[2]);

const entriesOf = (datasets: readonly Dataset[]): number => datasets.reduce((sum, { files }) => sum + files, 0);

const largeOf = (datasets: readonly Dataset[]): number =>
  datasets.filter(({ bytes, files }) => bytes > files * largeFileBytes).reduce((sum, { bytes }) => sum + bytes, 0);
