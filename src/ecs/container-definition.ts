import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { AccountingRow, Finding } from '../finding.ts';
import type { Stray } from '../inventory.ts';
import { Secret } from '../secret.ts';
import { settingsOf } from './defaults.ts';
import type { Setting } from './inspect-shape.ts';
import { shown } from './json.ts';
import { isSampled, sampledReservation } from './memory.ts';
import { mergePieces } from './merge.ts';
import { hiderOf, isWorthHiding, redacted } from './redact.ts';
import { rules } from './rules.ts';
import { blocked, lost, type Subject, type TaskPart, type Verdict } from './verdict.ts';

/** What one container becomes. */
export interface Described {
  readonly definition: Partial<ContainerDefinition>;
  readonly tasks: readonly TaskPart[];
  readonly accounting: readonly AccountingRow[];
  readonly findings: readonly Finding[];
}

/** Docker gives a container 10 s to stop; ECS 30 (SDK StopTask). Written out, it stays what it was. */
const dockerStopTimeout = 10;

/** What one part of the inspect came to. */
interface Judged {
  readonly setting: string;
  readonly value: unknown;
  readonly verdict: Verdict;
}

export function describeContainer(subject: Subject): Described {
  const { name, env, strays = [] } = subject.container;
  const judged: Judged[] = [
    ...settingsOf(subject, Object.keys(rules) as Setting[]).flatMap(([setting, value]) =>
      rules[setting](value, subject).map((verdict) => ({ setting, value, verdict })),
    ),
    ...strays.map((stray) => ({ setting: stray.path, value: stray.value, verdict: strayed(stray) })),
  ];
  const verdicts = judged.map(({ verdict }) => verdict);
  const hide = hiderOf(env);
  const definition = mergePieces([base(subject), ...verdicts.map(({ container = {} }) => container)]);
  return {
    definition,
    tasks: verdicts.flatMap(({ task }) => (task === undefined ? [] : [task])),
    accounting: judged.map((each) => row(name, each, hide)),
    findings: [...distinctFindings(verdicts, name, hide), ...repeatedSecrets(definition, subject)],
  };
}

/** Never silent: what has no rule is lost by name. */
const strayed = ({ path, reason }: Stray): Verdict =>
  reason === 'unknown'
    ? lost(
        'unknown-setting',
        `ecsodus does not know its setting ${path}.`,
        'not known to ecsodus: look up what it does, and whether it must be made up for.',
      )
    : blocked(
        'unreadable-setting',
        `Its setting ${path} has a value that Docker does not send, so it is left out.`,
        'Compare it with "docker inspect", and set on the source what was meant; or accept this.',
      );

/** What every container definition has, whatever its settings. */
const base = ({ container, cpu }: Subject): Partial<ContainerDefinition> => ({
  cpu,
  essential: true,
  stopTimeout: dockerStopTimeout,
  ...(isSampled(container) && { memoryReservation: sampledReservation(container) }),
});

const row = (
  container: string,
  { setting, value, verdict }: Judged,
  hide: (text: string) => string,
): AccountingRow => ({
  container,
  setting: verdict.at === undefined ? setting : `${setting}.${verdict.at}`,
  value: hide(shown(redacted(verdict.value ?? value, verdict.at ?? setting.split('.').at(-1)))),
  outcome: verdict.outcome,
  target: hide(verdict.target),
  note: hide(verdict.note),
});

/** A secret that its variable hides, and that stands elsewhere in the definition, where ECS has no secrets. */
function repeatedSecrets(definition: Partial<ContainerDefinition>, { container }: Subject): Finding[] {
  const open = Object.entries(definition).filter(([key]) => key !== 'secrets' && key !== 'environment');
  const found = container.env.flatMap(({ name, value }) => {
    const secret = value instanceof Secret ? value.reveal() : '';
    const places = open.filter(([, part]) => isWorthHiding(secret) && JSON.stringify(part).includes(escaped(secret)));
    return places.map(([key]) => `${name} in its ${key}`);
  });
  if (found.length === 0) return [];
  return [
    {
      level: 'warning',
      code: 'secret-repeated',
      subject: container.name,
      message: `Values of secret variables stand in its task definition as well, for everyone who may read it: ${[...new Set(found)].join(', ')}.`,
      remedy:
        'Let those places take the value from the environment ($NAME in a shell), and change the password afterwards.',
    },
  ];
}

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Two settings may say one thing (MaskedPaths and ReadonlyPaths): the operator reads it once. */
function distinctFindings(
  verdicts: readonly Verdict[],
  subject: string,
  hide: (text: string) => string,
): readonly Finding[] {
  const found = verdicts.flatMap(({ finding }) =>
    finding === undefined ? [] : [{ ...finding, subject, message: hide(finding.message) }],
  );
  return [...new Map(found.map((finding) => [`${finding.code} ${finding.message}`, finding])).values()];
}
