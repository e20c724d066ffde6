import type { Config } from './config.ts';
import { type Dataset, type Design, publicPorts } from './design.ts';
import type { Finding } from './finding.ts';
import { rulesPerForward } from './forward.ts';
import { type Live, startOrder, stopLevels, stoppedAt } from './freeze.ts';
import { type GuardState, leaseSeconds } from './guard.ts';
import { findMark, type Mark } from './marks.ts';
import { dataRoot, markRoot } from './names.ts';
import type { Origin } from './origin.ts';
import type { Reach } from './reach.ts';
import type { Change, Known, Owner } from './step.ts';

export type CutOverChange = Change &
  (
    | { readonly kind: 'answers' | 'origin' | 'arm' | 'unfence' | 'ebs' | 'fence' | 'disarm' }
    | { readonly kind: 'hold' | 'stop'; readonly container: string }
    | { readonly kind: 'catchUp' | 'delta' | 'prove' | 'keep'; readonly dataset: string }
    | { readonly kind: 'start'; readonly workload: string }
    | { readonly kind: 'open' | 'forward'; readonly port: number }
  );

/** Everything that decides what is left to do, as it was seen. */
export interface CutOverSeen {
  readonly owner: Known<Owner>;
  readonly guard: GuardState;
  readonly origin: Origin | undefined;
  /** In the order they are to be stopped. */
  readonly live: readonly Live[];
  readonly marks: readonly Mark[];
  /** Workloads whose containers all run on the target. */
  readonly started: readonly string[];
  /** Ports that the security group lets in from everywhere. */
  readonly opened: readonly number[];
  /** Kernel rules of ours on the source, by port. */
  readonly forwards: ReadonlyMap<number, number>;
  /** Whether the source reaches the target; undefined while that is not known. */
  readonly reach: Reach | undefined;
  /** Datasets whose manifests are in the state folder. */
  readonly kept: readonly string[];
  readonly answersRecorded: boolean;
}

/**
 * What is left of the cut-over. Once the fence says `target` nothing of the source's side is planned again; unless the
 * guard was quicker: then the source has taken over, and the target, whose services wait for the guard, never served.
 */
export function wantedCutOver(seen: CutOverSeen, design: Design, config: Config): CutOverChange[] {
  const takenBack = seen.owner === 'target' && seen.guard === 'fired';
  const handedOver = seen.owner === 'target' && !takenBack;
  return [
    ...(takenBack ? [unfence] : []),
    ...(handedOver ? [] : freeze(seen, design, config)),
    ...(handedOver && seen.guard !== 'armed' ? [] : [disarm]),
    ...starts(seen, design),
    ...openings(seen, design),
    ...forwards(seen, design, config),
    ...design.datasets.filter(({ name }) => !handedOver || !seen.kept.includes(name)).map(keep),
  ];
}

function freeze(seen: CutOverSeen, design: Design, config: Config): CutOverChange[] {
  const { live, marks, origin } = seen;
  const running = live.filter((container) => container.running);
  const stillHeld = (at: string | undefined, kind: Mark['kind'], dataset: Dataset) =>
    at !== undefined && findMark(marks, kind, dataset, at) !== undefined;
  return [
    ...(config.checks.length > 0 &&
    !seen.answersRecorded &&
    live.every(({ name, running }) => running || !startOrder(design).includes(name))
      ? [answers(config)]
      : []),
    ...(origin === undefined ? [recordOrigin] : []),
    ...(running.length > 0 ? design.datasets.map(catchUp) : []),
    arm,
    ...live.filter(({ restartPolicy }) => restartPolicy !== 'no').map(hold),
    ...stopLevels(running, design).flatMap((level, index) => level.map((container) => stop(container, index, design))),
    ...design.datasets.filter((dataset) => !stillHeld(stoppedAt(dataset, live), 'final', dataset)).map(delta),
    ...design.datasets.filter((dataset) => !stillHeld(stoppedAt(dataset, live), 'proof', dataset)).map(prove),
    ebs,
    fence,
  ];
}

const starts = ({ started }: CutOverSeen, { workloads }: Design): CutOverChange[] =>
  workloads.filter(({ name }) => !started.includes(name)).map(({ name }) => start(name));

/** Who calls the site at its new address is let in once it serves. */
const openings = ({ opened }: CutOverSeen, { workloads }: Pick<Design, 'workloads'>): CutOverChange[] =>
  publicPorts(workloads)
    .filter((port) => !opened.includes(port))
    .map(openPort);

const forwards = (seen: CutOverSeen, design: Design, config: Config): CutOverChange[] =>
  seen.reach?.reached === false ? [] : unforwarded(seen, design, config).map(forward);

const unforwarded = (seen: CutOverSeen, { workloads }: Design, { forward: wanted }: Config): number[] =>
  wanted ? workloads.flatMap(({ ports }) => ports).filter((port) => seen.forwards.get(port) !== rulesPerForward) : [];

