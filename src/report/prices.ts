import { sizeOf } from '../ecs/instance-types.ts';

/** A list price in US dollars, before tax and discounts. */
export interface Price {
  /** Undefined where no source was found: then the plan says so, and guesses nothing. */
  readonly usd: number | undefined;
  /** Where it was found, and the day for which it stands there, or else the day on which it was looked up. */
  readonly source: string;
  readonly date: string;
}

/** AWS counts a month as 730 hours. */
export const hoursPerMonth = 730;

/**
 * An hour of the `large` of each family, Linux, on demand, shared tenancy; the other sizes of a family cost in proportion to
 * their memory. The source mixes in other tenancies and zeros: what stands here is the lowest for its size, where several
 * sizes or a sister family of the region bear it out. The t3a column was compared with another extract of AWS's price list.
 */
const large = table(`
               t3     t3a      c5    m5    r5    c6i    m6i   r6i   c7i     m7i     r7i     c6a     m6a     r6a    c7a     m7a     r7a
us-east-1      0.0832 0.0752   0.085 0.096 0.126 0.085  0.096 0.126 0.08925 0.1008  0.1323  0.0765  0.0864  0.1134 0.10264 0.11592 0.15215
us-east-2      0.0832 0.0752   0.085 0.096 0.126 0.085  0.096 0.126 0.08925 0.1008  0.1323  0.0765  0.0864  0.1134 0.10264 0.11592 0.15215
us-west-1      0.0992 0.089275 0.106 0.112 0.14  0.106  0.112 0.14  0.1113  0.1176  0.147   0.0954  0.1008  0.126  -       -       -
us-west-2      0.0832 0.0752   0.085 0.096 0.126 0.085  0.096 0.126 0.08925 0.1008  0.1323  0.0765  0.0864  0.1134 0.10264 0.11592 0.15215
ca-central-1   0.0928 0.083525 0.093 0.107 0.138 0.093  0.107 0.138 0.09765 0.11235 0.1449  0.0837  0.0963  0.1242 -       -       -
eu-central-1   0.096  0.0864   0.097 0.115 0.152 0.097  0.115 0.152 0.10185 0.12075 0.1596  0.0873  0.1035  0.1368 0.11713 0.13886 0.18354
eu-west-1      0.0912 0.0816   0.096 0.107 0.141 0.0912 0.107 0.141 0.09576 0.11235 0.14805 0.08208 0.0963  0.1269 0.11012 0.1292  0.17026
eu-west-2      0.0944 0.08495  0.101 0.111 0.148 0.101  0.111 0.148 0.10605 0.11655 0.1554  0.0909  0.0999  -      -       -       -
eu-west-3      0.0944 0.08495  0.101 0.112 0.148 -      0.112 0.148 0.10605 0.1176  0.1554  -       0.1008  -      -       -       -
eu-north-1     0.0864 -        0.091 0.102 0.134 0.091  0.102 0.134 0.09555 0.1071  0.1407  -       -       -      0.10988 0.12316 0.1618
ap-south-1     0.0896 0.049275 0.085 0.101 0.13  0.085  0.101 0.13  0.08925 0.10605 0.1365  0.04675 0.05555 0.0715 -       -       -
ap-southeast-1 0.1056 0.0944   0.098 0.12  0.152 0.098  0.12  0.152 0.1029  0.126   0.1596  0.0882  0.108   0.1368 -       -       -
ap-southeast-2 0.1056 0.09505  0.111 0.12  0.151 0.111  0.12  0.151 0.11655 0.126   0.15855 0.0999  0.108   0.1359 -       -       -
ap-northeast-1 0.1088 0.097925 0.107 0.124 0.152 0.107  0.124 0.152 0.11235 0.1302  0.1596  0.0963  0.1116  0.1368 0.1292  0.14973 0.18354
sa-east-1      0.1344 0.12095  0.131 0.153 0.201 0.131  0.153 0.201 0.13755 0.16065 0.21105 0.1179  0.1377  -      -       -       -
`);

