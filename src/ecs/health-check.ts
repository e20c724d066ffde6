import type { HealthCheck } from '@aws-sdk/client-ecs';
import { type Json, numberOf, recordOf, textsOf } from './json.ts';
import { redactArguments } from './secrets.ts';
import { approximated, type Rule, type Verdict, warning } from './verdict.ts';

/** Lowest, highest, and Docker's own default, in seconds or times (§1.6). ECS's default timeout is 5 s, so all are written out. */
const bounds = { interval: [5, 300, 30], timeout: [2, 60, 30], retries: [1, 10, 3], startPeriod: [0, 300, 0] } as const;

/** Only a check the container has of its own: ECS ignores the image's, though Docker goes on running it. */
export const healthCheck: Rule = (value) => {
  const source = recordOf(value);
  const command = textsOf(source.Test);
  if (command.length === 0 || command[0] === 'NONE')
    return [approximated({}, 'none: ECS runs no check of the image’s either')];
  return [ownCheck(source, command)];
};

function ownCheck(source: Json, command: string[]): Verdict {
  const asked = {
    interval: seconds(source.Interval) || bounds.interval[2],
    timeout: seconds(source.Timeout) || bounds.timeout[2],
    retries: numberOf(source.Retries) || bounds.retries[2],
    startPeriod: seconds(source.StartPeriod),
  };
  const clamped = Object.fromEntries(
    keys.map((key) => [key, Math.min(Math.max(asked[key], bounds[key][0]), bounds[key][1])]),
  );
  const moved = keys
    .filter((key) => clamped[key] !== asked[key])
    .map((key) => `${key} ${asked[key]} → ${clamped[key]}`);
  const healthCheck = { command, ...clamped } as HealthCheck;
  const change = ['unhealthy now makes the service replace the whole task', ...moved].join('; ');
  return approximated({ healthCheck }, change, {
    detail: 'healthCheck',
    value: { ...source, Test: redactArguments(command) },
    finding: restarts(moved),
  });
}

const keys = ['interval', 'timeout', 'retries', 'startPeriod'] as const;

const seconds = (nanoseconds: unknown): number => Math.ceil(numberOf(nanoseconds) / 1e9);

const restarts = (moved: readonly string[]) =>
  warning(
    'health-check',
    [
      'Its health check only marked it; ECS replaces its task when it fails.',
      ...(moved.length > 0 ? [`Its times are outside of what ECS allows: ${moved.join(', ')}.`] : []),
    ].join(' '),
    'Make sure that it fails only when a restart helps.',
  );
