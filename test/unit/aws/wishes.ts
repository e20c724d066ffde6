import { parseConfig } from '../../../src/config.ts';
import type { Design } from '../../../src/design.ts';
import type { HostFacts } from '../../../src/inventory.ts';

export const parsed = (yaml: string) => parseConfig(yaml);

export const identity = {
  account: '123456789012',
  arn: 'arn:aws:iam::123456789012:user/ann',
  region: 'eu-central-1',
  partition: 'aws',
  registry: '123456789012.dkr.ecr.eu-central-1.amazonaws.com',
};

export const sourceFacts = { address: '203.0.113.9', operatorAddress: '198.51.100.7' } as HostFacts;

export const design: Design = {
  workloads: [
    {
      name: 'web',
      containers: ['web'],
      definition: { family: 'web', containerDefinitions: [{ name: 'web', image: 'x', memoryReservation: 64 }] },
      secrets: [{ container: 'web', variable: 'DB_PASSWORD', parameter: '/ecsodus/blog/web/DB_PASSWORD' }],
      ports: [80, 443],
      sampledMemory: [],
    },
  ],
  datasets: [],
  images: [],
  accounting: [],
  findings: [],
};
