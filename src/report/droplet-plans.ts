import type { HostFacts } from '../inventory.ts';

/** One of DigitalOcean's basic droplets with a regular processor, the cheapest of its size. */
export interface DropletPlan {
  readonly memoryMib: number;
  readonly cpus: number;
  readonly monthlyUsd: number;
  /** GB a month that it may send for its price. */
  readonly transferGb: number;
}

const plans: readonly DropletPlan[] = [
  { memoryMib: 512, cpus: 1, monthlyUsd: 4, transferGb: 500 },
  { memoryMib: 1024, cpus: 1, monthlyUsd: 6, transferGb: 1000 },
  { memoryMib: 2048, cpus: 1, monthlyUsd: 12, transferGb: 2000 },
  { memoryMib: 2048, cpus: 2, monthlyUsd: 18, transferGb: 3000 },
  { memoryMib: 4096, cpus: 2, monthlyUsd: 24, transferGb: 4000 },
  { memoryMib: 8192, cpus: 4, monthlyUsd: 48, transferGb: 5000 },
  { memoryMib: 16384, cpus: 8, monthlyUsd: 96, transferGb: 6000 },
];

/** A list of what changed on 2022-07-01, and what to; copies of later years say the same. */
export const dropletSource = {
  source: 'https://gist.github.com/colinwilson/cd31bde012f6727b24b2fc4ebee749c0',
  date: '2022-07-01',
};

/** The basic droplet that has this much; the kernel keeps up to a fifth of its memory, most of the smallest. */
export const dropletPlan = ({ memoryBytes, cpus }: Pick<HostFacts, 'memoryBytes' | 'cpus'>): DropletPlan | undefined =>
  plans.find((plan) => {
    const share = memoryBytes / 1024 ** 2 / plan.memoryMib;
    return plan.cpus === cpus && share <= 1 && share > 0.8;
  });
