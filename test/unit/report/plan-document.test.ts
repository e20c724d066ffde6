import { describe, expect, it } from 'vitest';
import { wantedChanges } from '../../../src/aws/provision-changes.ts';
import type { Config } from '../../../src/config.ts';
import type { Dataset, Design, WantedImage } from '../../../src/design.ts';
import type { HostFacts } from '../../../src/inventory.ts';
import type { StepPlan } from '../../../src/pipeline.ts';
import { designDocument, planDocument } from '../../../src/report/plan-document.ts';
import { planSchema } from '../../../src/report/plan-schema.ts';
import { isWhole } from '../../../src/report/saved-plan.ts';
import { type Change, type Outputs, unknown } from '../../../src/step.ts';
import { design as bare, sourceFacts as facts, identity, instance, parsed } from '../aws/wishes.ts';

const image = {
  id: 'sha256:1',
  repository: 'shop/web',
  tag: '1',
  reference: 'r/shop/web:1',
  bytes: 5e8,
} as WantedImage;
const dataset: Dataset = {
  name: 'volumes/db',
  kind: 'directory',
  source: '/var/lib/docker/volumes/db/_data',
  target: '/data/volumes/db',
  bytes: 4e9,
  files: 900,
  containers: ['web'],
};
const taskDefinition = {
  family: 'web',
  requiresCompatibilities: ['EC2' as const],
  containerDefinitions: [{ name: 'web', image: 'x', essential: true, cpu: 0, memoryReservation: 64 }],
};
const workloads = bare.workloads.map((workload) => ({ ...workload, taskDefinition }));
const design: Design = { ...bare, workloads, images: [image], datasets: [dataset] };
const sourceFacts: HostFacts = { ...facts, uptimeSeconds: 10 * 86_400, sentBytes: 1e11 };
const subnet = { id: 's', vpcId: 'v', zone: 'eu-central-1a', freeAddresses: 9, hasIpv4: true };

const change = (id: string, verb: Change['verb'] = 'create'): Change => ({ id, verb, target: id, reason: 'a test' });
const step = (id: string, changes: readonly Change[], outputs: Partial<Outputs> = {}): StepPlan => ({
  step: id,
  title: id,
  plan: { changes, outputs, findings: [] },
});

const config = parsed('source: shop\nregion: eu-central-1');

function firstPlan(over: Partial<Config> = {}, outputs: Partial<Outputs> = {}): StepPlan[] {
  const settings = { ...config, ...over };
  const place = { subnet, zone: 'eu-central-1a', ami: 'ami-1', type: 't3.large' };
  return [
    step('connect', [], { sourceFacts, identity, ...outputs }),
    step('inventory', [], { design }),
    step('push-images', [change('push:shop/web:1', 'copy')]),
    step('provision', wantedChanges({ config: settings, identity, design, sourceFacts, ...place })),
    step('sync-data', [change('dataset:volumes/db', 'copy')]),
    step('register-tasks', [change('definition:web')]),
    step('cut-over', [change('stop:web', 'stop'), change('start:web', 'start')]),
  ];
}

const document = (plans = firstPlan(), settings = config) => planDocument(settings, plans);

