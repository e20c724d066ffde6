import type { ContainerCondition, ContainerDefinition } from '@aws-sdk/client-ecs';

export interface Dependency {
  readonly on: string;
  readonly condition: ContainerCondition;
}

/** dependsOn, and what links and volumesFrom imply: the other container has to be started. */
export function dependenciesOf({ dependsOn, links, volumesFrom }: ContainerDefinition): readonly Dependency[] {
  const implied = [
    ...(links ?? []).map((link) => link.split(':')[0] ?? ''),
    ...(volumesFrom ?? []).map(({ sourceContainer }) => sourceContainer ?? ''),
  ];
  return [
    ...(dependsOn ?? []).map(({ containerName, condition }) => ({
      on: containerName ?? '',
      condition: condition ?? 'START',
    })),
    ...implied.map((on) => ({ on, condition: 'START' as const })),
  ];
}

/** Containers in groups: each needs only what stands in earlier groups. Stopping goes the other way round. */
export function inStartOrder(containers: readonly ContainerDefinition[]): readonly (readonly ContainerDefinition[])[] {
  const groups: ContainerDefinition[][] = [];
  const placed = new Set<string>();
  let waiting = [...containers];
  while (waiting.length > 0) {
    const ready = waiting.filter((container) => dependenciesOf(container).every(({ on }) => placed.has(on)));
    if (ready.length === 0)
      throw new Error(`could not resolve the order of ${waiting.map(({ name }) => name).join(', ')}`);
    groups.push(ready);
    for (const { name } of ready) placed.add(name ?? '');
    waiting = waiting.filter((container) => !ready.includes(container));
  }
  return groups;
}

/** What a container is at: as Docker shows it, in the words dependsOn uses. */
export interface Progress {
  readonly started: boolean;
  readonly exitCode?: number;
  readonly health: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';
}

/** 'never' once the condition cannot come true any more. */
export function isMet(
  condition: ContainerCondition,
  { started, exitCode, health }: Progress,
): 'yes' | 'wait' | 'never' {
  const ended = exitCode !== undefined;
  switch (condition) {
    case 'COMPLETE':
      return ended ? 'yes' : 'wait';
    case 'SUCCESS':
      if (!ended) return 'wait';
      return exitCode === 0 ? 'yes' : 'never';
    case 'HEALTHY':
      if (ended) return 'never';
      return health === 'HEALTHY' ? 'yes' : 'wait';
    default:
      return started ? 'yes' : 'wait';
  }
}
