import { setMaxListeners } from 'node:events';
import { pause } from './aws/wait.ts';
import { MigrationError, messageOf } from './errors.ts';
import { settled } from './finding.ts';
import { inDoubt, type Journal } from './journal.ts';
import type { Change, Check, Outputs, Plan, Progress, Step, WriteContext } from './step.ts';

/** What a run tells whoever draws it; with `run --json`, one a line. */
export type RunEvent =
  | { readonly type: 'step-begin'; readonly step: string; readonly changes: number }
  | { readonly type: 'change-begin'; readonly step: string; readonly change: Change }
  /** `id` is the change's; the step's own for what goes on beside its changes. */
  | { readonly type: 'progress'; readonly step: string; readonly id: string; readonly progress: Progress }
  | { readonly type: 'change-done'; readonly step: string; readonly id: string; readonly seconds: number }
  | {
      readonly type: 'step-done';
      readonly step: string;
      readonly seconds: number;
      readonly changes: number;
      readonly checks: readonly Check[];
    }
  | { readonly type: 'step-failed'; readonly step: string; readonly message: string };

/** Everything a context holds but what steps give one another. */
export type Connections = Omit<WriteContext, keyof Outputs | 'progress'>;

export interface StepPlan {
  readonly step: string;
  readonly title: string;
  readonly plan: Plan;
}

export interface RunOptions {
  readonly journal: Journal;
  /** Ids of the steps whose changes are made; the others are only looked at. */
  readonly selected: readonly string[];
  /** `approvalOf` every change the operator said yes to. Any other stops the run. */
  readonly approved: ReadonlySet<string>;
  readonly onEvent: (event: RunEvent) => void;
  /** Plans made moments ago, nobody having been asked since. Those of the first steps that leave nothing to do still hold. */
  readonly fresh?: readonly StepPlan[];
  /** Aborted by the first Ctrl-C, for the reason `interrupted`: stop before the next change, or in one that `mayStop`. */
  readonly stopping: AbortSignal;
}

/** By this a change is known again: one of the same id that would do something else is another. */
export const approvalOf = (step: string, { id, verb, target }: Change): string =>
  JSON.stringify([step, id, verb, target]);

/** Plans every step as soon as those are that it needs, with what they found. Writes nothing. */
export async function planAll(steps: readonly Step[], connections: Connections): Promise<StepPlan[]> {
  const planning = new Map<Step, Promise<Plan>>();
  for (const step of steps) {
    const needed = neededBy(step, steps).map(async (each) => (await planning.get(each))?.outputs);
    const plan = async () => step.plan(contextFor(connections, Object.assign({}, ...(await Promise.all(needed)))));
    planning.set(step, plan());
  }
  // The others are waited for: nobody may close connections that they still use.
  await Promise.allSettled(planning.values());
  const plans: StepPlan[] = [];
  for (const [{ id, title }, each] of planning) {
    const plan = await each;
    plans.push({ step: id, title, plan: { ...plan, findings: settled(plan.findings, connections.config.accept) } });
  }
  return plans;
}

/** What a step needs, and what that needs, of the steps before it; all of them where one that it needs is not there. */
function neededBy(step: Step, steps: readonly Step[]): readonly Step[] {
  const earlier = steps.slice(0, steps.indexOf(step));
  const needed = earlier.filter(({ id }) => step.needs.includes(id));
  if (needed.length < step.needs.length) return earlier;
  const all = new Set(needed.flatMap((each) => [each, ...neededBy(each, earlier)]));
  return earlier.filter((each) => all.has(each));
}

/** Throws where a blocker stands that the operator has not settled. */
export function refuseBlockers(plans: readonly StepPlan[]): void {
  const blockers = plans.flatMap(({ plan }) => plan.findings).filter(({ level }) => level === 'blocker');
  const first = blockers[0];
  if (first === undefined) return;
  const key = `${first.code}:${first.subject}`;
  throw new MigrationError(
    'blocked',
    `${blockers.length === 1 ? 'A blocker stands' : `${blockers.length} blockers stand`} in the way.`,
    {
      evidence: blockers.map(
        ({ code, subject, message, remedy }) => `${code}:${subject}: ${message}${remedy ? ` ${remedy}` : ''}`,
      ),
      hint: `Settle each as its line says, or add it to ecsodus.yaml once you have read it: accept: ["${key}"]`,
    },
  );
}

