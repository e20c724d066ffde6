import type { Dataset, Design, WantedImage, Workload } from '../design.ts';
import type { AccountingRow, Finding } from '../finding.ts';
import type { StepPlan } from '../pipeline.ts';
import type { Change, Outputs } from '../step.ts';
import { type PlanTotals, planTotals } from './plan-totals.ts';
import { planHash } from './saved-plan.ts';

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
}

/** Of what every step is going to do. */
export function planDocument(migration: string, plans: readonly StepPlan[]): PlanDocument {
  const { design = nothing, inventory } = Object.assign(
    {},
    ...plans.map(({ plan }) => plan.outputs),
  ) as Partial<Outputs>;
  const changes = plans.flatMap(({ step, plan }) => plan.changes.map((change) => ({ ...change, step })));
  const pushes = new Set(changes.map(({ id }) => id));
  const images = design.images.filter(({ repository, tag }) => pushes.has(`push:${repository}:${tag}`));
  const containers = (inventory?.containers ?? []).map(({ name, id }) => ({ name, id }));
  return documentOf({
    migration,
    containers,
    design,
    changes,
    images,
    findings: plans.flatMap(({ plan }) => plan.findings),
  });
}

/** Of the design alone, where nobody asked what is done already: no changes, and every image is to be pushed. */
export const designDocument = (migration: string, design: Design): PlanDocument =>
  documentOf({ migration, containers: [], design, changes: [], images: design.images, findings: design.findings });

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
  readonly migration: string;
  readonly containers: PlanDocument['containers'];
  readonly design: Design;
  readonly changes: PlanDocument['changes'];
  /** Those to push. */
  readonly images: readonly WantedImage[];
  readonly findings: readonly Finding[];
}

function documentOf({ migration, containers, design, changes, images, findings }: Contents): PlanDocument {
  const { workloads, idle, datasets, accounting } = design;
  const body = {
    version: 1 as const,
    migration,
    containers,
    workloads,
    idle,
    datasets,
    images: design.images,
    resources: changes.filter(({ step, verb }) => step === 'provision' && verb === 'create'),
    changes,
    findings: findings.map((finding) => ({ ...finding, remedy: finding.remedy ?? '' })),
    accounting,
    totals: planTotals({ workloads, datasets, images, changes, findings, accounting }),
  };
  return { ...body, hash: planHash(body) };
}
