/** What an EC2 instance type is sold with (AWS's published figures). */
export interface InstanceSize {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly gpus: number;
}

/** MiB for each vCPU: compute, general, memory. */
const memoryPerVcpu = { c: 2048, m: 4096, r: 8192 } as const;

const vcpusOfSize = {
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
  '12xlarge': 48,
  '16xlarge': 64,
  '24xlarge': 96,
} as const;

/** A generation of all three families: `6i` is c6i, m6i and r6i. */
const generation = (suffix: string): InstanceSize[] =>
  Object.entries(memoryPerVcpu).flatMap(([family, memory]) =>
    Object.entries(vcpusOfSize).map(([size, vcpus]) => ({
      name: `${family}${suffix}.${size}`,
      vcpus,
      memoryMib: vcpus * memory,
      gpus: 0,
    })),
  );

/** vCPUs and GiB of the burstable types that have room for more than the agent. */
const burstableSizes = {
  small: [2, 2],
  medium: [2, 4],
  large: [2, 8],
  xlarge: [4, 16],
  '2xlarge': [8, 32],
} as const;

const burstable = (family: string): InstanceSize[] =>
  Object.entries(burstableSizes).map(([size, [vcpus, gib]]) => ({
    name: `${family}.${size}`,
    vcpus,
    memoryMib: gib * 1024,
    gpus: 0,
  }));

const withGpu = (family: string): InstanceSize[] =>
  (['xlarge', '2xlarge', '4xlarge', '8xlarge'] as const).map((size) => ({
    name: `${family}.${size}`,
    vcpus: vcpusOfSize[size],
    memoryMib: vcpusOfSize[size] * memoryPerVcpu.m,
    gpus: 1,
  }));

/** Current x86_64 types to choose from. Of two that are equally large, the first is the cheaper. */
export const candidates: readonly InstanceSize[] = [
  ...burstable('t3'),
  ...generation('6i'),
  ...generation('7i'),
  ...withGpu('g4dn'),
  ...withGpu('g5'),
];

/** Known as well where the operator names one of them, so that a plan without AWS can tell what fits. */
const known: readonly InstanceSize[] = [
  ...candidates,
  ...burstable('t3a'),
  ...generation('6a'),
  ...generation('7a'),
  ...generation('5').filter(({ name }) => !/^c5\.(8|16)xlarge$/.test(name)),
];

/** Undefined for a type that is not in the table: only AWS knows what it has. */
export const sizeOf = (name: string): InstanceSize | undefined => known.find((type) => type.name === name);

/** For the case that nothing fits: what is missing is told of this one. */
export const largestCandidate: InstanceSize = candidates.reduce((a, b) => (b.memoryMib > a.memoryMib ? b : a));
