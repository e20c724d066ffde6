import { describe, expect, it } from 'vitest';
import { serviceSettings, settingsToMend, settingsToSettle } from '../../../src/ecs/service-settings.ts';

const deployment = (minimumHealthyPercent: number, maximumPercent: number) => ({
  deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
});

describe('settings of a service on one instance (§2)', () => {
  it('of our own are in order', () => {
    expect([...settingsToMend(serviceSettings), ...settingsToSettle(serviceSettings)]).toEqual([]);
  });

  it.each<[string, Parameters<typeof settingsToMend>[0], RegExp[]]>([
    [
      'ECS’s defaults',
      { ...deployment(100, 200), availabilityZoneRebalancing: 'ENABLED' },
      [/ports/, /same data/, /Zone/],
    ],
    ['a deployment that cannot stop the old task', deployment(100, 100), [/minimumHealthyPercent 100/]],
    ['one that starts the new task first', deployment(0, 200), [/maximumPercent 200/]],
    ['rebalancing', { ...deployment(0, 100), availabilityZoneRebalancing: 'ENABLED' }, [/availabilityZoneRebalancing/]],
    ['nothing said', {}, []],
  ])('%s', (_, service, problems) => {
    const found = settingsToMend(service);
    expect(found).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(found[index]).toMatch(problem);
  });

  it.each<[string, Parameters<typeof settingsToSettle>[0], number]>([
    ['one task', { desiredCount: 1 }, 0],
    ['two tasks', { desiredCount: 2 }, 1],
    ['CodeDeploy', { deploymentController: { type: 'CODE_DEPLOY' } }, 1],
    ['blue and green', { deploymentConfiguration: { strategy: 'BLUE_GREEN' } }, 1],
    ['one on each instance', { schedulingStrategy: 'DAEMON' }, 1],
  ])('%s', (_, service, problems) => expect(settingsToSettle(service)).toHaveLength(problems));
});
