import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { notCarried } from './carried.ts';
import type { Json } from './docker/docker.ts';
import type { Container } from './inventory.ts';
import { reveal } from './secret.ts';
import type { Check } from './step.ts';

/** Variables the ECS agent adds to every container (ecs-mapping §3). */
const injected = /^(ECS_|AWS_CONTAINER_|AWS_REGION$|AWS_DEFAULT_REGION$|AWS_EXECUTION_ENV$)/;

/** Compares a container that runs on the target with the one on the source, both by inspect. */
export function compareContainers(before: Container, wanted: ContainerDefinition, after: Json): Check[] {
  const config = after.Config as Json;
  const state = after.State as Json;
  const check = (what: string, same: boolean, reason: string): Check => ({
    name: `${before.name}: ${what}`,
    status: same ? 'ok' : 'fail',
    reason,
  });
  const lists = (key: string): boolean => same(before.inspect.Config[key], config[key]);
  const environment = differences(before, config);
  const missing = missingMounts(before, after);
  const lost = notCarried(wanted, after);
  return [
    check('runs', state.Running === true, String(state.Status)),
    check('image', after.Image === before.imageId, String(after.Image)),
    check(
      'command',
      same(commandOf(before.inspect.Config), commandOf(config)),
      [config.Entrypoint, config.Cmd].flat().filter(Boolean).join(' '),
    ),
    check(
      'user and directory',
      lists('User') && lists('WorkingDir'),
      `${config.User || 'default user'}, ${config.WorkingDir || '/'}`,
    ),
    check(
      'environment',
      environment.length === 0,
      environment.length === 0 ? `${before.env.length} variables` : `differs: ${environment.join(', ')}`,
    ),
    check(
      'mounts',
      missing.length === 0,
      missing.length === 0 ? `${wanted.mountPoints?.length ?? 0} mounts` : `missing: ${missing.join(', ')}`,
    ),
    check('settings', lost.length === 0, lost.length === 0 ? 'as its definition says' : lost.join(', ')),
  ];
}

/** What runs, whichever part of it is called the entry point. */
const commandOf = (config: Readonly<Record<string, unknown>>): unknown[] =>
  [config.Entrypoint, config.Cmd].flat().filter((part) => part !== null && part !== undefined);

/** Names of variables that differ; never their values. One that the source removed from its image is back: accounting says so. */
function differences({ env }: Container, config: Json): string[] {
  const before = new Map(
    env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, reveal(value)] as const])),
  );
  const after = new Map(
    ((config.Env as string[] | null) ?? []).map((entry) => [
      entry.slice(0, entry.indexOf('=')),
      entry.slice(entry.indexOf('=') + 1),
    ]),
  );
  const changed = [...before].filter(([name, value]) => after.get(name) !== value).map(([name]) => name);
  const known = new Set(env.map(({ name }) => name));
  const added = [...after.keys()].filter((name) => !known.has(name) && !injected.test(name));
  return [...changed, ...added];
}

function missingMounts({ inspect }: Container, after: Json): string[] {
  const there = ((after.Mounts as { Destination: string; RW: boolean }[] | null) ?? []).map(
    ({ Destination, RW }) => `${Destination} ${RW}`,
  );
  return inspect.Mounts.filter(({ Type }) => Type === 'bind' || Type === 'volume')
    .filter(({ Destination, RW }) => !there.includes(`${Destination} ${RW}`))
    .map(({ Destination }) => Destination);
}

const same = (a: unknown, b: unknown): boolean =>
  JSON.stringify(a ?? '') === JSON.stringify(b ?? '') || (isEmpty(a) && isEmpty(b));

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
