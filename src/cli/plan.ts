import type { Config } from '../config.ts';
import { readLinkRate } from '../link.ts';
import { planAll, type StepPlan } from '../pipeline.ts';
import { painter } from '../report/colour.ts';
import { type PlanDocument, planDocument } from '../report/plan-document.ts';
import { planText } from '../report/plan-text.ts';
import type { StateWriter } from '../state.ts';
import type { Step } from '../step.ts';
import type { Options } from './options.ts';
import { print, writeDocument } from './output.ts';
import { writePlanReport } from './plan-report.ts';
import { openFolder, openSession, type Session } from './session.ts';

export interface PlanFlags extends Options {
  readonly out?: string;
  /** A folder for plan.json and plan.html. */
  readonly report?: string;
  readonly detailedExitcode?: boolean;
}

/** The dry run. Returns the exit code: 2 for changes with `--detailed-exitcode`, else 0. */
export async function planCommand(options: PlanFlags, steps: readonly Step[]): Promise<number> {
  const { config, state } = await openFolder(options);
  const plans = await withSession(options, config, state, ({ connections }) => planAll(steps, connections));
  const document = await keepPlan(plans, config, state);
  if (options.out) await writeDocument(options.out, document);
  if (options.report) await writePlanReport(options.report, document, options);
  print(options, document, () => planText(plans, document, painter(process.stdout)));
  return options.detailedExitcode && document.totals.changes > 0 ? 2 : 0;
}

/** What `work` finds with the connections open; they are closed in any case. */
export async function withSession<T>(
  options: Options,
  config: Config,
  state: StateWriter,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(options, config, state, new AbortController().signal);
  try {
    return await work(session);
  } finally {
    session.close();
  }
}

/**
 * Keeps the plan, and of the inventory what later plans go by: a second memory sample must not change a definition. The
 * rest of it is read anew each time, and may hold a password in an argument.
 */
export async function keepPlan(plans: readonly StepPlan[], config: Config, state: StateWriter): Promise<PlanDocument> {
  const document = planDocument(config, plans, await readLinkRate(state));
  await state.write('plan.json', JSON.stringify(document, undefined, 2));
  const inventory = plans.find(({ step }) => step === 'inventory')?.plan.outputs.inventory;
  if (inventory === undefined) return document;
  const containers = inventory.containers.map(({ id, name, usage }) => ({ id, name, usage }));
  await state.write('inventory.json', JSON.stringify({ containers }, undefined, 2));
  return document;
}
