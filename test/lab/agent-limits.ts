import type { ContainerDefinition, LinuxParameters } from '@aws-sdk/client-ecs';
import type { HostConfig } from 'dockerode';

const mib = 1024 * 1024;

/** Memory, CPU, devices and the kernel's limits of a container. */
export function limits(container: ContainerDefinition): HostConfig {
  const { cpu = 0, memory, memoryReservation, linuxParameters: linux = {} } = container;
  return {
    Memory: memory ? Math.max(memory, 4) * mib : 0,
    MemoryReservation: memoryReservation ? Math.max(memoryReservation, 4) * mib : 0,
    // 0 and 1 are both below what the kernel takes: 2, and not Docker's own 1024.
    CpuShares: Math.max(cpu, 2),
    ...swap(container, linux),
    ...fromLinux(linux),
    Ulimits: (container.ulimits ?? []).map(({ name = 'nofile', softLimit = 0, hardLimit = 0 }) => ({
      Name: name,
      Soft: softLimit,
      Hard: hardLimit,
    })),
    Sysctls: Object.fromEntries(
      (container.systemControls ?? []).map(({ namespace = '', value = '' }) => [namespace, value]),
    ),
  };
}

function fromLinux({
  capabilities,
  initProcessEnabled,
  sharedMemorySize,
  tmpfs,
  devices,
}: LinuxParameters): HostConfig {
  return {
    CapAdd: capabilities?.add ?? [],
    CapDrop: capabilities?.drop ?? [],
    ...(initProcessEnabled === undefined ? {} : { Init: initProcessEnabled }),
    ...(sharedMemorySize ? { ShmSize: sharedMemorySize * mib } : {}),
    Tmpfs: Object.fromEntries(
      (tmpfs ?? []).map(({ containerPath = '', size, mountOptions = [] }) => [
        containerPath,
        [...mountOptions, `size=${size}m`].join(','),
      ]),
    ),
    Devices: (devices ?? []).map(({ hostPath = '', containerPath = hostPath, permissions }) => ({
      PathOnHost: hostPath,
      PathInContainer: containerPath,
      CgroupPermissions: permissions?.map((permission) => permission[0]).join('') ?? 'rwm',
    })),
  };
}

/** Without maxSwap the daemon's own rule stands: as much swap as memory. */
function swap({ memory }: ContainerDefinition, { maxSwap, swappiness }: LinuxParameters): HostConfig {
  if (maxSwap === undefined || !memory) return {};
  return {
    MemorySwap: (memory + maxSwap) * mib,
    ...(swappiness === undefined ? {} : { MemorySwappiness: swappiness }),
  };
}
