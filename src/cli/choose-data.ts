import { rollingBackWithData } from '../../steps/index.ts';
import { dataLeft } from '../../steps/rollback.ts';
import { MigrationError } from '../errors.ts';
import type { StepPlan } from '../pipeline.ts';
import type { Step } from '../step.ts';
import { confirm } from './ask.ts';
import type { RollbackFlags } from './commands.ts';

/**
 * Asks what becomes of the data that was written on the target, where there may be any and no flag says it. Answers with the
 * steps that bring it back; undefined to leave it there.
 */
export async function chooseData(
  { bringDataBack, leaveData }: RollbackFlags,
  plans: readonly StepPlan[],
): Promise<readonly Step[] | undefined> {
  if (bringDataBack && leaveData)
    throw new MigrationError('flags', '--bring-data-back and --leave-data contradict one another.', {
      hint: 'Use one or the other.',
    });
  const written = plans.flatMap(({ plan }) => plan.findings).some(({ code }) => code === dataLeft);
  if (!written || leaveData || bringDataBack) return undefined;
  const question = 'The target has served since cut-over. Bring what was written there back to the source?';
  return (await confirm(question, '--bring-data-back, or no with --leave-data')) ? rollingBackWithData : undefined;
}
