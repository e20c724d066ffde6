import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { warmMemory } from './database-memory.ts';
import { numberOf, recordOf } from './json.ts';
import { swapInUse } from './swap.ts';
import { approximated, lost, mapped, type Rule } from './verdict.ts';

const mib = 1024 ** 2;

/** ECS counts in MiB, and refuses fewer than 6 (§1.2). */
const inMib = (bytes: number): number => Math.max(6, Math.ceil(bytes / mib));

export const memory: Rule = (value) => [mapped({ memory: inMib(numberOf(value)) })];

/** ECS wants the limit above the reservation; Docker lets them be equal. */
export const memoryReservation: Rule = (value, { host }) => {
  const reservation = inMib(numberOf(value));
  const limit = numberOf(host.Memory);
  if (limit === 0 || inMib(limit) > reservation) return [mapped({ memoryReservation: reservation })];
  return [approximated({}, `left out: it is not below the limit, which ECS reserves in whole`)];
};

/** Without a limit or reservation of its own, a container gets a reservation from what it was seen to use. */
export const isSampled = ({ inspect }: Container): boolean =>
  numberOf(recordOf(inspect.HostConfig).Memory) === 0 && numberOf(recordOf(inspect.HostConfig).MemoryReservation) === 0;

/** MiB in steps of 16, so that small changes of use change nothing; at least 32. */
const inSteps = (bytes: number): number => Math.max(32, Math.ceil(bytes / (16 * mib)) * 16);

/** MiB reserved for a container of which nothing is known. */
const unknownMib = 128;

/**
 * The highest anonymous and shared memory seen, and what it had in swap, which it may not have on ECS; a quarter more,
 * since no sample sees the busiest moment. The kernel's peak holds page cache, so it is not gone by.
 */
const seenBytes = ({ usage }: Container): number => (usage?.memoryBytes ?? 0) + (usage?.swapBytes ?? 0);

/** MiB. What a database is told to use once it is warm; undefined where it says nothing. */
export function databaseReservation(container: Container): number | undefined {
  const warm = warmMemory(container);
  return warm && inSteps(warm.bytes);
}

/** MiB. The sample and a quarter, or what a database's own settings ask for where that is more; 128 when neither is known. */
export function sampledReservation(container: Container): number {
  const database = databaseReservation(container) ?? 0;
  if (container.usage !== undefined) return Math.max(inSteps(seenBytes(container) * 1.25), database);
  return database || unknownMib;
}

/** What a container reserves, what that was made from, and what speaks against it. */
export function memoryFindings(container: Container): Finding[] {
  return [
    reservedFrom(container),
    ...oomKills(container),
    ...tightLimit(container),
    ...outgrown(container),
    ...swapInUse(container),
  ];
}

function reservedFrom(container: Container): Finding {
  return {
    level: 'info',
    code: 'memory-reservation',
    subject: container.name,
    message: `${reservationReason(container)}${peakNote(container)}`,
  };
}

function reservationReason(container: Container): string {
  const { Memory, MemoryReservation } = recordOf(container.inspect.HostConfig);
  const [limit, reservation] = [numberOf(Memory), numberOf(MemoryReservation)];
  if (reservation > 0 && (limit === 0 || inMib(limit) > inMib(reservation)))
    return `It reserves ${inMib(reservation)} MiB, as on the source.`;
  if (limit > 0) return `It reserves ${inMib(limit)} MiB: ECS reserves the whole limit where no reservation is set.`;
  const reserved = sampledReservation(container);
  const warm = warmMemory(container);
  if (warm !== undefined && reserved === databaseReservation(container))
    return `It reserves ${reserved} MiB: ${warm.setting.setting} is ${shownMib(warm.setting.bytes)} MiB (${warm.setting.where}), ${warm.rule} once it is warm.`;
  if (container.usage === undefined) return `It reserves ${reserved} MiB: nothing is known of what it uses.`;
  const swap = container.usage.swapBytes ? ` and ${shownMib(container.usage.swapBytes)} of swap` : '';
  return `It reserves ${reserved} MiB: a quarter more than the ${shownMib(container.usage.memoryBytes)} MiB of memory${swap} it was seen to use.`;
}

const peakNote = ({ usage }: Container): string =>
  usage?.peakBytes === undefined
    ? ''
    : ` It never had more than ${shownMib(usage.peakBytes)} MiB, page cache included.`;

const shownMib = (bytes: number): number => Math.ceil(bytes / mib);

function oomKills({ name, usage, inspect }: Container): Finding[] {
  const kills = usage?.oomKills ?? (recordOf(inspect.State).OOMKilled === true ? 1 : 0);
  if (kills === 0) return [];
  const limit = numberOf(recordOf(inspect.HostConfig).Memory);
  const more = inMib(Math.max(limit * 1.5, limit + 64 * mib));
  return [
    {
      level: 'warning',
      code: 'oom-kills',
      subject: name,
      message: `The kernel killed a process of it ${kills === 1 ? 'once' : `${kills} times`} because memory ran out.`,
      remedy:
        limit > 0
          ? `Give it more before it moves: docker update --memory ${more}m --memory-swap ${2 * more}m ${name}`
          : `The source itself ran out. Reserve what it needs: docker update --memory-reservation <MiB>m ${name}`,
    },
  ];
}

/** A database that is told to use more than its container may. */
function tightLimit(container: Container): Finding[] {
  const limit = numberOf(recordOf(container.inspect.HostConfig).Memory);
  const warm = warmMemory(container);
  if (limit === 0 || warm === undefined || warm.bytes <= limit) return [];
  const wanted = inSteps(warm.bytes);
  return [
    {
      level: 'warning',
      code: 'database-memory',
      subject: container.name,
      message: `Its ${warm.setting.setting} is ${shownMib(warm.setting.bytes)} MiB (${warm.setting.where}), which takes some ${wanted} MiB once it is warm; its limit is ${inMib(limit)}.`,
      remedy: `Give it more before it moves: docker update --memory ${wanted}m --memory-swap ${2 * wanted}m ${container.name}. Or lower ${warm.setting.setting}.`,
    },
  ];
}

/** ECS places by what is reserved, whatever is used: a task that uses more takes it from its neighbours. */
function outgrown(container: Container): Finding[] {
  const { Memory, MemoryReservation } = recordOf(container.inspect.HostConfig);
  const [limit, reservation] = [numberOf(Memory), numberOf(MemoryReservation)];
  const used = seenBytes(container);
  const wanted = inSteps(used * 1.25);
  const tell = (message: string, remedy: string): Finding[] => [
    { level: 'warning', code: 'memory-use', subject: container.name, message, remedy },
  ];
  if (limit > 0 && used >= limit * 0.9)
    return tell(
      `It was seen to use ${shownMib(used)} of the ${inMib(limit)} MiB it may have.`,
      `Give it more before it moves: docker update --memory ${wanted}m --memory-swap ${2 * wanted}m ${container.name}`,
    );
  const isReserved = reservation > 0 && (limit === 0 || inMib(limit) > inMib(reservation));
  if (!isReserved || used <= reservation) return [];
  return tell(
    `It reserves ${inMib(reservation)} MiB, and was seen to use ${shownMib(used)}: ECS fills the instance by what is reserved.`,
    `Reserve what it uses: docker update --memory-reservation ${wanted}m ${container.name}`,
  );
}

export const swappiness: Rule = () => [
  lost(
    'swappiness',
    'Amazon Linux 2023 does not support swappiness per container.',
    'Set vm.swappiness on the instance where it matters.',
  ),
];