/**
 * Runs the steps: each is planned anew, its changes made one by one between `begin` and `done`, and planned once more
 * to see that nothing is left. Throws at the first failure, with the journal saying how far it came.
 */
export async function runSteps(
  steps: readonly Step[],
  connections: Connections,
  options: RunOptions,
): Promise<Partial<Outputs>> {
  let outputs: Partial<Outputs> = {};
  const holding = lookAgain(steps, connections, options);
  for (const step of steps) {
    const held = holding.get(step.id);
    const look = async (): Promise<Look> => held ?? { plan: await step.plan(contextFor(connections, outputs)) };
    const given = options.selected.includes(step.id)
      ? await runStep(step, look, connections, outputs, options)
      : (await look()).plan.outputs;
    outputs = { ...outputs, ...given };
  }
  return outputs;
}

interface Look {
  readonly plan: Plan;
  /** Under way already, where the plan leaves nothing to do. */
  readonly checks?: Promise<readonly Check[]>;
}

/**
 * The fresh plans up to the first that has changes, by step: before that one nothing is touched. So all of these steps may
 * be verified at once.
 */
function lookAgain(
  steps: readonly Step[],
  connections: Connections,
  { fresh = [], selected }: RunOptions,
): ReadonlyMap<string, Look> {
  const first = fresh.findIndex(({ plan }) => plan.changes.length > 0);
  const looks = new Map<string, Look>();
  let outputs: Partial<Outputs> = {};
  for (const { step: id, plan } of fresh.slice(0, first < 0 ? fresh.length : first)) {
    outputs = { ...outputs, ...plan.outputs };
    const step = steps.find((each) => each.id === id);
    const checks = selected.includes(id) ? step?.verify(contextFor(connections, outputs)) : undefined;
    // Whoever waits for it is told, in its turn.
    checks?.catch(() => {});
    looks.set(id, { plan, ...(checks && { checks }) });
  }
  return looks;
}

async function runStep(
  step: Step,
  look: () => Promise<Look>,
  connections: Connections,
  outputs: Partial<Outputs>,
  options: RunOptions,
): Promise<Partial<Outputs>> {
  const started = Date.now();
  try {
    const { plan, checks: checking } = await look();
    await settleDoubt(step, plan, options.journal);
    refuseUnapproved(step, plan, options.approved);
    options.onEvent({ type: 'step-begin', step: step.id, changes: plan.changes.length });
    if (plan.changes.length > 0) await makeChanges(step, plan.changes, contextFor(connections, outputs), options);
    const after = plan.changes.length === 0 ? plan : await planAfter(step, contextFor(connections, outputs));
    refuseLeftOver(step, after);
    const checks = await (checking ?? step.verify(contextFor(connections, { ...outputs, ...after.outputs })));
    refuseFailed(step, checks);
    const seconds = (Date.now() - started) / 1000;
    options.onEvent({ type: 'step-done', step: step.id, seconds, changes: plan.changes.length, checks });
    return after.outputs;
  } catch (error) {
    options.onEvent({ type: 'step-failed', step: step.id, message: messageOf(error) });
    throw error;
  }
}

/** How long AWS may take to list what was made a moment ago, in ms from one look to the next. */
const untilListed = [1000, 2000, 4000];

/** Looks again while something seems left to do. */
async function planAfter(step: Step, context: WriteContext): Promise<Plan> {
  let after = await step.plan(context);
  for (const wait of untilListed) {
    if (after.changes.length === 0) break;
    await pause(wait, context.signal);
    after = await step.plan(context);
  }
  return after;
}

async function makeChanges(
  step: Step,
  changes: readonly Change[],
  context: WriteContext,
  options: RunOptions,
): Promise<void> {
  const end = step.during?.({ ...context, progress: tell(step.id, step.id, options) });
  try {
    for (const group of groupsOf(changes)) await makeGroup(step, group, context, options);
  } finally {
    await end?.();
  }
}

