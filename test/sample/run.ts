import { createHash } from 'node:crypto';
import type { JournalEntry } from '../../src/journal.ts';
import type { Mark } from '../../src/marks.ts';
import type { StepPlan } from '../../src/pipeline.ts';
import type { PlanDocument } from '../../src/report/plan-document.ts';
import { type DoneCheck, type RunReport, runReport } from '../../src/report/run-report.ts';
import type { Change } from '../../src/step.ts';
import type { Recorded } from './source.ts';

/** The report of the run that makes a plan's changes, each in a time that is likely. */
export const sampleRun = (plans: readonly StepPlan[], document: PlanDocument, { config, facts }: Recorded): RunReport =>
  runReport({
    migration: config.name,
    steps: plans.map(({ step, title }) => ({ id: step, title })),
    entries: journalOf(plans, config.name),
    marks: document.datasets.map(proofOf),
    datasets: document.datasets,
    checks: checksOf(document),
    downtimeSeconds: 19.4,
    move: {
      from: facts.address,
      to: '198.51.100.140',
      isLent: true,
      hosts: config.checks.map((url) => new URL(url).hostname),
      ports: document.workloads.flatMap(({ ports }) => ports),
      isForwarded: true,
    },
  });

/** What does not move bytes takes this long, in seconds, by the first word of its id. */
const usual: Readonly<Record<string, number>> = {
  cluster: 0.4,
  role: 0.9,
  instance: 34,
  volume: 8,
  'host-key': 41,
  agent: 12,
  stop: 0.7,
  delta: 4.1,
  prove: 2.2,
  start: 9.1,
};

const secondsOf = ({ id, bytes }: Change): number => {
  const known = usual[id.split(':')[0] ?? ''];
  return known ?? (bytes === undefined ? 0.3 : bytes / 60_000_000);
};

/** Changes that are made together begin together. */
function journalOf(plans: readonly StepPlan[], migration: string): JournalEntry[] {
  let now = Date.parse('2026-11-25T21:04:11Z');
  let group = { word: '', began: now };
  const entries: JournalEntry[] = [];
  for (const { step, plan } of plans)
    for (const change of plan.changes) {
      const word = change.together === undefined ? '' : `${step} ${change.together}`;
      if (word === '' || word !== group.word) group = { word, began: now };
      const end = group.began + secondsOf(change) * 1000;
      now = Math.max(now, end);
      const stamp = { v: 1, migration, step, id: change.id } as const;
      entries.push({ ...stamp, at: new Date(group.began).toISOString(), kind: 'begin', change: { ...change } });
      entries.push({ ...stamp, at: new Date(end).toISOString(), kind: 'done' });
    }
  return entries;
}

const proofOf = ({ name, files, bytes }: PlanDocument['datasets'][number]): Mark => ({
  kind: 'proof',
  dataset: name,
  stoppedAt: '2026-11-25T22:20:00Z',
  files,
  bytes,
  digest: createHash('sha256').update(name).digest('hex'),
});

const checksOf = ({ workloads, datasets }: PlanDocument): DoneCheck[] => [
  ...datasets.map(
    ({ name, bytes, files }): DoneCheck => ({
      step: 'sync-data',
      name: `data ${name}`,
      status: 'ok',
      reason: `${bytes} bytes in ${files} entries`,
    }),
  ),
  ...workloads.map(
    ({ name }): DoneCheck => ({
      step: 'cut-over',
      name: `service ${name}`,
      status: 'ok',
      reason: 'healthy, and no task replaced for 10 s',
    }),
  ),
  ...['travel', 'cooking', 'shop'].map(
    (site): DoneCheck => ({
      step: 'verify',
      name: `http://${site}.example.com/ at the target`,
      status: 'ok',
      reason: '200 with 18211 bytes before, 200 with 18211 bytes now, the same bytes',
    }),
  ),
];