/** Visitors of the old address who cannot be sent on, since the source does not reach the target. */
export function notForwarded(seen: CutOverSeen, design: Design, config: Config): Finding[] {
  const ports = unforwarded(seen, design, config);
  const { reach } = seen;
  if (ports.length === 0 || reach === undefined || reach.reached) return [];
  return [
    {
      level: 'warning',
      code: 'not-forwarded',
      subject: ports.join(', '),
      message: `The source does not reach the target (${reach.said}), so that it cannot hand visitors on: who still comes to the old address finds nobody from the cut-over on.`,
      remedy: `Shorten the TTL of the DNS records now, and let them point to ${reach.address} as soon as cut-over is done.`,
    },
  ];
}

const answers = ({ checks }: Config): CutOverChange => ({
  id: 'answers',
  kind: 'answers',
  verb: 'record',
  target: `what ${checks.length} pages answer now`,
  reason: 'to compare the target with',
});

const recordOrigin: CutOverChange = {
  id: 'origin',
  kind: 'origin',
  verb: 'record',
  target: 'restart policies, running containers and open ports, on the source',
  reason: 'so that they can be put back as they were',
};

const catchUp = ({ name, source, bytes }: Dataset): CutOverChange => ({
  id: `catch-up:${name}`,
  kind: 'catchUp',
  together: 'catch-up',
  mayStop: true,
  verb: 'copy',
  target: `${dataRoot}/${name}`,
  reason: `what changed in ${source} since it was copied, and both sides read for the proof, while everything still runs`,
  bytes,
  dataset: name,
});

const arm: CutOverChange = {
  id: 'guard:arm',
  kind: 'arm',
  verb: 'create',
  target: 'guard on the source',
  reason: `starts its containers again should this run be silent for ${leaseSeconds} s while they are stopped`,
};

const unfence: CutOverChange = {
  id: 'fence:source',
  kind: 'unfence',
  verb: 'record',
  target: `${markRoot}/owner = source`,
  reason: 'the guard gave the site back to the source before the target served',
};

const disarm: CutOverChange = {
  id: 'guard:disarm',
  kind: 'disarm',
  verb: 'update',
  target: 'guard on the source: disarmed',
  reason: 'the target has the data; from here on the source stays still',
};

const hold = ({ name, restartPolicy }: Live): CutOverChange => ({
  id: `hold:${name}`,
  kind: 'hold',
  together: 'hold',
  verb: 'update',
  target: `restart policy of ${name}: ${restartPolicy} → no`,
  reason: 'a reboot of the source must not start it beside the target',
  container: name,
});

const stop = ({ name }: Live, level: number, { watchers }: Pick<Design, 'watchers'>): CutOverChange => ({
  id: `stop:${name}`,
  kind: 'stop',
  together: `stop ${level}`,
  verb: 'stop',
  target: `container ${name} on the source`,
  reason: watchers.includes(name)
    ? 'it must not start the others again; it stays stopped, and rollback starts it'
    : 'its data must stand still for the last delta',
  container: name,
});

const delta = ({ name, source, bytes }: Dataset): CutOverChange => ({
  id: `delta:${name}`,
  kind: 'delta',
  together: 'delta',
  mayStop: true,
  verb: 'copy',
  target: `${dataRoot}/${name}`,
  reason: `what changed in ${source} since the last pass`,
  bytes,
  dataset: name,
});

const prove = ({ name }: Dataset): CutOverChange => ({
  id: `prove:${name}`,
  kind: 'prove',
  together: 'prove',
  verb: 'record',
  target: `proof of ${name}`,
  reason: 'every entry and its SHA-256 compared, source and target',
  dataset: name,
});

const ebs: CutOverChange = {
  id: 'ebs-snapshot',
  kind: 'ebs',
  verb: 'create',
  target: `EBS snapshot of ${dataRoot}, as it was proved`,
  reason: 'what was handed over, to go back to; AWS copies it while the target starts',
};

const keep = ({ name }: Dataset): CutOverChange => ({
  id: `keep:${name}`,
  kind: 'keep',
  together: 'keep',
  verb: 'record',
  target: `manifest of ${name}, in the state folder`,
  reason: 'what was handed over, entry by entry, to compare with later',
  dataset: name,
});

const fence: CutOverChange = {
  id: 'fence:target',
  kind: 'fence',
  verb: 'record',
  target: `${markRoot}/owner = target`,
  reason: 'from here on nothing is copied over the data on the target',
};

const start = (workload: string): CutOverChange => ({
  id: `start:${workload}`,
  kind: 'start',
  together: 'start',
  mayStop: true,
  verb: 'start',
  target: `service ${workload}`,
  reason: 'desired count 1, then wait until it serves as the source did',
  workload,
});

const openPort = (port: number): CutOverChange => ({
  id: `open:${port}`,
  kind: 'open',
  verb: 'update',
  target: `port ${port} from 0.0.0.0/0`,
  reason: 'it was published to the world on the source; closed until the target serves',
  port,
});

const forward = (port: number): CutOverChange => ({
  id: `forward:${port}`,
  kind: 'forward',
  together: 'forward',
  verb: 'create',
  target: `port ${port} of the source → the target`,
  reason: 'visitors whose DNS is old still arrive; gone at finish',
  port,
});
