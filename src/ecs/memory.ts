import type { Container } from '../inventory.ts';
import { numberOf, recordOf } from './json.ts';
import { approximated, lost, mapped, type Rule, warning } from './verdict.ts';

const mib = 1024 ** 2;

/** ECS counts in MiB, and refuses fewer than 6 (§1.2). */
const inMib = (bytes: number): number => Math.max(6, Math.ceil(bytes / mib));

export const memory: Rule = (value) => [mapped({ memory: inMib(numberOf(value)) })];

/** ECS wants the limit above the reservation; Docker lets them be equal. */
export const memoryReservation: Rule = (value, { host }) => {
  const reservation = inMib(numberOf(value));
  const limit = numberOf(host.Memory);
  if (limit === 0 || inMib(limit) > reservation) return [mapped({ memoryReservation: reservation })];
  return [approximated({}, `left out: it equals the limit, which ECS reserves in whole`)];
};

/** Without a limit or reservation of its own, a container gets a reservation from what it was seen to use. */
export const isSampled = ({ inspect }: Container): boolean =>
  numberOf(recordOf(inspect.HostConfig).Memory) === 0 && numberOf(recordOf(inspect.HostConfig).MemoryReservation) === 0;

/** A quarter more than the sample, in steps of 16 MiB so that small changes of use change nothing; 128 when not known. */
export function sampledReservation(bytes: number | undefined): number {
  if (bytes === undefined) return 128;
  return Math.max(32, Math.ceil((bytes * 1.25) / (16 * mib)) * 16);
}

/** §1.2 MemorySwap is memory and swap together; ECS has swap alone, and only beside a limit. */
export const memorySwap: Rule = (value, { host }) => {
  const [total, limit] = [numberOf(value), numberOf(host.Memory)];
  if (total < 0 || limit === 0) return [unlimitedSwap];
  const maxSwap = Math.max(0, Math.ceil((total - limit) / mib));
  const finding = warning(
    'swap',
    `It may use ${maxSwap} MiB of swap, but the container instance has none.`,
    'Make a swap file on the instance, or give the container that much more memory.',
  );
  return [mapped({ linuxParameters: { maxSwap } }, maxSwap > 0 ? { finding } : {})];
};

const unlimitedSwap = lost(
  'swap',
  'It may use swap without limit; ECS needs a number, and the container instance has no swap.',
  'Give the container more memory, or make a swap file on the instance and set maxSwap.',
);

export const swappiness: Rule = () => [
  lost(
    'swappiness',
    'Amazon Linux 2023 does not support swappiness per container.',
    'Set vm.swappiness on the instance where it matters.',
  ),
];
