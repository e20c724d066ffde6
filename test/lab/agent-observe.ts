import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { ContainerReport } from './moto-state.ts';

/** Where a container stands. A definition without a health check leaves health unknown, whatever the image checks. */
export function stateOf(
  info: ContainerInfo,
  hasHealthCheck: boolean,
): Pick<ContainerReport, 'lastStatus' | 'healthStatus'> {
  const lastStatus =
    { created: 'PENDING', exited: 'STOPPED', dead: 'STOPPED', removing: 'STOPPED' }[info.State] ?? 'RUNNING';
  return {
    lastStatus: lastStatus as 'PENDING' | 'RUNNING' | 'STOPPED',
    healthStatus: health(info.Status, hasHealthCheck),
  };
}

function health(status: string, hasHealthCheck: boolean): 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN' {
  if (!hasHealthCheck) return 'UNKNOWN';
  if (status.includes('(healthy)')) return 'HEALTHY';
  return status.includes('(unhealthy)') ? 'UNHEALTHY' : 'UNKNOWN';
}

export function exitOf({ State }: ContainerInspectInfo): Pick<ContainerReport, 'exitCode' | 'reason'> {
  return {
    exitCode: State.ExitCode,
    ...(State.OOMKilled ? { reason: 'OutOfMemoryError: Container killed due to memory usage' } : {}),
  };
}

/** Published ports as Docker chose them, IPv4 and IPv6 once. */
export function networkBindings(inspected: ContainerInspectInfo): NonNullable<ContainerReport['networkBindings']> {
  const ports = Object.entries(inspected.NetworkSettings.Ports ?? {}) as [
    string,
    { HostIp: string; HostPort: string }[] | null,
  ][];
  return ports.flatMap(([key, bindings]) => {
    const [containerPort, protocol = 'tcp'] = key.split('/');
    const chosen = (bindings ?? []).filter(({ HostIp }) => HostIp !== '::');
    return chosen.map(({ HostPort }) => ({
      bindIP: '0.0.0.0',
      containerPort: Number(containerPort),
      hostPort: Number(HostPort),
      protocol,
    }));
  });
}

/** The status of a task that was launched whole: running while each container runs or was allowed to end. */
export function isRunning(
  containers: readonly ContainerDefinition[],
  statusOf: (name: string) => string | undefined,
): boolean {
  return containers.every(({ name = '', essential }) => {
    const status = statusOf(name);
    return status === 'RUNNING' || (status === 'STOPPED' && essential === false);
  });
}
