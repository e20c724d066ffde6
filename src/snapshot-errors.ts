import { MigrationError } from './errors.ts';
import { outcomePattern } from './snapshot-hold-script.ts';
import type { Hold } from './snapshot-holds.ts';

interface Attempt {
  /** Names of the datasets. */
  readonly datasets: readonly string[];
  readonly holds: readonly Hold[];
  readonly limitSeconds: number;
  readonly host: string;
}

/** What a snapshot's script said before it gave up, for the operator; any other error as it is. */
export function snapshotError(error: unknown, attempt: Attempt): unknown {
  if (!(error instanceof MigrationError)) return error;
  const outcome = error.evidence.map((line) => outcomePattern.exec(line)).find((match) => match !== null);
  if (outcome === undefined) return error;
  const [, code, container = ''] = outcome;
  if (code === 'time-limit') return tooSlow(error, attempt);
  if (code === 'killed') return killed(error, attempt, container);
  return notReleased(error, attempt);
}

const named = ({ datasets }: Attempt): string => datasets.join(', ');
const heldBy = ({ holds }: Attempt): string => holds.map(({ container }) => container).join(', ');

const tooSlow = (cause: MigrationError, attempt: Attempt): MigrationError =>
  new MigrationError(
    'snapshot-too-slow',
    `The last pass over ${named(attempt)} took longer than ${attempt.limitSeconds} s. ${heldBy(attempt)} went on meanwhile, and there is no snapshot of it.`,
    {
      hint: 'Run it again when less is written: ecsodus run. Or write "snapshot: ebs" or "snapshot: none" in ecsodus.yaml.',
      evidence: cause.evidence,
      cause,
    },
  );

const killed = (cause: MigrationError, { datasets, host }: Attempt, container: string): MigrationError =>
  new MigrationError(
    'snapshot-killed-database',
    `${container} did not shut down by itself and was killed, so a copy of ${datasets.join(', ')} would need repair. It was started again.`,
    {
      hint: `See why: ssh ${host} sudo docker logs --tail 50 ${container}. Or take its files from under a pause: "snapshotBy: { ${container}: pause }" in ecsodus.yaml.`,
      evidence: cause.evidence,
      cause,
    },
  );

const notReleased = (cause: MigrationError, attempt: Attempt): MigrationError =>
  new MigrationError(
    'snapshot-not-released',
    `${heldBy(attempt)} could not be let go after a snapshot of ${named(attempt)}.`,
    {
      hint: `It is tried again for five minutes. Look, and start what does not run: ssh ${attempt.host} sudo docker ps -a`,
      evidence: cause.evidence,
      cause,
    },
  );
