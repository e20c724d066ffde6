import { planPage } from '../../src/report/html/plan-page.ts';
import { runPage } from '../../src/report/html/run-page.ts';
import { type PlanDocument, planDocument } from '../../src/report/plan-document.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { samplePlans } from './plans.ts';
import { sampleRun } from './run.ts';
import { type Recorded, recordedSource } from './source.ts';

export interface Sample {
  readonly plan: PlanDocument;
  readonly report: RunReport;
}

/** A plan that wants more than its instance has, and the run that followed once the operator had left the choice to ecsodus. */
export async function makeSample(change: (recorded: Recorded) => Recorded = (same) => same): Promise<Sample> {
  const recorded = change(await recordedSource());
  const plan = planDocument(recorded.config, await samplePlans(recorded));
  const settled = { ...recorded, config: { ...recorded.config, instance: {} } };
  const plans = await samplePlans(settled);
  return {
    plan,
    report: sampleRun(plans, planDocument(settled.config, plans), settled),
  };
}

/** By file name. */
export const sampleFiles = ({ plan, report }: Sample): Readonly<Record<string, string>> => ({
  'plan.json': `${JSON.stringify(plan, undefined, 2)}\n`,
  'plan.html': planPage(plan),
  'report.json': `${JSON.stringify(report, undefined, 2)}\n`,
  'report.html': runPage(report),
});
