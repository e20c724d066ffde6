import type { AwsReader, Identity, Subnet } from '../../src/aws/aws.ts';
import { designMigration } from '../../src/ecs/design-migration.ts';
import { sizeOf } from '../../src/ecs/instance-types.ts';
import type { HostWriter } from '../../src/host.ts';
import type { Container } from '../../src/inventory.ts';
import { type Connections, planAll, type StepPlan } from '../../src/pipeline.ts';
import type { Query } from '../../src/query.ts';
import type { StateWriter } from '../../src/state.ts';
import { asStep, type Outputs, type Step, unknown } from '../../src/step.ts';
import { steps } from '../../steps/index.ts';
import type { Recorded } from './source.ts';

const identity: Identity = {
  account: '123456789012',
  arn: 'arn:aws:iam::123456789012:user/harbour',
  region: 'eu-central-1',
  partition: 'aws',
  registry: '123456789012.dkr.ecr.eu-central-1.amazonaws.com',
};

const subnet: Subnet = {
  id: 'subnet-0a1b2c3d',
  vpcId: 'vpc-0a1b2c3d',
  zone: 'eu-central-1a',
  freeAddresses: 4091,
  hasIpv4: true,
};

/** What every step would do for the recorded droplet, with nothing made yet: planned by the steps themselves. */
export function samplePlans(recorded: Recorded): Promise<StepPlan[]> {
  const { config, facts, inventory } = recorded;
  const design = designMigration(inventory, { ...config, ...identity });
  const known = [
    given('connect', { sourceFacts: facts, identity, instance: unknown('provision'), owner: unknown('mount-data') }),
    given('inventory', { inventory, design }),
  ];
  const planned = steps.map((step) => known.find(({ id }) => id === step.id) ?? step);
  return planAll(planned, connectionsTo(recorded));
}

/** A step whose findings are on record. */
const given = (id: string, outputs: Partial<Outputs>): Step =>
  asStep({
    id,
    title: steps.find((step) => step.id === id)?.title ?? id,
    needs: id === 'connect' ? [] : ['connect'],
    plan: async () => ({ changes: [], outputs, findings: outputs.design?.findings ?? [] }),
    apply: async () => {},
    verify: async () => [],
  });

/** A source that has not been touched, and an AWS in which there is nothing of the migration: no answer is no such thing. */
const connectionsTo = ({ config, facts, inventory, databases }: Recorded): Connections => ({
  config,
  source: {
    name: config.source,
    address: facts.address,
    read: async ({ script }: Query) => (script.includes('ibdata1') ? signsIn(databases) : ''),
    docker: absent({
      registryHas: async () => false,
      inspectContainer: async (name: string) => inspectOf(inventory.containers.find((each) => each.name === name)),
    }),
  } as unknown as HostWriter,
  target: async () => undefined,
  aws: absent({
    findSubnets: async () => [subnet],
    recommendedAmi: async () => 'ami-0f1e2d3c4b5a69788',
    hasRepository: async () => false,
    findOfferings: async (types) => Object.fromEntries(types.map((type) => [type, [subnet.zone]])),
    findInstanceType: async (type) => ({ ...(sizeOf(type) ?? fail(type)), architectures: ['x86_64'] }),
    findDenied: async () => [],
    findSnapshots: async () => [],
    containerInstances: async () => [],
    serviceTasks: async () => [],
  } satisfies Partial<AwsReader>) as Partial<AwsReader> as Connections['aws'],
  state: absent<Partial<StateWriter>>({ has: async () => false }) as StateWriter,
  signal: new AbortController().signal,
});

const signsIn = (databases: Recorded['databases']): string =>
  Object.entries(databases)
    .map(([path, sign]) => `${path}\0${sign}\0`)
    .join('');

const inspectOf = (container: Container | undefined) =>
  container && { ...container.inspect, State: { ...(container.inspect.State as object), Running: container.running } };

/** Whatever is not known answers that there is none. */
const absent = <T extends object>(known: T): T =>
  new Proxy(known, { get: (target, name) => Reflect.get(target, name) ?? (async () => undefined) });

function fail(type: string): never {
  throw new Error(`no size of ${type} on record`);
}
