import type { Container as EcsContainer, Service, Task } from '@aws-sdk/client-ecs';
import type { Workload } from './design.ts';

/** ECS calls a container RUNNING as soon as it has started; one that dies at once never runs for this long. */
const steadyMs = 3000;

/** How a workload's service stands, from what ECS says of its tasks. */
export interface ServiceHealth {
  /** Every container of the current task has run for some seconds, and none is UNHEALTHY. */
  readonly started: boolean;
  /** Started, and HEALTHY where the definition has a health check. */
  readonly healthy: boolean;
  readonly taskArn: string | undefined;
  /** Tasks of this definition that have stopped since `since`. */
  readonly stopped: readonly Task[];
  readonly reason: string;
}

/**
 * Judges a service by its containers, not by ECS's own running count: a container that starts and dies is RUNNING for a
 * moment each time. Only tasks of `definitionArn` count, and as stopped only those that stopped after `since`.
 */
export function judgeService(
  workload: Workload,
  definitionArn: string,
  service: Service | undefined,
  tasks: readonly Task[],
  since: Date,
  now: Date = new Date(),
): ServiceHealth {
  const ours = tasks.filter((task) => task.taskDefinitionArn === definitionArn);
  const stopped = ours.filter(({ lastStatus, stoppedAt }) => lastStatus === 'STOPPED' && (stoppedAt ?? since) >= since);
  const current = ours.find(({ desiredStatus, lastStatus }) => desiredStatus === 'RUNNING' && lastStatus === 'RUNNING');
  if (current === undefined)
    return { started: false, healthy: false, taskArn: undefined, stopped, reason: waitingReason(service, ours) };
  const containers = current.containers ?? [];
  const complete = containers.length === workload.taskDefinition.containerDefinitions?.length;
  const steady = complete && now.getTime() - (current.startedAt ?? now).getTime() >= steadyMs;
  const waiting = containers.find((container) => !isHealthy(workload, container));
  return {
    started: steady && containers.every(isStarted),
    healthy: steady && waiting === undefined,
    taskArn: current.taskArn,
    stopped,
    reason: waiting
      ? `${waiting.name} is ${waiting.lastStatus}, health ${waiting.healthStatus ?? 'UNKNOWN'}`
      : 'running',
  };
}

const isStarted = ({ lastStatus, healthStatus }: EcsContainer): boolean =>
  lastStatus === 'RUNNING' && healthStatus !== 'UNHEALTHY';

function isHealthy({ taskDefinition }: Workload, container: EcsContainer): boolean {
  const wanted = taskDefinition.containerDefinitions?.find(({ name }) => name === container.name);
  return isStarted(container) && (wanted?.healthCheck === undefined || container.healthStatus === 'HEALTHY');
}

function waitingReason(service: Service | undefined, tasks: readonly Task[]): string {
  const pending = tasks.find(({ desiredStatus }) => desiredStatus === 'RUNNING');
  return pending ? `task ${pending.lastStatus}` : (service?.events?.[0]?.message ?? 'no task yet');
}

/** What ECS says of why tasks stopped, one line each, newest first. */
export const stopReasons = (tasks: readonly Task[]): string[] =>
  [...tasks]
    .sort((a, b) => Number(b.stoppedAt ?? 0) - Number(a.stoppedAt ?? 0))
    .map(({ stoppedReason, containers }) => {
      const exits = (containers ?? []).flatMap(({ name, exitCode, reason }) =>
        exitCode === undefined && !reason
          ? []
          : [`${name}: ${exitCode === undefined ? '' : `exit code ${exitCode}`}${reason ? ` ${reason}` : ''}`],
      );
      return [stoppedReason ?? 'stopped', ...exits].join('; ');
    });
