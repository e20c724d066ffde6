import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AwsWriter, Identity } from '../../../src/aws/aws.ts';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import type { Change, WriteContext } from '../../../src/step.ts';
import { registerTasks } from '../../../steps/register-tasks.ts';
import { connectToMoto } from '../aws/moto-server.ts';
import { parsed } from '../aws/wishes.ts';
import { container, inventory } from '../ecs/builders.ts';

vi.setConfig({ testTimeout: 60_000 });

type Store = 'ssm' | 'secrets-manager' | 'plain';

let end: () => Promise<void>;
let aws: AwsWriter;
let identity: Identity;
let name: string;
let tests = 0;

beforeAll(async () => {
  ({ aws, end } = await connectToMoto());
  identity = await aws.identity();
}, 60_000);

afterAll(() => end());

beforeEach(async () => {
  name = `shop${++tests}`;
  await aws.createCluster(`ecsodus-${name}`, {});
});

/** A migration of one container, `<name>-web`, with one secret. */
function context(secrets: Store, password = 'hunter2'): WriteContext {
  const found = inventory([
    container({ name: `${name}-web`, env: ['MODE=x', `DB_PASSWORD=${password}`], host: { Memory: 2 ** 26 } }),
  ]);
  return {
    config: parsed(`{source: ${name}, secrets: ${secrets}}`),
    inventory: found,
    design: { ...designMigration(found, { ...identity, name, secrets }), images: [] },
    target: async () => undefined,
    instance: { unknownUntil: 'provision' },
    aws,
    progress: () => {},
  } as unknown as WriteContext;
}

async function run(given: WriteContext): Promise<readonly Change[]> {
  const { changes } = await registerTasks.plan(given);
  // A change is what the journal kept of it.
  for (const change of changes) await registerTasks.apply(JSON.parse(JSON.stringify(change)), given);
  return changes;
}

const ids = (changes: readonly Change[]) => changes.map(({ id, verb }) => `${verb} ${id}`);
const registered = async () => await aws.findTaskDefinition(`${name}-web`);
const valueFrom = async () => (await registered())?.containerDefinitions?.[0]?.secrets?.[0]?.valueFrom;

describe.each([
  ['ssm', '/ecsodus/', /:parameter\/ecsodus\/shop\d+\/shop\d+-web\/DB_PASSWORD$/],
  ['secrets-manager', 'ecsodus/', /:secret:ecsodus\/shop\d+\/shop\d+-web\/DB_PASSWORD-\w{6}$/],
] as const)('%s', (store, prefix, arn) => {
  const secretId = () => `secret:${store}:${prefix}${name}/${name}-web/DB_PASSWORD`;

  test('the run makes what the dry run said, and then there is nothing left to do', async () => {
    const dry = await registerTasks.plan(context(store));
    expect(ids(dry.changes)).toEqual([
      `create ${secretId()}`,
      `create definition:${name}-web`,
      `create service:${name}-web`,
    ]);
    expect(ids(await run(context(store)))).toEqual(ids(dry.changes));
    expect(await valueFrom()).toMatch(arn);
    expect((await registerTasks.plan(context(store))).changes).toEqual([]);
    expect(await registerTasks.verify(context(store))).toMatchObject([{ status: 'ok' }]);
  });

  test('another value is an update, and no new revision', async () => {
    await run(context(store));
    const before = (await registered())?.revision;
    expect(ids(await run(context(store, 'hunter3')))).toEqual([`update ${secretId()}`]);
    expect((await registered())?.revision).toBe(before);
    expect((await registerTasks.plan(context(store, 'hunter3'))).changes).toEqual([]);
  });

  test('the value is in no change, no output and no definition', async () => {
    const { changes, outputs } = await registerTasks.plan(context(store));
    await run(context(store));
    expect(JSON.stringify([changes, outputs, context(store).design, await registered()])).not.toContain('hunter2');
  });
});

