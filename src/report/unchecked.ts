import type { Config } from '../config.ts';
import type { Dataset } from '../design.ts';
import { isSized } from './sized.ts';
import { count } from './units.ts';

/** How far planning could look. */
export interface Looked {
  readonly config: Pick<Config, 'checks' | 'sampleSeconds'>;
  readonly datasets: readonly Dataset[];
  /** Whether host and AWS were asked, or only saved files read. */
  readonly isOffline: boolean;
  readonly isLinkMeasured: boolean;
}

/** What nobody looked at, in words: what may still turn out otherwise. */
export function uncheckedOf({ config, datasets, isOffline, isLinkMeasured }: Looked): string[] {
  const unsized = datasets.filter((dataset) => !isSized(dataset)).length;
  return [
    ...(isOffline ? offline : online(config)),
    ...(unsized > 0
      ? [
          `The sizes of ${count(unsized, 'dataset')}: how long they take to copy, and which disk they need, is not known.`,
        ]
      : []),
    ...(isLinkMeasured
      ? []
      : ['The link from the source to the target: its speed is assumed until there is a target to measure it to.']),
    ...(config.checks.length === 0
      ? [
          'The pages themselves: "checks" in ecsodus.yaml names none to compare, so that ports and health checks decide.',
        ]
      : []),
    'DNS: which names lead to the source, and for how long others remember them, was not asked.',
    'The images on the instance: whether each runs there as it does here shows when it is started.',
    'The speed of your disks and containers: the predicted times go by what was measured elsewhere.',
    'Your prices: discounts, credits, the free tier and tax are not in the costs.',
  ];
}

const offline = [
  'The host: what is around the containers, whether rsync and Python are there, and what containers wrote outside of volumes.',
  'AWS: nothing was asked; account, permissions, quotas and what is there already are not known.',
];

const online = ({ sampleSeconds }: Pick<Config, 'sampleSeconds'>): string[] => [
  `Memory over time: containers were watched for ${count(sampleSeconds, 'second')}, and may need more at other times.`,
  'Free capacity at AWS: whether there is an instance of the type to be had shows when it is started.',
];
