import { join } from 'node:path';
import { readDowntime } from '../downtime.ts';
import { readMarks } from '../marks.ts';
import { namesOf } from '../names.ts';
import type { StepPlan } from '../pipeline.ts';
import { runPage } from '../report/html/run-page.ts';
import { type DoneCheck, runReport } from '../report/run-report.ts';
import type { Step } from '../step.ts';
import type { Run } from './drawn-run.ts';

/** Leaves report.json and report.html of a whole run in the state folder. Returns the path of the page. */
export async function keepReport(
  { config, connections, journal }: Run,
  steps: readonly Step[],
  plans: readonly StepPlan[],
  checks: readonly DoneCheck[],
): Promise<string> {
  const { aws, source, state } = connections;
  const design = plans.find(({ plan }) => plan.outputs.design !== undefined)?.plan.outputs.design;
  const instance = await aws.findInstance(namesOf(config.name).instance);
  const target = instance && (await connections.target(instance));
  const report = runReport({
    migration: config.name,
    steps,
    entries: journal.entries,
    marks: target === undefined ? [] : await readMarks(target),
    datasets: design?.datasets ?? [],
    checks,
    downtimeSeconds: await readDowntime(state),
    move: {
      from: source.address,
      to: instance?.publicAddress,
      isLent: instance?.addressIsLent ?? false,
      hosts: [...new Set(config.checks.map((url) => new URL(url).hostname))],
      ports: (design?.workloads ?? []).flatMap(({ ports }) => ports),
      isForwarded: journal.entries.some(({ step, id }) => step === 'cut-over' && id.startsWith('forward:')),
    },
  });
  await state.write('report.json', `${JSON.stringify(report, undefined, 2)}\n`);
  await state.write('report.html', runPage(report));
  return join(state.directory, 'report.html');
}
