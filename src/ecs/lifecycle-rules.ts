import type { LogDriver } from '@aws-sdk/client-ecs';
import { numberOf, recordOf, textOf } from './json.ts';
import { looksSecret } from './secrets.ts';
import { approximated, blocked, mapped, nothing, type Rule, type Verdict, warning } from './verdict.ts';

type Options = Readonly<Record<string, string>>;

/** Enabled by ecs-init out of the box (§1.5); for others the instance must say ECS_AVAILABLE_LOGGING_DRIVERS. */
const ready: readonly string[] = ['json-file', 'syslog', 'awslogs', 'fluentd'];
const known: readonly string[] = [...ready, 'gelf', 'journald', 'splunk'];

/** What the SDK's LogDriver lists. */
export const isLogDriver = (name: string): boolean => known.includes(name) || name === 'awsfirelens';
const rotation = { 'max-size': '10m', 'max-file': '3' };

/** §1.5 LogConfig: the container's own driver, with rotation where it had none. */
export const logConfig: Rule = (value) => {
  const { Type, Config } = recordOf(value);
  const driver = textOf(Type) || 'json-file';
  const options = Object.fromEntries(Object.entries(recordOf(Config)).map(([key, option]) => [key, textOf(option)]));
  return [driver === 'json-file' ? jsonFile(options) : otherDriver(driver, options)];
};

/** ECS made non-blocking, which may lose lines, its default in 2025; Docker's own is blocking. */
const configuration = (logDriver: LogDriver, options: Options) => ({
  logConfiguration: { logDriver, options: { mode: 'blocking', ...options } },
});

function jsonFile(options: Options): Verdict {
  const value = { 'json-file': options };
  if ('max-size' in options && options['max-size'] !== '-1')
    return mapped(configuration('json-file', options), { value });
  const change = `its log grew without limit; now it is ${rotation['max-file']} files of ${rotation['max-size']}`;
  return approximated(configuration('json-file', { ...options, ...rotation }), change, { value });
}

function otherDriver(driver: string, options: Options): Verdict {
  const value = { [driver]: redacted(options) };
  if (known.includes(driver)) return knownDriver(driver as LogDriver, options, value);
  const own = driver === 'local' ? { 'max-size': '20m', 'max-file': '5', ...options } : rotation;
  const change = `ECS has no log driver ${driver}: files of json-file instead, rotated`;
  const verdict = approximated(configuration('json-file', own), change, {
    value,
    target: 'logConfiguration: json-file',
  });
  if (driver === 'local') return verdict;
  const remedy =
    driver === 'none'
      ? 'Its log is kept on the instance now, rotated; let it write none itself where it must not.'
      : 'Its log is kept on the instance, rotated; send it on from there if it must go elsewhere.';
  return {
    ...verdict,
    outcome: 'lost',
    note: remedy,
    finding: warning('log-driver', `ECS has no log driver ${driver}.`, remedy),
  };
}

function knownDriver(driver: LogDriver, options: Options, value: unknown): Verdict {
  const extra = { value, target: `logConfiguration: ${driver}` };
  const piece = configuration(driver, options);
  const secret = Object.entries(options).find(([key, option]) => looksSecret(key, option));
  if (secret !== undefined) return mapped(piece, { ...extra, finding: secretOption(secret[0]) });
  if (driver === 'awslogs' && !('awslogs-group' in options)) return mapped(piece, { ...extra, finding: noGroup });
  if (ready.includes(driver)) return mapped(piece, extra);
  return mapped(piece, { ...extra, finding: notReady(driver) });
}

const redacted = (options: Options): Options =>
  Object.fromEntries(
    Object.entries(options).map(([key, option]) => [key, looksSecret(key, option) ? '[redacted]' : option]),
  );

const secretOption = (key: string) =>
  warning(
    'secret-log-option',
    `Its log option ${key} looks secret and stands in the task definition as it is.`,
    'Move it to "secretOptions" after the migration.',
  );

const noGroup = {
  level: 'blocker',
  code: 'log-group',
  message: 'It logs to CloudWatch without naming a log group, which ECS needs.',
  remedy: 'Start it with "--log-opt awslogs-group=…" on the source, or use json-file.',
} as const;

const notReady = (driver: string) =>
  ({
    level: 'info',
    code: 'log-driver',
    message: `The ECS agent does not offer the log driver ${driver} by itself: the instance’s ecs.config names it.`,
    remedy: 'Check that what it logs to can be reached from the instance.',
  }) as const;

/**
 * §1.5: never passed to Docker. A service keeps its task running, and an essential container that ends takes the task
 * along; `restartPolicy` restarts the container itself, in place, if it ran for a while.
 */
export const restartPolicy: Rule = (value) => {
  const { Name, MaximumRetryCount } = recordOf(value);
  const name = textOf(Name) || 'no';
  if (name === 'always' || name === 'unless-stopped')
    return [nothing(`service: desired count 1; essential: true`, { value: name })];
  if (name === 'on-failure') return [onFailure(numberOf(MaximumRetryCount))];
  const message =
    'It has no restart policy; as a service it is restarted whenever it ends, and its whole task with it.';
  return [
    approximated({}, 'restarted when it ends, and its whole task with it', {
      value: name,
      target: 'service: desired count 1',
      finding: warning('restart-policy', message, meantToEnd),
    }),
  ];
};

/** The shortest time ECS takes, in seconds, that a container must have run to be restarted in place. */
const restartAttemptPeriod = 60;

function onFailure(tries: number): Verdict {
  const message = 'It is restarted on failure only; as a service it is restarted whenever it ends.';
  const limit = tries > 0 ? `, and not ${tries} times at most` : '';
  return approximated(
    { restartPolicy: { enabled: true, ignoredExitCodes: [0], restartAttemptPeriod } },
    `restarted in place on failure if it ran ${restartAttemptPeriod} s, else with its task; with its task also when it ends well${limit}`,
    {
      value: tries > 0 ? `on-failure:${tries}` : 'on-failure',
      finding: warning('restart-policy', message, meantToEnd),
    },
  );
}

const meantToEnd = 'Run it as a task of its own (RunTask) if it is meant to end.';

/** design.md, Docker: stopping such a container deletes it with its anonymous volumes, so there would be no way back. */
export const autoRemove: Rule = () => [
  blocked(
    'auto-remove',
    'It was started with --rm: stopping it deletes it and its anonymous volumes, and with them the way back.',
    'Start it again without --rm on the source (what it wrote outside of named volumes: docker cp it out first), and plan again; or let it stay: name it in "leave" in ecsodus.yaml.',
  ),
];
