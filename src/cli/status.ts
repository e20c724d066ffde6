import type { Config } from '../config.ts';
import { MigrationError } from '../errors.ts';
import { inDoubt, type JournalEntry, readJournal } from '../journal.ts';
import { planAll } from '../pipeline.ts';
import { painter } from '../report/colour.ts';
import { count } from '../report/units.ts';
import type { Step } from '../step.ts';
import type { Options } from './options.ts';
import { print } from './output.ts';
import { withSession } from './plan.ts';
import { openFolder } from './session.ts';

interface StepStatus {
  readonly id: string;
  readonly state: 'done' | 'next' | 'waiting';
  /** Changes left to make. */
  readonly changes: number;
  readonly inDoubt: readonly string[];
  /** When its last change was made, ISO 8601. */
  readonly lastDoneAt: string | undefined;
}

interface Status {
  readonly migration: string;
  readonly finished: boolean;
  readonly owner: string;
  readonly steps: readonly StepStatus[];
  /** The command that goes on. */
  readonly next: string;
}

/** Where the migration stands: asked of the world, explained by the journal. */
export async function statusCommand(options: Options, steps: readonly Step[]): Promise<void> {
  const { config, state } = await openFolder(options);
  const entries = await readJournal(state.directory, config.name);
  const status = await withSession(options, config, state, async ({ connections }) => {
    const plans = await planAll(steps, connections);
    const owner = plans.map(({ plan }) => plan.outputs.owner).findLast((found) => found !== undefined);
    return statusOf(
      config,
      typeof owner === 'string' ? owner : 'source',
      plans.map(({ step, plan }) => ({ id: step, changes: plan.changes.length })),
      entries,
    );
  }).catch((error: unknown) => {
    if (error instanceof MigrationError && error.code === 'finished') return finishedStatus(config);
    throw error;
  });
  print(options, status, () => statusText(status));
}

function statusOf(
  { name }: Config,
  owner: string,
  plans: readonly { id: string; changes: number }[],
  entries: readonly JournalEntry[],
): Status {
  const next = plans.find(({ changes }) => changes > 0)?.id;
  const doubts = inDoubt(entries);
  const steps = plans.map(
    ({ id, changes }): StepStatus => ({
      id,
      state: changes === 0 ? 'done' : id === next ? 'next' : 'waiting',
      changes,
      inDoubt: doubts.filter(({ step }) => step === id).map((doubt) => doubt.id),
      lastDoneAt: entries.findLast(({ step, kind }) => step === id && kind === 'done')?.at,
    }),
  );
  return { migration: name, finished: false, owner, steps, next: next ? 'ecsodus run' : 'ecsodus finish' };
}

const finishedStatus = ({ name }: Config): Status => ({
  migration: name,
  finished: true,
  owner: 'target',
  steps: [],
  next: '',
});

function statusText({ migration, finished, owner, steps, next }: Status): string {
  const paint = painter(process.stdout);
  if (finished) return `${migration}: finished; the target owns the data.`;
  const signs = { done: paint('green', '✔'), next: paint('yellow', '▶'), waiting: paint('dim', '·') };
  const lines = steps.map((step) => {
    const left = step.changes > 0 ? `  ${count(step.changes, 'change')} left` : '';
    const doubt = step.inDoubt.length > 0 ? paint('yellow', `  in doubt: ${step.inDoubt.join(', ')}`) : '';
    return `${signs[step.state]} ${step.id}${left}${doubt}${step.lastDoneAt ? paint('dim', `  ${step.lastDoneAt}`) : ''}`;
  });
  return [`${migration}: the ${owner} owns the data.`, ...lines, `Next: ${next}`].join('\n');
}