test('a family that somebody else has registered is a blocker', async () => {
  const definition = { family: `${name}-web`, containerDefinitions: [{ name: 'x', image: 'x', memory: 64 }] };
  await aws.registerTaskDefinition({ ...definition, tags: [{ key: 'ecsodus:migration', value: 'other' }] });
  expect((await registerTasks.plan(context('ssm'))).findings).toMatchObject([
    { level: 'blocker', code: 'family-taken', subject: `${name}-web` },
  ]);
});

test('one of this migration is none', async () => {
  await run(context('ssm'));
  expect((await registerTasks.plan(context('ssm', 'hunter3'))).findings).toEqual([]);
});

test('from one store to the other: the secret, the definition and the service follow', async () => {
  await run(context('ssm'));
  const there = ids(await run(context('secrets-manager')));
  expect(there.map((id) => id.replace(/:.*/, ''))).toEqual(['create secret', 'create definition', 'update service']);
  expect(await valueFrom()).toContain(':secretsmanager:');
  expect(ids(await run(context('ssm')))).toEqual([`create definition:${name}-web`, `update service:${name}-web`]);
  expect(await valueFrom()).toContain(':ssm:');
});

test('a secret that was deleted for good and made anew has another ARN: the definition follows', async () => {
  await run(context('secrets-manager'));
  const before = await valueFrom();
  const SecretId = `ecsodus/${name}/${name}-web/DB_PASSWORD`;
  await new SecretsManager({}).deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
  expect(ids(await run(context('secrets-manager')))).toHaveLength(3);
  expect(await valueFrom()).not.toBe(before);
  expect((await registerTasks.plan(context('secrets-manager'))).changes).toEqual([]);
});

describe('a service that is there with other settings', () => {
  /** moto does not tell the settings of a service. */
  const withService = (given: WriteContext, settings: object): WriteContext => ({
    ...given,
    aws: {
      ...given.aws,
      findService: async (...args) => {
        const found = await aws.findService(...args);
        return found && { ...found, ...settings };
      },
    },
  });

  test('that would deadlock one instance is changed, and says why', async () => {
    await run(context('plain'));
    const settings = { deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 } };
    const given = withService(context('plain'), settings);
    const { changes, findings } = await registerTasks.plan(given);
    expect(changes).toMatchObject([
      { id: `service:${name}-web`, verb: 'update', reason: expect.stringContaining('minimumHealthyPercent 100') },
    ]);
    expect(findings).toEqual([]);
    expect(await registerTasks.verify(given)).toMatchObject([{ status: 'fail' }]);
  });

  test('that only the operator can settle is a blocker', async () => {
    await run(context('plain'));
    const { changes, findings } = await registerTasks.plan(withService(context('plain'), { desiredCount: 2 }));
    expect(changes).toEqual([]);
    expect(findings).toMatchObject([{ level: 'blocker', code: 'service-settings', subject: `${name}-web` }]);
  });
});

test('what AWS does not list at once is waited for', async () => {
  /** Each new answer comes only at the third time of asking. */
  const late = <A extends unknown[], T>(ask: (...args: A) => Promise<T>) => {
    let [shown, waiting, times] = ['', '', 0];
    let old: T;
    return async (...args: A): Promise<T> => {
      const now = await ask(...args);
      const text = JSON.stringify(now) ?? 'none';
      if (shown === '' || text === shown) [shown, old] = [text, now];
      times = text === waiting ? times + 1 : 1;
      waiting = text;
      if (times > 2) [shown, old] = [text, now];
      return old;
    };
  };
  const given = context('secrets-manager');
  const slow = { findSecret: late(aws.findSecret), findTaskDefinition: late(aws.findTaskDefinition) };
  const { changes } = await registerTasks.plan({ ...given, aws: { ...aws, ...slow } });
  for (const change of changes) await registerTasks.apply(change, { ...given, aws: { ...aws, ...slow } });
  expect((await registered())?.revision).toBe(1);
  expect(await valueFrom()).toMatch(/-\w{6}$/);
  expect((await registerTasks.plan(context('secrets-manager'))).changes).toEqual([]);
});
