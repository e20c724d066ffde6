import type { Workload } from '../design.ts';
import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { numberOf, recordOf } from './json.ts';
import { approximated, lost, mapped, type Rule, warning } from './verdict.ts';

const mib = 1024 ** 2;

/**
 * §1.2 MemorySwap is memory and swap together; ECS has swap alone, and only beside a limit. Without limit (-1) becomes as
 * much swap as the container has memory, which is what Docker gives by itself.
 */
export const memorySwap: Rule = (value, { host }) => {
  const [total, limit] = [numberOf(value), numberOf(host.Memory)];
  if (limit === 0) return [withoutLimit];
  if (total < 0) return unlimited(Math.ceil(limit / mib));
  const maxSwap = Math.max(0, Math.ceil((total - limit) / mib));
  return [mapped({ linuxParameters: { maxSwap } }, maxSwap > 0 ? { finding: swapFile(maxSwap) } : {})];
};

const swapFile = (maxSwap: number): Omit<Finding, 'subject'> => ({
  level: 'info',
  code: 'swap',
  message: `It may use ${maxSwap} MiB of swap: a new container instance gets a swap file with room for that.`,
});

const unlimited = (maxSwap: number) => [
  approximated({ linuxParameters: { maxSwap } }, 'as much swap as memory; ECS needs a number', {
    finding: warning(
      'swap',
      `It may use swap without limit; ECS needs a number, and gets ${maxSwap} MiB, as much as its memory. A new container instance gets a swap file with room for that.`,
      'Set another on the source, memory and swap together: docker update --memory-swap <MiB>m <container>.',
    ),
  }),
];

const withoutLimit = lost(
  'swap',
  'It may use swap without limit, and has no memory limit; ECS takes swap into account only beside a limit.',
  'Give it a limit on the source (docker update --memory … --memory-swap …), or make a swap file for all with "instance.setup".',
);

/** MiB of swap that the instance needs so that every container can have all it may: the sum of maxSwap. */
export const wantedSwapMib = (workloads: readonly Pick<Workload, 'taskDefinition'>[]): number =>
  workloads
    .flatMap(({ taskDefinition }) => taskDefinition.containerDefinitions ?? [])
    .reduce((sum, { linuxParameters }) => sum + (linuxParameters?.maxSwap ?? 0), 0);

/** A limited container that swaps by Docker's default: on ECS it has that swap only where the instance has any. */
export function swapInUse({ name, usage, inspect }: Container): Finding[] {
  const { Memory, MemorySwap } = recordOf(inspect.HostConfig);
  const limit = numberOf(Memory);
  const isDefault = numberOf(MemorySwap) === 0 || numberOf(MemorySwap) === 2 * limit;
  const used = Math.ceil((usage?.swapBytes ?? 0) / mib);
  if (used === 0 || limit === 0 || !isDefault) return [];
  return [
    {
      level: 'warning',
      code: 'swap-in-use',
      subject: name,
      message: `It was seen to use ${used} MiB of swap; the container instance has swap only for containers that ask for it by number.`,
      remedy: `Ask for it on the source: docker update --memory ${Math.ceil(limit / mib)}m --memory-swap ${2 * Math.ceil(limit / mib) + 1}m ${name}`,
    },
  ];
}
