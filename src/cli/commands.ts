import { MigrationError } from '../errors.ts';
import type { Step } from '../step.ts';
import type { RunFlags } from './drawn-run.ts';
import type { InitFlags } from './init.ts';
import type { Options } from './options.ts';
import type { PlanFlags } from './plan.ts';
import { type Selection, selectSteps } from './select-steps.ts';

/*
 * What each command does, by the code it needs and no other: the steps bring along SSH, listr2 and inquirer, which take
 * longer to load than `--help` or an offline plan take to run.
 */

const loadSteps = () => import('../../steps/index.ts');

const upTo = (steps: readonly Step[], id: string): readonly Step[] =>
  steps.slice(0, steps.findIndex((step) => step.id === id) + 1);

export async function inventory(options: Options): Promise<void> {
  const [{ inventoryCommand }, { steps }] = await Promise.all([import('./inventory.ts'), loadSteps()]);
  await inventoryCommand(options, upTo(steps, 'inventory'));
}

export async function init(flags: InitFlags): Promise<void> {
  const [{ initCommand }, { steps }] = await Promise.all([import('./init.ts'), loadSteps()]);
  await initCommand(flags, steps);
}

/** `ecsodus` alone: the wizard, then what it wrote is planned, shown, and run. */
export async function wizard(flags: InitFlags): Promise<void> {
  await init(flags);
  await run({ ...flags, rollback: true });
}

export interface PlanSelection extends PlanFlags {
  readonly containers?: string;
  readonly images?: string;
  readonly stats?: string;
}

/** Live, or with `--containers` from saved files. `configGiven`: whether --config was typed. Returns the exit code. */
export async function plan({ containers, ...options }: PlanSelection, configGiven: boolean): Promise<number> {
  if (containers !== undefined) {
    const { offlinePlanCommand } = await import('./offline-plan.ts');
    await offlinePlanCommand({ ...options, containers, configGiven });
    return 0;
  }
  refuseWithoutContainers(options);
  const [{ planCommand }, { steps }] = await Promise.all([import('./plan.ts'), loadSteps()]);
  return planCommand(options, steps);
}

/** --images and --stats say nothing by themselves. */
function refuseWithoutContainers({ images, stats }: PlanSelection): void {
  const flag = images === undefined ? stats && '--stats' : '--images';
  if (!flag) return;
  throw new MigrationError('flags', `${flag} goes with --containers only: it is for a plan from saved files.`, {
    hint: 'Save the containers too: docker inspect $(docker ps -aq) > containers.json',
  });
}

export type RunSelection = RunFlags & Selection & { readonly rollback: boolean };

export async function run(options: RunSelection): Promise<void> {
  const selected = selectSteps(options);
  const [{ runCommand }, { rollingBack, steps }] = await Promise.all([import('./run.ts'), loadSteps()]);
  await runCommand(options, {
    steps: upTo(steps, selected.at(-1) ?? ''),
    selected,
    takeBack: options.rollback ? rollingBack : undefined,
    closing: selected.includes('verify')
      ? 'When you are sure: ecsodus finish. To go back: ecsodus rollback'
      : 'Go on: ecsodus run',
  });
}

export async function status(options: Options): Promise<void> {
  const [{ statusCommand }, { steps }] = await Promise.all([import('./status.ts'), loadSteps()]);
  await statusCommand(options, steps);
}

export interface RollbackFlags extends RunFlags {
  /** `--bring-data-back`, `--leave-data`: what becomes of what the target wrote. */
  readonly bringDataBack?: boolean;
  readonly leaveData?: boolean;
}

export async function rollback(options: RollbackFlags): Promise<void> {
  const [{ runCommand }, steps, { chooseData }] = await Promise.all([
    import('./run.ts'),
    loadSteps(),
    import('./choose-data.ts'),
  ]);
  await runCommand(options, {
    steps: options.bringDataBack ? steps.rollingBackWithData : steps.rollingBack,
    selected: ['connect', 'inventory', 'rollback'],
    choose: (plans) => chooseData(options, plans),
    closing: 'The source serves again.',
  });
}

export async function finish(options: RunFlags): Promise<void> {
  const [{ runCommand }, { finishing }] = await Promise.all([import('./run.ts'), loadSteps()]);
  await runCommand(options, {
    steps: finishing,
    selected: ['verify', 'finish'],
    closing: 'The migration is finished.',
  });
}

export async function undo(options: RunFlags): Promise<void> {
  const [{ runCommand }, { undoing }] = await Promise.all([import('./run.ts'), loadSteps()]);
  await runCommand(options, {
    steps: undoing,
    selected: ['undo'],
    closing: 'Nothing of the migration is left. To begin anew: ecsodus plan',
  });
}

const loadSnapshot = () => import('./snapshot.ts');

export const snapshotList = async (options: Options): Promise<void> => (await loadSnapshot()).listSnapshots(options);

export const snapshotVerify = async (name: string | undefined, options: Options): Promise<void> =>
  (await loadSnapshot()).verifySnapshots(options, name);

export const snapshotRestore = async (name: string, options: Options & { readonly to: string }): Promise<void> =>
  (await loadSnapshot()).restoreCommand(options, name);

/** Returns the exit code. */
export async function demo(flags: Readonly<Record<string, boolean>>): Promise<number> {
  const { demoCommand } = await import('./demo.ts');
  return demoCommand(Object.keys(flags).map((flag) => `--${flag}`));
}