const largeSource = {
  source: 'https://github.com/apache/libcloud/blob/v3.9.1/libcloud/data/pricing.json',
  date: '2025-03-02',
};

/** An hour of the types with a GPU, which do not cost in proportion. */
const withGpu = table(`
             g4dn.xlarge g4dn.2xlarge g4dn.4xlarge g4dn.8xlarge g5.xlarge g5.2xlarge g5.4xlarge g5.8xlarge
us-east-1    0.526       0.752        1.204        2.176        1.006     1.212      1.624      2.448
eu-central-1 0.658       -            -            -            1.258     -          -          -
`);

const withGpuSource = { source: 'https://aws.amazon.com/ec2/pricing/on-demand/', date: '2026-11-25' };

/** An hour of an instance type in a region. */
export function instanceHour(region: string, type: string): Price {
  const usd = withGpu[region]?.[type];
  return usd === undefined ? { usd: proportional(region, type), ...largeSource } : { usd, ...withGpuSource };
}

function proportional(region: string, type: string): number | undefined {
  const [family = ''] = type.split('.');
  const [usd, size, unit] = [large[region]?.[family], sizeOf(type), sizeOf(`${family}.large`)];
  return usd === undefined || size === undefined || unit === undefined
    ? undefined
    : (usd * size.memoryMib) / unit.memoryMib;
}

/** By region, in USD: a month of a GiB of gp3, a month of a GB of snapshots, a GB sent to the internet. */
const regional = table(`
               gp3    snapshot outbound
us-east-1      0.08   0.05     0.09
us-east-2      0.08   -        0.09
us-west-1      0.096  0.055    -
us-west-2      0.08   -        0.09
ca-central-1   0.088  -        0.09
eu-central-1   0.0952 0.054    0.09
eu-west-1      0.088  -        0.09
eu-west-2      0.0928 -        0.09
eu-west-3      0.0928 -        -
eu-north-1     0.0836 -        -
ap-south-1     0.0912 -        0.1093
ap-southeast-1 0.096  -        0.12
ap-southeast-2 0.096  0.055    0.114
ap-northeast-1 0.096  -        0.114
sa-east-1      0.152  -        0.15
`);

const regionalSources = {
  gp3: { source: 'https://aws.amazon.com/ebs/pricing/', date: '2021-07-14' },
  snapshot: { source: 'https://aws.amazon.com/ebs/pricing/', date: '2026-11-25' },
  outbound: { source: 'https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer', date: '2026-08-04' },
} as const;

export const regionalPrice = (region: string, what: keyof typeof regionalSources): Price => ({
  usd: regional[region]?.[what],
  ...regionalSources[what],
});

/** GB a month that AWS sends to the internet for nothing, over the whole account. */
export const freeOutboundGb = 100;

/** These are the same in every region above; those of 2023 are from an estimate of AWS's own calculator. */
const common = {
  ipv4Hour: { usd: 0.005, source: 'https://aws.amazon.com/vpc/pricing/', date: '2026-07-24' },
  registryGbMonth: { usd: 0.1, source: 'https://aws.amazon.com/ecr/pricing/', date: '2023-03-29' },
  secretMonth: { usd: 0.4, source: 'https://aws.amazon.com/secrets-manager/pricing/', date: '2023-03-29' },
  standardParameter: { usd: 0, source: 'https://aws.amazon.com/systems-manager/pricing/', date: '2026-11-25' },
} as const satisfies Readonly<Record<string, Price>>;

export const commonPrice = (region: string, what: keyof typeof common): Price => ({
  ...common[what],
  usd: region in regional ? common[what].usd : undefined,
});

/** Rows of numbers by the names above them; a dash stands for none. */
function table(text: string): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const [names = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return Object.fromEntries(
    rows.map(([row = '', ...cells]) => [
      row,
      Object.fromEntries(names.flatMap((name, i) => (cells[i] === '-' ? [] : [[name, Number(cells[i])]]))),
    ]),
  );
}
