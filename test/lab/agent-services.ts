import type { LabState, MotoState, ServiceState, TaskState } from './moto-state.ts';

/** What the service scheduler does next for one service. */
export interface Decision {
  readonly stop: readonly { readonly arn: string; readonly reason: string }[];
  readonly start: number;
  /** True from the third failure in a row: ECS says so in an event. */
  readonly struggling: boolean;
}

/** ECS backs off up to 15 minutes; the lab's tests cannot wait for that. */
const backoffMs = [0, 2_000, 4_000, 8_000];
/** A task that lived this long ended a series of failures. */
const livedMs = 60_000;

/** Desired count against tasks, within minimumHealthyPercent and maximumPercent: at 0/100 the old stops before the new starts. */
function decide(
  service: ServiceState,
  tasks: readonly TaskState[],
  draining: ReadonlySet<string>,
  now: number,
): Decision {
  const mine = tasks.filter((task) => task.group === `service:${service.name}` && task.cluster === service.cluster);
  const alive = mine.filter((task) => task.lastStatus !== 'STOPPED');
  const wanted = alive.filter((task) => task.desiredStatus === 'RUNNING');
  const isCurrent = (task: TaskState): boolean =>
    task.startedBy === service.deployment && !draining.has(task.containerInstanceArn);

  const unhealthy = wanted.filter((task) => task.healthStatus === 'UNHEALTHY');
  const current = wanted.filter((task) => isCurrent(task) && !unhealthy.includes(task));
  const outdated = wanted.filter((task) => !isCurrent(task) && !unhealthy.includes(task));
  const lowest = Math.ceil((service.desiredCount * service.minimumHealthyPercent) / 100);
  const highest = Math.max(Math.floor((service.desiredCount * service.maximumPercent) / 100), service.desiredCount);
  const running = wanted.filter((task) => task.lastStatus === 'RUNNING' && !unhealthy.includes(task)).length;
  const spare = service.desiredCount === 0 ? outdated.length : Math.max(0, running - lowest);
  // What never ran counts for nobody's health, so it can always go.
  const replaced = [
    ...outdated.filter((task) => task.lastStatus === 'PENDING'),
    ...outdated.filter((task) => task.lastStatus === 'RUNNING').slice(0, spare),
  ];

  const failures = failuresInARow(service, mine);
  const missing = Math.min(service.desiredCount - current.length, highest - alive.length);
  return {
    stop: [
      ...unhealthy.map(({ arn }) => ({ arn, reason: 'Task failed container health checks' })),
      ...[...replaced, ...current.slice(service.desiredCount)].map(({ arn }) => ({
        arn,
        reason: `Scaling activity initiated by (deployment ${service.deployment})`,
      })),
    ],
    start: mayStart(service, failures, now) ? Math.max(0, missing) : 0,
    struggling: failures.count >= 3,
  };
}

interface Failures {
  readonly count: number;
  readonly lastAt: number;
}

function failuresInARow(service: ServiceState, mine: readonly TaskState[]): Failures {
  const stopped = mine
    .filter((task) => task.startedBy === service.deployment && task.stoppedAt && task.stopCode !== 'UserInitiated')
    .sort((one, other) => Date.parse(other.stoppedAt ?? '') - Date.parse(one.stoppedAt ?? ''));
  const isFailure = (task: TaskState): boolean =>
    !task.stoppedReason?.startsWith('Scaling activity') &&
    Date.parse(task.stoppedAt ?? '') - Date.parse(task.createdAt) < livedMs;
  const firstGood = stopped.findIndex((task) => !isFailure(task));
  const count = firstGood < 0 ? stopped.length : firstGood;
  return { count, lastAt: Date.parse(stopped[0]?.stoppedAt ?? '1970-01-01') };
}

function mayStart(service: ServiceState, { count, lastAt }: Failures, now: number): boolean {
  if (service.status !== 'ACTIVE' || service.rollout === 'FAILED') return false;
  return now - lastAt >= (backoffMs[Math.min(count, backoffMs.length - 1)] ?? 0);
}

/** The part of ECS's control plane that starts and stops tasks of services. */
export class Scheduler {
  readonly #moto: MotoState;
  readonly #complained = new Set<string>();

  constructor(moto: MotoState) {
    this.#moto = moto;
  }

  async step(state: LabState, now: number): Promise<void> {
    const draining = new Set(
      state.containerInstances
        .filter(({ status }) => status === 'DRAINING')
        .map((instance) => instance.containerInstanceArn),
    );
    for (const service of state.services.filter(({ status }) => status !== 'INACTIVE'))
      await this.#apply(service, decide(service, state.tasks, draining, now));
  }

  async #apply({ cluster, name, deployment }: ServiceState, { stop, start, struggling }: Decision): Promise<void> {
    for (const { arn, reason } of stop) {
      await this.#moto.say('stop-task', { arn, reason, code: 'ServiceSchedulerInitiated' });
      const message = `has stopped 1 running tasks: (task ${arn.split('/').at(-1)}).`;
      await this.#moto.say('event', { cluster, service: name, message });
    }
    for (let count = 0; count < start; count++) await this.#moto.say('start-task', { cluster, service: name });
    if (struggling && !this.#complained.has(deployment)) {
      this.#complained.add(deployment);
      const message = 'is unable to consistently start tasks successfully.';
      await this.#moto.say('event', { cluster, service: name, message });
    }
  }
}
