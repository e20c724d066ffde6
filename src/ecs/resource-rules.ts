import type { Device, UlimitName } from '@aws-sdk/client-ecs';
import { type Json, numberOf, recordsOf, textOf } from './json.ts';
import { approximated, blocked, lost, mapped, type Rule, type Verdict, warning } from './verdict.ts';

/** §1.2: at least 1 MiB; it counts in what the task needs on the instance. */
export const sharedMemorySize: Rule = (value) => [
  mapped({ linuxParameters: { sharedMemorySize: Math.max(1, Math.ceil(numberOf(value) / 1024 ** 2)) } }),
];

/** The 15 that ECS knows (SDK UlimitName). */
const ulimitNames: readonly string[] =
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' ');

export const isUlimit = (name: string): boolean => ulimitNames.includes(name);

export const ulimits: Rule = (value) => recordsOf(value).map(ulimit);

function ulimit(limit: Json): Verdict {
  const name = textOf(limit.Name);
  const [soft, hard] = [numberOf(limit.Soft), numberOf(limit.Hard)];
  const extra = { at: name, value: `${soft}:${hard}` };
  if (!isUlimit(name)) return lost('ulimit', `ECS does not know the limit ${name}.`, 'Set it on the instance.', extra);
  const ulimits = [{ name: name as UlimitName, softLimit: inRange(soft), hardLimit: inRange(hard) }];
  if (inRange(soft) === soft && inRange(hard) === hard) return mapped({ ulimits }, extra);
  return approximated({ ulimits }, `no limit (-1): ECS counts to ${highest} only`, extra);
}

/** ECS's integers have 32 bits. */
const highest = 2 ** 31 - 1;

const inRange = (limit: number): number => (limit > highest ? -1 : limit);

const permissions = { r: 'read', w: 'write', m: 'mknod' } as const;

export const devices: Rule = (value) => recordsOf(value).map(device);

function device(source: Json): Verdict {
  const hostPath = textOf(source.PathOnHost);
  const letters = [...(textOf(source.CgroupPermissions) || 'rwm')] as (keyof typeof permissions)[];
  const wanted: Device = {
    hostPath,
    containerPath: textOf(source.PathInContainer) || hostPath,
    permissions: letters.map((letter) => permissions[letter]).filter((permission) => permission !== undefined),
  };
  if (!hostPath.startsWith('/'))
    return blocked('device', `Its device ${hostPath} is not a path.`, 'Name the device by its path in /dev.', {
      at: hostPath,
      value: source,
    });
  const finding = warning('device', `It uses the device ${hostPath}.`, 'Make sure that the container instance has it.');
  return mapped({ linuxParameters: { devices: [wanted] } }, { at: hostPath, value: source, finding });
}

export const pidsLimit: Rule = (value) => [
  lost(
    'pids-limit',
    `It may have at most ${numberOf(value)} processes; ECS has no such setting.`,
    `Set ECS_TASK_PIDS_LIMIT=${numberOf(value)} in ecs.config (for every task of the instance), or ulimit nproc.`,
  ),
];

export const oomKillDisable: Rule = () => [
  lost(
    'oom',
    'It is exempt from being killed when memory runs out; ECS cannot do that, nor can cgroup v2.',
    'Give it memory enough.',
  ),
];

export const oomScoreAdj: Rule = (value) => [
  lost(
    'oom',
    `Its out-of-memory score is shifted by ${numberOf(value)}; ECS cannot do that.`,
    'Give it a memory reservation it stays under.',
  ),
];

export const cpuset: Rule = () => [
  lost(
    'cpuset',
    'It is pinned to processors or memory nodes; ECS cannot do that.',
    'Use CPU shares, or taskset in its command.',
  ),
];

export const blockIo: Rule = () => [
  lost(
    'block-io',
    'Its disk input and output is limited or weighted; ECS cannot do that.',
    'Choose the disk’s IOPS and throughput so that all fit.',
  ),
];

export const realtime: Rule = () => [
  lost('cpu-realtime', 'It has real-time processor time; ECS cannot do that.', 'Check that it works without.'),
];

export const kernelMemory: Rule = () => [
  lost(
    'kernel-memory',
    'Its kernel memory is limited; neither ECS nor cgroup v2 can do that.',
    'The memory limit counts kernel memory as well.',
  ),
];

export const deviceCgroupRules: Rule = () => [
  lost('device-rules', 'It has device rules; ECS cannot set them.', 'Name the devices themselves (--device).'),
];

export const cgroupParent: Rule = () => [
  lost(
    'cgroup-parent',
    'It has a cgroup parent of its own; the ECS agent always puts its own there.',
    'Use a limit on the task instead.',
  ),
];

export const windowsOnly: Rule = () => [
  blocked('windows', 'It has Windows settings; ecsodus moves Linux containers.', 'Leave the container where it is.'),
];
