import type { HealthCheck } from '@aws-sdk/client-ecs';
import { type Json, numberOf, recordOf, textsOf } from './json.ts';
import { secretArguments } from './secrets.ts';
import { approximated, lost, type Rule, type Verdict, warning } from './verdict.ts';

/** Lowest, highest, and Docker's own default, in seconds or times (§1.6). ECS's default timeout is 5 s, so all are written out. */
export const healthBounds = {
  interval: [5, 300, 30],
  timeout: [2, 60, 30],
  retries: [1, 10, 3],
  startPeriod: [0, 300, 0],
} as const;

/** Only a check the container has of its own: ECS ignores the image's, though Docker goes on running it. */
export const healthCheck: Rule = (value) => {
  const source = recordOf(value);
  const command = textsOf(source.Test);
  if (command.length === 0 || command[0] === 'NONE')
    return [approximated({}, 'no check for ECS; Docker still runs the image’s own, which ECS ignores')];
  const isCommand = (command[0] === 'CMD' || command[0] === 'CMD-SHELL') && command.length > 1;
  return [isCommand ? ownCheck(source, command) : unknownCheck(command[0] ?? '')];
};

const unknownCheck = (kind: string): Verdict =>
  lost(
    'health-check-kind',
    `Its health check is of the kind ${kind}; ECS takes CMD and CMD-SHELL with a command.`,
    'Write it as CMD or CMD-SHELL (--health-cmd) on the source.',
  );

function ownCheck(source: Json, command: string[]): Verdict {
  const asked = {
    interval: seconds(source.Interval) || healthBounds.interval[2],
    timeout: seconds(source.Timeout) || healthBounds.timeout[2],
    retries: numberOf(source.Retries) || healthBounds.retries[2],
    startPeriod: seconds(source.StartPeriod),
  };
  const clamped = Object.fromEntries(
    keys.map((key) => [key, Math.min(Math.max(asked[key], healthBounds[key][0]), healthBounds[key][1])]),
  );
  const moved = keys
    .filter((key) => clamped[key] !== asked[key])
    .map((key) => `${key} ${asked[key]} → ${clamped[key]}`);
  const healthCheck = { command, ...clamped } as HealthCheck;
  const left = numberOf(source.StartInterval) > 0 ? ['StartInterval left out'] : [];
  const change = ['unhealthy now makes the service replace the whole task', ...moved, ...left].join('; ');
  const isSecret = secretArguments(command).length > 0;
  return approximated({ healthCheck }, change, { target: 'healthCheck', finding: restarts(moved, isSecret) });
}

const keys = ['interval', 'timeout', 'retries', 'startPeriod'] as const;

const seconds = (nanoseconds: unknown): number => Math.ceil(numberOf(nanoseconds) / 1e9);

const restarts = (moved: readonly string[], isSecret: boolean) =>
  warning(
    'health-check',
    [
      'Its health check only marked it; ECS replaces its task when it fails.',
      ...(isSecret ? ['It holds a secret, which stands in the task definition as it is.'] : []),
      ...(moved.length > 0 ? [`Its times are outside of what ECS allows: ${moved.join(', ')}.`] : []),
    ].join(' '),
    'Make sure that it fails only when a restart helps.',
  );
