import { createHash } from 'node:crypto';
import type { Dataset, WantedImage, Workload } from '../design.ts';
import type { AccountingRow, Finding } from '../finding.ts';
import type { StepPlan } from '../pipeline.ts';
import type { Change, Outputs } from '../step.ts';

/** The plan as one JSON document: `plan --json`, `--out`, and the state folder hold the same. */
export interface PlanDocument {
  readonly version: 1;
  readonly migration: string;
  /** SHA-256 over everything else, hex: two plans with one hash are one plan. */
  readonly hash: string;
  readonly workloads: readonly Workload[];
  readonly datasets: readonly Dataset[];
  readonly images: readonly WantedImage[];
  /** What will be made in AWS. */
  readonly resources: readonly (Change & { readonly step: string })[];
  readonly changes: readonly (Change & { readonly step: string })[];
  readonly findings: readonly Finding[];
  readonly accounting: readonly AccountingRow[];
  readonly totals: {
    readonly changes: number;
    readonly imageBytes: number;
    readonly dataBytes: number;
    readonly dataFiles: number;
  };
}

export function planDocument(migration: string, plans: readonly StepPlan[]): PlanDocument {
  const outputs = Object.assign({}, ...plans.map(({ plan }) => plan.outputs)) as Partial<Outputs>;
  const changes = plans.flatMap(({ step, plan }) => plan.changes.map((change) => ({ ...change, step })));
  const { workloads = [], datasets = [], images = [], accounting = [] } = outputs.design ?? {};
  const body = {
    version: 1 as const,
    migration,
    workloads,
    datasets,
    images,
    resources: changes.filter(({ step, verb }) => step === 'provision' && verb === 'create'),
    changes,
    findings: plans.flatMap(({ plan }) => plan.findings),
    accounting,
    totals: {
      changes: changes.length,
      imageBytes: sum(
        images
          .filter((image) => changes.some(({ id }) => id === `push:${image.repository}:${image.tag}`))
          .map(({ bytes }) => bytes),
      ),
      dataBytes: sum(datasets.map(({ bytes }) => bytes)),
      dataFiles: sum(datasets.map(({ files }) => files)),
    },
  };
  return { ...body, hash: createHash('sha256').update(JSON.stringify(body)).digest('hex') };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