/** Changes to be made at once, in the order of the plan. */
function groupsOf(changes: readonly Change[]): readonly (readonly Change[])[] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    if (change.together !== undefined && last?.[0]?.together === change.together) last.push(change);
    else groups.push([change]);
  }
  return groups;
}

/** The first failure ends the others: what it leaves undone is planned again. */
async function makeGroup(
  step: Step,
  group: readonly Change[],
  context: WriteContext,
  options: RunOptions,
): Promise<void> {
  const { stopping } = options;
  stopping.throwIfAborted();
  const failed = new AbortController();
  const mayStop = group.every((change) => change.mayStop);
  const signal = AbortSignal.any([context.signal, failed.signal, ...(mayStop ? [stopping] : [])]);
  // Each change of the group listens; Node takes more than ten listeners for a leak.
  setMaxListeners(0, signal);
  for (const change of group) {
    await options.journal.begin(step.id, change);
    options.onEvent({ type: 'change-begin', step: step.id, change });
  }
  let first: { readonly error: unknown } | undefined;
  const making = group.map((change) =>
    makeChange(step, change, { ...context, signal }, options).catch((error: unknown) => {
      first ??= { error };
      failed.abort(error);
    }),
  );
  await Promise.all(making);
  if (first !== undefined) throw mayStop && stopping.aborted ? stopping.reason : first.error;
}

async function makeChange(step: Step, change: Change, context: WriteContext, options: RunOptions): Promise<void> {
  const { journal, onEvent } = options;
  const started = Date.now();
  try {
    await step.apply(change, { ...context, progress: tell(step.id, change.id, options) });
  } catch (error) {
    await journal.failed(step.id, change.id, messageOf(error));
    throw error;
  }
  await journal.done(step.id, change.id);
  onEvent({ type: 'change-done', step: step.id, id: change.id, seconds: (Date.now() - started) / 1000 });
}

const tell =
  (step: string, id: string, { onEvent }: RunOptions) =>
  (progress: Progress): void =>
    onEvent({ type: 'progress', step, id, progress });

/** A change begun and never ended that the world shows as made is recorded as adopted; the others are tried again. */
async function settleDoubt(step: Step, plan: Plan, journal: Journal): Promise<void> {
  const left = new Set(plan.changes.map(({ id }) => id));
  const made = inDoubt(journal.entries).filter((doubt) => doubt.step === step.id && !left.has(doubt.id));
  for (const { id } of made) await journal.done(step.id, id, { adopted: true });
}

function refuseUnapproved(step: Step, plan: Plan, approved: ReadonlySet<string>): void {
  const surprise = plan.changes.filter((change) => !approved.has(approvalOf(step.id, change)));
  if (surprise.length === 0) return;
  throw new MigrationError('plan-changed', `${step.title}: the world has moved since the plan was made.`, {
    evidence: surprise.map(({ verb, target, reason }) => `not in the plan: ${verb} ${target} (${reason})`),
    hint: 'Look again: ecsodus plan. Then go on: ecsodus run',
  });
}

function refuseLeftOver(step: Step, { changes }: Plan): void {
  if (changes.length === 0) return;
  throw new MigrationError('not-converged', `${step.title}: every change was made, yet something is left to do.`, {
    evidence: changes.map(({ verb, target, reason }) => `${verb} ${target} (${reason})`),
    hint: 'Run it again: ecsodus run. If it says this again, please report it with the lines above.',
  });
}

function refuseFailed(step: Step, checks: readonly Check[]): void {
  const failed = checks.filter(({ status }) => status === 'fail');
  if (failed.length === 0) return;
  throw new MigrationError(
    'check-failed',
    `${step.title}: ${failed.length === 1 ? 'a check' : `${failed.length} checks`} failed.`,
    {
      evidence: failed.map(({ name, reason }) => `${name}: ${reason}`),
      hint: 'See where things stand: ecsodus status',
    },
  );
}

/** A step that reads an output no earlier step has given is a mistake in the order, and shows as undefined. */
function contextFor(connections: Connections, outputs: Partial<Outputs>): WriteContext {
  return { ...connections, ...(outputs as Outputs), progress: () => {} };
}
