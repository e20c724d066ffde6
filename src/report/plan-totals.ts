import type { Dataset, WantedImage, Workload } from '../design.ts';
import { reservedMib } from '../ecs/task-needs.ts';
import type { AccountingRow, Finding } from '../finding.ts';
import type { Change } from '../step.ts';
import { sum } from '../sum.ts';

/** The plan in numbers. */
export interface PlanTotals {
  readonly changes: number;
  readonly workloads: number;
  readonly containers: number;
  /** Of the images to push, before compression. */
  readonly imageBytes: number;
  readonly dataBytes: number;
  readonly dataFiles: number;
  /** MiB that ECS sets aside for all tasks together, as it counts them against the instance. */
  readonly reservedMemoryMib: number;
  readonly settings: Readonly<Record<AccountingRow['outcome'], number>>;
  readonly findings: Readonly<Record<Finding['level'], number>>;
}

interface Counted {
  readonly workloads: readonly Workload[];
  readonly datasets: readonly Dataset[];
  /** Those to push. */
  readonly images: readonly WantedImage[];
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  readonly accounting: readonly AccountingRow[];
}

export function planTotals({ workloads, datasets, images, changes, findings, accounting }: Counted): PlanTotals {
  const outcomes = (wanted: AccountingRow['outcome']) => accounting.filter(({ outcome }) => outcome === wanted).length;
  const levels = (wanted: Finding['level']) => findings.filter(({ level }) => level === wanted).length;
  return {
    changes: changes.length,
    workloads: workloads.length,
    containers: sum(workloads.map(({ containers }) => containers.length)),
    imageBytes: sum(images.map(({ bytes }) => bytes)),
    dataBytes: sum(datasets.map(({ bytes }) => bytes)),
    dataFiles: sum(datasets.map(({ files }) => files)),
    reservedMemoryMib: sum(workloads.map(({ taskDefinition }) => reservedMib(taskDefinition))),
    settings: { mapped: outcomes('mapped'), approximated: outcomes('approximated'), lost: outcomes('lost') },
    findings: { info: levels('info'), warning: levels('warning'), blocker: levels('blocker') },
  };
}
