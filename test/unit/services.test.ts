import type { Task } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { Workload } from '../../src/design.ts';
import { judgeService, stopReasons } from '../../src/services.ts';

const workload = {
  name: 'web',
  taskDefinition: {
    family: 'web',
    containerDefinitions: [{ name: 'db' }, { name: 'app', healthCheck: { command: ['CMD', 'true'] } }],
  },
} as unknown as Workload;
const since = new Date('2026-01-01T00:00:00Z');
const arn = 'arn:web:1';
const now = new Date('2026-01-01T00:00:10Z');

const task = (db: string, app: string, change: Partial<Task> = {}): Task => ({
  taskArn: 'task-1',
  taskDefinitionArn: arn,
  desiredStatus: 'RUNNING',
  lastStatus: 'RUNNING',
  startedAt: new Date('2026-01-01T00:00:05Z'),
  containers: [
    { name: 'db', lastStatus: db, healthStatus: 'UNKNOWN' },
    { name: 'app', lastStatus: 'RUNNING', healthStatus: app as 'HEALTHY' },
  ],
  ...change,
});
const stopped = task('STOPPED', 'UNKNOWN', {
  desiredStatus: 'STOPPED',
  lastStatus: 'STOPPED',
  stoppedAt: new Date('2026-01-01T00:00:05Z'),
});

describe('a service', () => {
  it.each<[string, Task[], boolean, boolean]>([
    ['with every container up and the check good', [task('RUNNING', 'HEALTHY')], true, true],
    [
      'that started a moment ago',
      [task('RUNNING', 'HEALTHY', { startedAt: new Date('2026-01-01T00:00:08Z') })],
      false,
      false,
    ],
    ['whose check has not answered yet', [task('RUNNING', 'UNKNOWN')], true, false],
    ['whose check fails', [task('RUNNING', 'UNHEALTHY')], false, false],
    ['with a container still to start', [task('PENDING', 'HEALTHY')], false, false],
    [
      'that shows only some of its containers',
      [task('RUNNING', 'HEALTHY', { containers: [{ name: 'db', lastStatus: 'RUNNING' }] })],
      false,
      false,
    ],
    ['whose task is pending', [task('RUNNING', 'HEALTHY', { lastStatus: 'PENDING' })], false, false],
    ['whose task is to stop', [task('RUNNING', 'HEALTHY', { desiredStatus: 'STOPPED' })], false, false],
    ['that runs another definition', [task('RUNNING', 'HEALTHY', { taskDefinitionArn: 'arn:web:0' })], false, false],
    ['with no task', [], false, false],
    ['whose task has crashed', [stopped], false, false],
  ])('%s', (_, tasks, started, healthy) => {
    expect(judgeService(workload, arn, undefined, tasks, since, now)).toMatchObject({ started, healthy });
  });

  it('counts the tasks that stopped since it was started, and no older ones', () => {
    const older = { ...stopped, stoppedAt: new Date('2025-12-31T00:00:00Z') };
    expect(judgeService(workload, arn, undefined, [stopped, older], since).stopped).toEqual([stopped]);
  });

  it('says why tasks stopped', () => {
    const reason = {
      ...stopped,
      stoppedReason: 'Essential container in task exited',
      containers: [
        { name: 'db', exitCode: 3 },
        { name: 'app', reason: 'CannotStart' },
      ],
    };
    expect(stopReasons([reason])).toEqual(['Essential container in task exited; db: exit code 3; app:  CannotStart']);
  });
});
