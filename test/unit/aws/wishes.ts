import type { Instance } from '../../../src/aws/aws.ts';
import type { ChosenType } from '../../../src/aws/choose-place.ts';
import { parseConfig } from '../../../src/config.ts';
import type { Design } from '../../../src/design.ts';
import { sizeOf } from '../../../src/ecs/instance-types.ts';
import type { HostFacts } from '../../../src/inventory.ts';

export const parsed = (yaml: string) => parseConfig(yaml);

export const identity = {
  account: '123456789012',
  arn: 'arn:aws:iam::123456789012:user/ann',
  region: 'eu-central-1',
  partition: 'aws',
  registry: '123456789012.dkr.ecr.eu-central-1.amazonaws.com',
};

export const sourceFacts = {
  address: '203.0.113.9',
  operatorAddress: '198.51.100.7',
  cpus: 2,
  memoryBytes: 4 * 1024 ** 3,
} as HostFacts;

export const instance: Instance = {
  id: 'i-1',
  type: 't3.small',
  state: 'running',
  zone: 'eu-central-1a',
  publicAddress: '192.0.2.1',
  privateAddress: undefined,
  addressIsLent: false,
  tags: {},
};

/** A type as AWS answers. */
export function foundType(name: string, architectures = ['x86_64']): ChosenType {
  const size = sizeOf(name);
  return { name, found: size && { ...size, architectures } };
}

export const design: Design = {
  workloads: [
    {
      name: 'web',
      why: [],
      containers: ['web'],
      taskDefinition: { family: 'web', containerDefinitions: [{ name: 'web', image: 'x', memoryReservation: 64 }] },
      secrets: [{ container: 'web', variable: 'DB_PASSWORD', store: 'ssm', name: '/ecsodus/blog/web/DB_PASSWORD' }],
      ports: [80, 443],
      sampledMemory: [],
    },
  ],
  datasets: [],
  images: [],
  idle: [],
  watchers: [],
  accounting: [],
  findings: [],
};
