import { wantedDiskGib } from '../../src/aws/disk-size.ts';
import { neededActions } from '../../src/aws/permissions.ts';
import { publicPorts } from '../../src/design.ts';
import { offerOf } from '../../src/ecs/instance-offer.ts';
import { sizeOf } from '../../src/ecs/instance-types.ts';
import { needsOf } from '../../src/ecs/task-needs.ts';
import type { PlanDocument } from '../../src/report/plan-document.ts';
import type { CostLine, Costs, InstanceFacts, PlanFacts, Prediction } from '../../src/report/plan-facts.ts';
import type { Recorded } from './source.ts';

const bytesPerSecond = 25_000_000;

/** What the plan of the recorded droplet foretells. */
export const sampleFacts = (document: PlanDocument, { config, facts }: Recorded): PlanFacts => ({
  prediction: predictionOf(document),
  instance: instanceOf(document, config.instance.type ?? 't3.xlarge'),
  costs: costsOf(document),
  rules: [
    { port: 22, cidr: `${facts.operatorAddress}/32`, description: 'SSH from the operator' },
    { port: 22, cidr: `${facts.address}/32`, description: 'data from the source' },
    ...publicPorts(document.workloads).map((port) => ({
      port,
      cidr: '0.0.0.0/0',
      description: 'visitors, once the target serves',
    })),
  ],
  permissions: neededActions(config.secrets),
  irreversible: [
    'finish takes away the way back: what visitors wrote on the target since cut-over is then there alone.',
    'rollback --leave-data leaves what was written on the target behind.',
    'Task definition revisions that were registered stay in the account, inactive, after undo.',
  ],
  unchecked: [
    'How fast the link to AWS is: there is no target yet to measure it to.',
    'Whether AWS has free capacity for the instance: only a launch says so.',
    'Whether the applications bear another kernel than the one they run on now.',
  ],
});

const predictionOf = ({ images, datasets }: PlanDocument): Prediction => ({
  bytesPerSecond,
  isMeasured: false,
  images: images.map(({ reference, bytes }) => ({ reference, bytes, seconds: (bytes * 0.4) / bytesPerSecond })),
  datasets: datasets.map(({ name, bytes, files }) => ({
    name,
    bytes,
    files,
    seconds: bytes / bytesPerSecond + files / 2000,
  })),
  freeze: [
    { part: 'stop', seconds: 2.5, why: 'the slowest container to stop' },
    { part: 'last delta', seconds: 6.2, why: 'what is written in a minute, and a look at every entry' },
    { part: 'proof', seconds: 2.9, why: 'what was written since both sides were read is read again' },
    { part: 'start', seconds: 9.5, why: 'the images are on the instance by then; the rest is the applications’ own' },
  ],
});

function instanceOf({ workloads }: PlanDocument, type: string): InstanceFacts | undefined {
  const size = sizeOf(type);
  if (size === undefined) return undefined;
  const { memoryMib, cpuUnits } = offerOf(size);
  return {
    type,
    memoryMib,
    keptBackMib: size.memoryMib - memoryMib,
    cpuUnits,
    workloads: workloads.map(({ name, taskDefinition }) => ({ name, ...needsOf(taskDefinition) })),
  };
}

const priceList = { source: 'AWS price list, eu-central-1', date: '2026-11-01' };

function costsOf({ datasets, images }: PlanDocument): Costs {
  const gib = wantedDiskGib(datasets);
  const imageGb = images.reduce((sum, { bytes }) => sum + bytes, 0) / 1e9;
  const lines: CostLine[] = [
    { what: 'instance t3.large', monthlyUsd: 70.08, how: '730 hours at $0.0960', ...priceList },
    { what: 'root disk, gp3', monthlyUsd: 2.86, how: '30 GiB at $0.0952', ...priceList },
    { what: 'data disk, gp3', monthlyUsd: gib * 0.0952, how: `${gib} GiB at $0.0952`, ...priceList },
    { what: 'public IPv4 address', monthlyUsd: 3.65, how: '730 hours at $0.0050', ...priceList },
    {
      what: 'images in ECR',
      monthlyUsd: imageGb * 0.4 * 0.1,
      how: `${imageGb.toFixed(1)} GB, some 40 % of it compressed, at $0.10`,
      ...priceList,
    },
    {
      what: 'traffic to the internet',
      monthlyUsd: 34.2,
      how: '480 GB a month by the interface counters, 100 GB free, at $0.09',
      ...priceList,
    },
    { what: 'EBS snapshots', monthlyUsd: undefined, how: 'depends on how much changes', source: '', date: '' },
  ];
  return {
    lines,
    droplet: {
      what: 'the droplet, 8 vCPU and 16 GB',
      monthlyUsd: 96,
      how: 'with 6 TB of traffic',
      source: 'DigitalOcean price list',
      date: '2026-11-01',
    },
    totalUsd: lines.reduce((sum, { monthlyUsd = 0 }) => sum + monthlyUsd, 0),
  };
}
