import type { Device, UlimitName } from '@aws-sdk/client-ecs';
import { type Json, listOf, numberOf, recordsOf, textOf, textsOf } from './json.ts';
import { blocked, lost, mapped, type Rule, type Verdict, warning } from './verdict.ts';

export const sharedMemorySize: Rule = (value) => [
  mapped({ linuxParameters: { sharedMemorySize: Math.ceil(numberOf(value) / 1024 ** 2) } }),
];

/** The 15 that ECS knows (SDK UlimitName). */
const ulimitNames: readonly string[] =
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' ');

export const ulimits: Rule = (value) => recordsOf(value).map(ulimit);

function ulimit(limit: Json): Verdict {
  const name = textOf(limit.Name);
  const extra = { at: name, value: `${numberOf(limit.Soft)}:${numberOf(limit.Hard)}` };
  if (!ulimitNames.includes(name))
    return lost('ulimit', `ECS does not know the limit ${name}.`, 'Set it on the instance.', extra);
  const entry = { name: name as UlimitName, softLimit: numberOf(limit.Soft), hardLimit: numberOf(limit.Hard) };
  return mapped({ ulimits: [entry] }, extra);
}

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
  const finding = warning('device', `It uses the device ${hostPath}.`, 'Make sure that the container instance has it.');
  return mapped({ linuxParameters: { devices: [wanted] } }, { at: hostPath, value: source, finding });
}

export const deviceRequests: Rule = (value) => recordsOf(value).map(deviceRequest);

/** §1.2: GPUs are reserved by number; they need a GPU instance and its AMI, which ecsodus does not choose. */
function deviceRequest(request: Json): Verdict {
  const isGpu = listOf(request.Capabilities).flatMap(textsOf).includes('gpu') || textOf(request.Driver) === 'nvidia';
  if (!isGpu)
    return blocked(
      'device-request',
      'It asks for devices by a driver that ECS does not know.',
      'Name them as devices.',
    );
  const ids = textsOf(request.DeviceIDs).length;
  const count = ids > 0 ? String(ids) : numberOf(request.Count) < 0 ? 'ALL' : String(numberOf(request.Count));
  const message = `It uses a GPU: the instance must be of a GPU type with the ECS GPU AMI.`;
  const finding = {
    level: 'blocker',
    code: 'gpu',
    message,
    remedy: 'Choose such an instance yourself and accept this.',
  } as const;
  return mapped({ resourceRequirements: [{ type: 'GPU', value: count }] }, { finding });
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
