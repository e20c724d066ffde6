import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { AccountingRow, Finding } from '../finding.ts';
import { settingsOf } from './defaults.ts';
import { shown } from './json.ts';
import { isSampled, sampledReservation } from './memory.ts';
import { mergePieces } from './merge.ts';
import { rules } from './rules.ts';
import { lost, type Rule, type Subject, type TaskPart, type Verdict } from './verdict.ts';

/** What one container becomes. */
export interface Described {
  readonly definition: Partial<ContainerDefinition>;
  readonly tasks: readonly TaskPart[];
  readonly accounting: readonly AccountingRow[];
  readonly findings: readonly Finding[];
}

/** Docker gives a container 10 s to stop; ECS 30 (SDK StopTask). Written out, it stays what it was. */
const dockerStopTimeout = 10;

/** Never silent: a setting without a rule is lost by name. */
const unknownSetting =
  (setting: string): Rule =>
  () => [
    lost(
      'unknown-setting',
      `ecsodus does not know its setting ${setting}.`,
      'not known to ecsodus: look up what it does, and whether it must be made up for.',
    ),
  ];

export function describeContainer(subject: Subject): Described {
  const judged = settingsOf(subject).flatMap(([setting, value]) =>
    (rules[setting] ?? unknownSetting(setting))(value, subject).map((verdict) => ({ setting, value, verdict })),
  );
  const verdicts = judged.map(({ verdict }) => verdict);
  return {
    definition: mergePieces([base(subject), ...verdicts.map(({ container = {} }) => container)]),
    tasks: verdicts.flatMap(({ task }) => (task === undefined ? [] : [task])),
    accounting: judged.map(({ setting, value, verdict }) => row(subject.container.name, setting, value, verdict)),
    findings: distinctFindings(verdicts, subject.container.name),
  };
}

/** What every container definition has, whatever its settings. */
const base = ({ container, cpu }: Subject): Partial<ContainerDefinition> => ({
  cpu,
  essential: true,
  stopTimeout: dockerStopTimeout,
  ...(isSampled(container) && { memoryReservation: sampledReservation(container.memoryBytes) }),
});

const row = (container: string, setting: string, value: unknown, verdict: Verdict): AccountingRow => ({
  container,
  setting: verdict.at === undefined ? setting : `${setting}.${verdict.at}`,
  value: shown(verdict.value ?? value),
  fate: verdict.fate,
  detail: verdict.detail,
});

/** Two settings may say one thing (MaskedPaths and ReadonlyPaths): the operator reads it once. */
function distinctFindings(verdicts: readonly Verdict[], subject: string): readonly Finding[] {
  const found = verdicts.flatMap(({ finding }) => (finding === undefined ? [] : [{ ...finding, subject }]));
  return [...new Map(found.map((finding) => [`${finding.code} ${finding.message}`, finding])).values()];
}
