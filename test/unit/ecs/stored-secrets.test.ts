import { describe, expect, it } from 'vitest';
import { whyUnfit, withWholeArns, workloadSecrets } from '../../../src/ecs/stored-secrets.ts';
import { Secret } from '../../../src/secret.ts';
import { container, designOf, image, settings } from './builders.ts';

const manager = { ...settings, secrets: 'secrets-manager' } as const;

describe('workloadSecrets', () => {
  it('are shared where values are equal, and apart where they differ', () => {
    const made = workloadSecrets(
      settings,
      'w',
      [
        container({ name: 'a', env: ['DB_PASSWORD=1', 'TOKEN=x'] }),
        container({ name: 'b', env: ['DB_PASSWORD=1', 'TOKEN=y'] }),
        container({ name: 'c.d', env: ['TOKEN=z'] }),
      ],
      [],
    );
    expect(made.map(({ container: of, name }) => `${of} ${name}`)).toEqual([
      'a /ecsodus/shop/w/DB_PASSWORD',
      'a /ecsodus/shop/w/TOKEN',
      'b /ecsodus/shop/w/DB_PASSWORD',
      'b /ecsodus/shop/w/b_TOKEN',
      'c.d /ecsodus/shop/w/c.d_TOKEN',
    ]);
  });

  it('never two values under one name, however alike the names of variables are', () => {
    const env = ['A TOKEN=1', 'A-TOKEN=2', 'A:TOKEN=3', 'A_TOKEN=4', 'A+TOKEN=5'];
    const made = workloadSecrets(manager, 'w', [container({ env })], []);
    expect(new Set(made.map(({ name }) => name)).size).toBe(env.length);
    for (const { name } of made) expect(name).toMatch(/^ecsodus\/shop\/w\/[\w.]+$/);
  });

  it('of a variable that is there twice only the last counts', () => {
    const { workload } = designOf({ env: ['TOKEN=old', 'TOKEN=new'] });
    expect(workload.secrets).toEqual([
      { container: 'web', variable: 'TOKEN', store: 'ssm', name: '/ecsodus/shop/web/TOKEN' },
    ]);
  });

  it('what the image brings along is not stored', () => {
    const own = container({ env: ['API_KEY=of the image', 'TOKEN=own'] });
    const made = workloadSecrets(settings, 'w', [own], [image({ env: ['API_KEY=of the image', 'TOKEN=other'] })]);
    expect(made.map(({ variable }) => variable)).toEqual(['TOKEN']);
  });

  it('plain: none', () => {
    expect(workloadSecrets({ ...settings, secrets: 'plain' }, 'w', [container({ env: ['TOKEN=x'] })], [])).toEqual([]);
  });
});

describe('the definition', () => {
  const partial = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:ecsodus/shop/web/TOKEN';

  it.each([
    ['ssm', 'arn:aws:ssm:eu-central-1:123456789012:parameter/ecsodus/shop/web/TOKEN'],
    ['secrets-manager', partial],
  ] as const)('of %s reads %s, by the execution role', (secrets, valueFrom) => {
    const { workload, definition, row } = designOf({ env: ['TOKEN=x'] }, [], { secrets });
    expect(definition.secrets).toEqual([{ name: 'TOKEN', valueFrom }]);
    expect(definition.environment).toBeUndefined();
    expect(workload.taskDefinition.executionRoleArn).toBe('arn:aws:iam::123456789012:role/ecsodus-shop-execution');
    expect(row('Config.Env.TOKEN')).toMatchObject({ value: '[redacted]', target: `secrets: ${valueFrom}` });
  });

  it('gets the whole ARN of a secret that is there, and of no other', () => {
    const { workload } = designOf({ env: ['TOKEN=x', 'TOKEN_SECRET=y'] }, [], { secrets: 'secrets-manager' });
    const made = withWholeArns(workload.taskDefinition, [`${partial}-a1B2c3`]);
    expect(made.containerDefinitions?.[0]?.secrets).toEqual([
      { name: 'TOKEN', valueFrom: `${partial}-a1B2c3` },
      { name: 'TOKEN_SECRET', valueFrom: `${partial}_SECRET` },
    ]);
    expect(withWholeArns(workload.taskDefinition, [])).toEqual(workload.taskDefinition);
  });
});

describe('what a store refuses', () => {
  it.each([
    ['ssm', 'x'.repeat(4096), undefined],
    ['ssm', 'x'.repeat(4097), 'secrets: secrets-manager'],
    ['ssm', 'ä'.repeat(2049), 'secrets: secrets-manager'],
    ['ssm', 'a {{ b }}', 'secrets: secrets-manager'],
    ['ssm', 'x'.repeat(65_537), 'secrets: plain'],
    ['ssm', '', 'secrets: plain'],
    ['secrets-manager', 'a {{ b }}', undefined],
    ['secrets-manager', 'x'.repeat(65_536), undefined],
    ['secrets-manager', 'x'.repeat(65_537), 'secrets: plain'],
  ] as const)('%s: %.9s…', (store, value, remedy) => {
    const unfit = whyUnfit(store, new Secret(value));
    if (remedy === undefined) expect(unfit).toBeUndefined();
    else expect(unfit?.remedy).toContain(remedy);
    if (value !== '') expect(JSON.stringify(unfit) ?? '').not.toContain(value);
  });

  it('is a blocker, which the other store settles', () => {
    const env = [`API_KEY=${'x'.repeat(4097)}`];
    expect(designOf({ env }).codes).toEqual(['blocker secret-unfit']);
    expect(designOf({ env }, [], { secrets: 'secrets-manager' }).codes).toEqual([]);
  });
});