describe('the plan as a document', () => {
  it.each([
    ['of a first plan', document()],
    ['of nothing left to do', document([step('connect', [], { sourceFacts, identity })])],
    ['of no plan at all', document([])],
    ['of the design alone', designDocument(config, design, 'us-east-1')],
    ['of a size nobody knows', document(firstPlan(), { ...config, instance: { type: 'u7i-12tb.224xlarge' } })],
  ])('%s is as its schema says, and whole', (_, made) => {
    const read = JSON.parse(JSON.stringify(made));
    expect(planSchema.parse(read)).toEqual(read);
    expect(isWhole(read)).toBe(true);
  });

  it('has a hash over all of it', () => {
    const { costs, ...rest } = document();
    expect(isWhole({ ...rest, costs: { ...costs, totalUsd: 1 } })).toBe(false);
    expect(isWhole({ ...document(), unchecked: [] })).toBe(false);
    expect(document().hash).toBe(document().hash);
  });

  it('predicts what is left to do, and no more', () => {
    const { prediction } = document();
    expect(prediction.images.map(({ reference }) => reference)).toEqual(['r/shop/web:1']);
    expect(prediction.datasets.map(({ name }) => name)).toEqual(['volumes/db']);
    expect(prediction.freeze.length).toBeGreaterThan(0);
    const done = document(firstPlan().slice(0, 2)).prediction;
    expect(done).toMatchObject({ images: [], datasets: [], freeze: [] });
    expect(designDocument(config, design, 'us-east-1').prediction).toMatchObject({
      images: prediction.images,
      datasets: prediction.datasets,
    });
  });

  it('goes by a link that was measured', () => {
    expect(planDocument(config, firstPlan(), 1e8).prediction).toMatchObject({ bytesPerSecond: 1e8, isMeasured: true });
    expect(planDocument(config, firstPlan(), 1e8).unchecked.join()).not.toMatch(/link/);
    expect(document().unchecked.join()).toMatch(/link/);
  });

  it('fills the instance, with what is kept back of it', () => {
    expect(document().instance).toEqual({
      type: 't3.large',
      memoryMib: 7444,
      keptBackMib: 748,
      cpuUnits: 2048,
      workloads: [{ name: 'web', memoryMib: 64, cpuUnits: 0 }],
    });
  });

  it.each<[string, ReturnType<typeof document>, string | undefined]>([
    ['what is going to be made', document(), 't3.large'],
    ['what is there', document([step('connect', [], { instance, identity })]), 't3.small'],
    [
      'the configuration',
      document([step('connect', [], { instance: unknown('provision') })], {
        ...config,
        instance: { type: 'm6i.large' },
      }),
      'm6i.large',
    ],
    ['what would fit', designDocument(config, design, 'us-east-1'), 't3.small'],
  ])('knows its type by %s', (_, { instance: found, costs }, type) => {
    expect(found?.type).toBe(type);
    expect(costs.lines[0]?.what).toBe(`Instance ${type}`);
  });

  it('costs what it costs in its region', () => {
    const disk = ({ costs }: ReturnType<typeof document>) => costs.lines.find(({ what }) => what === 'Data disk');
    expect(disk(document())).toMatchObject({ monthlyUsd: 0.76, how: expect.stringMatching(/^8 GiB .* 0.0952/) });
    expect(disk(designDocument(config, design, 'us-east-1'))).toMatchObject({ monthlyUsd: 0.64 });
    const larger = { ...config, disk: { sizeGib: 100 } };
    expect(disk(document(firstPlan(larger), larger))).toMatchObject({ monthlyUsd: 9.52 });
    const unsized = { ...design, datasets: [{ ...dataset, bytes: 0, files: 0 }] };
    expect(disk(designDocument(config, unsized, 'us-east-1'))?.monthlyUsd).toBeUndefined();
    expect(document().costs.lines.at(-1)).toMatchObject({
      what: 'Outbound traffic',
      how: expect.stringMatching(/280 GB/),
    });
  });

  it('lists the rules, and which open at cut-over', () => {
    expect(document().rules.map(({ port, cidr }) => `${port} ${cidr}`)).toEqual([
      '22 198.51.100.7/32',
      '22 203.0.113.9/32',
      '80 203.0.113.9/32',
      '443 203.0.113.9/32',
      '80 0.0.0.0/0',
      '443 0.0.0.0/0',
    ]);
    expect(
      document()
        .rules.filter(({ description }) => /at cut-over/.test(description))
        .map(({ port }) => port),
    ).toEqual([80, 443]);
    expect(designDocument(config, design, 'us-east-1').rules[0]?.cidr).toBe('your address');
  });

  it('names the permissions, by where secrets go', () => {
    const other = { ...config, secrets: 'secrets-manager' as const };
    expect(document().permissions).toContain('ec2:RunInstances');
    expect(document().permissions).not.toContain('secretsmanager:CreateSecret');
    expect(document(firstPlan(other), other).permissions).toContain('secretsmanager:CreateSecret');
  });

  it('says what cannot be undone, of its own changes', () => {
    expect(document().irreversible.map((line) => line.split(/[:;]/)[0])).toEqual([
      'AWSServiceRoleForECS',
      'Numbers of task definition revisions',
      'The downtime',
      'What visitors write on the target',
    ]);
    expect(document(firstPlan().slice(0, 2)).irreversible).toEqual([]);
  });

  it('says what nobody looked at', () => {
    const offline = designDocument(config, { ...design, datasets: [{ ...dataset, files: 0 }] }, 'us-east-1').unchecked;
    expect(offline.join()).toMatch(/The host:.*AWS: nothing was asked.*sizes of 1 dataset:.*DNS/);
    expect(document().unchecked.join()).not.toMatch(/The host:|sizes of/);
    const paged = { ...config, checks: ['http://shop.example/'] };
    expect(document(firstPlan(), paged).unchecked.length).toBe(document().unchecked.length - 1);
  });
});
