import { neededActions } from '../aws/permissions.ts';
import type { Config } from '../config.ts';
import type { Dataset, Design, WantedImage, Workload } from '../design.ts';
import { redacted } from '../ecs/redact.ts';
import type { AccountingRow, Finding } from '../finding.ts';
import type { HostFacts } from '../inventory.ts';
import type { StepPlan } from '../pipeline.ts';
import type { Change, Outputs } from '../step.ts';
import { type Costs, costsOf } from './costs.ts';
import { irreversibleOf } from './irreversible.ts';
import { type Machine, machineOf } from './machine.ts';
import { type PlanTotals, planTotals } from './plan-totals.ts';
import { type PlannedInstance, plannedInstance } from './planned-instance.ts';
import { type PlannedRule, plannedRules } from './planned-rules.ts';
import { type Ahead, type Prediction, predictionOf } from './prediction.ts';
import { planHash } from './saved-plan.ts';
import { uncheckedOf } from './unchecked.ts';

/** The plan as one JSON document: `plan --json`, `--out`, and the state folder hold the same. */
export interface PlanDocument {
  readonly version: 1;
  readonly migration: string;
  /** SHA-256 over everything else, hex: two plans with one hash are one plan. */
  readonly hash: string;
  /** Of the source, by which one that was made anew is told from the one that was planned for. */
  readonly containers: readonly { readonly name: string; readonly id: string }[];
  readonly workloads: readonly Workload[];
  /** Registered without a service: their containers do not run on the source. */
  readonly idle: readonly Workload[];
  readonly datasets: readonly Dataset[];
  readonly images: readonly WantedImage[];
  /** What will be made in AWS. */
  readonly resources: readonly (Change & { readonly step: string })[];
  readonly changes: readonly (Change & { readonly step: string })[];
  /** A finding without a remedy has an empty one. */
  readonly findings: readonly Required<Finding>[];
  readonly accounting: readonly AccountingRow[];
  readonly totals: PlanTotals;
  readonly prediction: Prediction;
  /** The container instance; undefined where its type or that type's size is not known. */
  readonly instance: PlannedInstance | undefined;
  readonly costs: Costs;
  /** Of the security group. */
  readonly rules: readonly PlannedRule[];
  /** AWS actions that a run needs. */
  readonly permissions: readonly string[];
  /** What of the changes cannot be undone. */
  readonly irreversible: readonly string[];
  /** What nobody looked at. */
  readonly unchecked: readonly string[];
}

/** Of what every step is going to do. `linkBytesPerSecond`: as an earlier run measured the link. */
export function planDocument(config: Config, plans: readonly StepPlan[], linkBytesPerSecond?: number): PlanDocument {
  const outputs = Object.assign({}, ...plans.map(({ plan }) => plan.outputs)) as Partial<Outputs>;
  const { design = nothing, inventory, sourceFacts, identity } = outputs;
  const changes = plans.flatMap(({ step, plan }) => plan.changes.map((change) => ({ ...change, step })));
  const ids = new Set(changes.map(({ id }) => id));
  return documentOf({
    config,
    containers: (inventory?.containers ?? []).map(({ name, id }) => ({ name, id })),
    design,
    changes,
    ahead: {
      images: design.images.filter(({ repository, tag }) => ids.has(`push:${repository}:${tag}`)),
      datasets: design.datasets.filter(({ name }) => ids.has(`dataset:${name}`)),
      isCutOverAhead: changes.some(({ step, verb }) => step === 'cut-over' && verb === 'start'),
      linkBytesPerSecond,
    },
    findings: plans.flatMap(({ plan }) => plan.findings),
    region: identity?.region,
    sourceFacts,
    machine: machineOf(config, design, outputs, changes),
    isOffline: false,
  });
}

/**
 * Of the design alone, where nobody asked what is done already: no changes, all images are to be pushed, and all data to
 * be copied.
 */
export const designDocument = (config: Config, design: Design, region: string): PlanDocument =>
  documentOf({
    config,
    containers: [],
    design,
    changes: [],
    ahead: { ...design, isCutOverAhead: true, linkBytesPerSecond: undefined },
    findings: design.findings,
    region,
    sourceFacts: undefined,
    machine: machineOf(config, design),
    isOffline: true,
  });

const nothing: Design = {
  workloads: [],
  idle: [],
  datasets: [],
  images: [],
  watchers: [],
  accounting: [],
  findings: [],
};

interface Contents {
  readonly config: Config;
  readonly containers: PlanDocument['containers'];
  readonly design: Design;
  readonly changes: PlanDocument['changes'];
  readonly ahead: Ahead;
  readonly findings: readonly Finding[];
  readonly region: string | undefined;
  readonly sourceFacts: HostFacts | undefined;
  readonly machine: Machine;
  readonly isOffline: boolean;
}

function documentOf(contents: Contents): PlanDocument {
  const { config, containers, design, changes, ahead, findings, region, sourceFacts, machine, isOffline } = contents;
  const { workloads, idle, datasets, accounting } = design;
  const prediction = predictionOf(ahead, design, config);
  const body = {
    version: 1 as const,
    migration: config.name,
    containers,
    workloads: withoutSecrets(workloads),
    idle: withoutSecrets(idle),
    datasets,
    images: design.images,
    resources: changes.filter(({ step, verb }) => step === 'provision' && verb === 'create'),
    changes,
    findings: findings.map((finding) => ({ ...finding, remedy: finding.remedy ?? '' })),
    accounting,
    totals: planTotals({ workloads, datasets, images: ahead.images, changes, findings, accounting }),
    prediction,
    instance: plannedInstance(machine.type, workloads),
    costs: costsOf({ region, machine, design, sourceFacts }),
    rules: plannedRules(design, sourceFacts),
    permissions: neededActions(config.secrets),
    irreversible: irreversibleOf(changes),
    unchecked: uncheckedOf({ config, datasets, isOffline, isLinkMeasured: prediction.isMeasured }),
  };
  return { ...body, hash: planHash(body) };
}

/** ECS has no other place for a secret in a command or a label than the definition; a document has no need of it. */
const withoutSecrets = (workloads: readonly Workload[]): readonly Workload[] =>
  workloads.map((workload) => redacted(workload) as Workload);
