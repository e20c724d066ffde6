import type { Config } from './config.ts';
import type { Dataset, Design } from './design.ts';
import { rulesPerForward } from './forward.ts';
import { type Live, stoppedAt } from './freeze.ts';
import { findMark, type Mark } from './marks.ts';
import { dataRoot, markRoot } from './names.ts';
import type { Original } from './origin.ts';
import type { Change, Known, Owner } from './step.ts';

export type CutOverChange = Change &
  (
    | { readonly kind: 'answers' | 'origin' | 'fence' }
    | { readonly kind: 'hold' | 'stop'; readonly container: string }
    | { readonly kind: 'delta' | 'prove'; readonly dataset: string }
    | { readonly kind: 'start'; readonly workload: string }
    | { readonly kind: 'forward'; readonly port: number }
  );

/** Everything that decides what is left to do, as it was seen. */
export interface CutOverSeen {
  readonly owner: Known<Owner>;
  readonly origin: readonly Original[] | undefined;
  /** In the order they are to be stopped. */
  readonly live: readonly Live[];
  readonly marks: readonly Mark[];
  /** Workloads whose containers all run on the target. */
  readonly started: readonly string[];
  /** Kernel rules of ours on the source, by port. */
  readonly forwards: ReadonlyMap<number, number>;
  readonly answersRecorded: boolean;
}

/** What is left of the cut-over. Once the fence says `target` nothing of the source's side is planned again. */
export function wantedCutOver(seen: CutOverSeen, design: Design, config: Config): CutOverChange[] {
  const handedOver = seen.owner === 'target';
  return [
    ...(handedOver ? [] : freeze(seen, design, config)),
    ...starts(seen, design),
    ...forwards(seen, design, config),
  ];
}

function freeze(seen: CutOverSeen, design: Design, config: Config): CutOverChange[] {
  const { live, marks, origin } = seen;
  const stillHeld = (at: string | undefined, kind: Mark['kind'], dataset: Dataset) =>
    at !== undefined && findMark(marks, kind, dataset, at) !== undefined;
  return [
    ...(config.checks.length > 0 && !seen.answersRecorded && live.every(({ running }) => running)
      ? [answers(config)]
      : []),
    ...(origin === undefined ? [recordOrigin] : []),
    ...live.filter(({ restartPolicy }) => restartPolicy !== 'no').map(hold),
    ...live.filter(({ running }) => running).map(stop),
    ...design.datasets.filter((dataset) => !stillHeld(stoppedAt(dataset, live), 'final', dataset)).map(delta),
    ...design.datasets.filter((dataset) => !stillHeld(stoppedAt(dataset, live), 'proof', dataset)).map(prove),
    fence,
  ];
}

const starts = ({ started }: CutOverSeen, { workloads }: Design): CutOverChange[] =>
  workloads.filter(({ name }) => !started.includes(name)).map(({ name }) => start(name));

const forwards = (seen: CutOverSeen, { workloads }: Design, { forward: wanted }: Config): CutOverChange[] =>
  wanted
    ? workloads
        .flatMap(({ ports }) => ports)
        .filter((port) => seen.forwards.get(port) !== rulesPerForward)
        .map(forward)
    : [];

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
  target: 'restart policies and running containers, on the source',
  reason: 'so that they can be put back as they were',
};

const hold = ({ name, restartPolicy }: Live): CutOverChange => ({
  id: `hold:${name}`,
  kind: 'hold',
  verb: 'update',
  target: `restart policy of ${name}: ${restartPolicy} → no`,
  reason: 'a reboot of the source must not start it beside the target',
  container: name,
});

const stop = ({ name }: Live): CutOverChange => ({
  id: `stop:${name}`,
  kind: 'stop',
  verb: 'stop',
  target: `container ${name} on the source`,
  reason: 'its data must stand still for the last delta',
  container: name,
});

const delta = ({ name, source, bytes }: Dataset): CutOverChange => ({
  id: `delta:${name}`,
  kind: 'delta',
  verb: 'copy',
  target: `${dataRoot}/${name}`,
  reason: `what changed in ${source} since the last pass`,
  bytes,
  dataset: name,
});

const prove = ({ name }: Dataset): CutOverChange => ({
  id: `prove:${name}`,
  kind: 'prove',
  verb: 'record',
  target: `proof of ${name}`,
  reason: 'every entry and its SHA-256 compared, source and target',
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
  verb: 'start',
  target: `service ${workload}`,
  reason: 'desired count 1, then wait until it serves as the source did',
  workload,
});

const forward = (port: number): CutOverChange => ({
  id: `forward:${port}`,
  kind: 'forward',
  verb: 'create',
  target: `port ${port} of the source → the target`,
  reason: 'visitors whose DNS is old still arrive; gone at finish',
  port,
});
