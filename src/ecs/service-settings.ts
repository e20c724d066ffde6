import type { Service } from '@aws-sdk/client-ecs';

/**
 * §2, last paragraph: on one instance, with fixed host ports and one data directory, the old task must be gone before the
 * new one starts. ECS's own defaults (100 %, 200 %, rebalancing) wait for ever for ports, or open one data directory twice.
 */
export const serviceSettings = {
  deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
  availabilityZoneRebalancing: 'DISABLED',
} as const satisfies ServiceSettings;

type ServiceSettings = Pick<
  Service,
  | 'availabilityZoneRebalancing'
  | 'schedulingStrategy'
  | 'desiredCount'
  | 'deploymentConfiguration'
  | 'deploymentController'
>;

/** What of a service there is would deadlock a one-instance cluster or open one data directory twice, and can be changed. */
export function settingsToMend({ deploymentConfiguration, availabilityZoneRebalancing }: ServiceSettings): string[] {
  const { minimumHealthyPercent = 0, maximumPercent = 100 } = deploymentConfiguration ?? {};
  return told([
    minimumHealthyPercent > 0 &&
      `minimumHealthyPercent ${minimumHealthyPercent} keeps the old task, while the new one waits for its ports`,
    maximumPercent > 100 && `maximumPercent ${maximumPercent} starts a second task on the same data`,
    availabilityZoneRebalancing === 'ENABLED' &&
      'availabilityZoneRebalancing starts a second task before it stops the first',
  ]);
}

/** The same, where only the operator can tell what it was meant for. */
export const settingsToSettle = ({
  schedulingStrategy,
  desiredCount = 0,
  deploymentController,
  deploymentConfiguration,
}: ServiceSettings): string[] =>
  told([
    (deploymentController?.type ?? 'ECS') !== 'ECS' &&
      `it is deployed by ${deploymentController?.type}, which may run old and new tasks at once`,
    (deploymentConfiguration?.strategy ?? 'ROLLING') !== 'ROLLING' &&
      `its deployments are ${deploymentConfiguration?.strategy}: old and new tasks run at once`,
    schedulingStrategy === 'DAEMON' && 'its scheduling strategy is DAEMON, which no desired count stops',
    desiredCount > 1 && `its desired count is ${desiredCount}: as many tasks would open the same data`,
  ]);

const told = (problems: readonly (string | false)[]): string[] => problems.filter((problem) => problem !== false);
