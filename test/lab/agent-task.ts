import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { ContainerInfo } from 'dockerode';
import { makeTaskCgroup, removeTaskCgroup, taskCgroup } from './agent-cgroup.ts';
import { failsAs, StartFailure } from './agent-failure.ts';
import { createContainer, type TaskTools } from './agent-launch.ts';
import { exitOf, isRunning, networkBindings, stateOf } from './agent-observe.ts';
import { dependenciesOf, inStartOrder, isMet } from './agent-order.ts';
import { makeVolumes, ownVolumes } from './agent-volumes.ts';
import type { ContainerReport, TaskDefinition, TaskReport, TaskState } from './moto-state.ts';

/** Runs one task as the ECS agent does, and tells moto what Docker says of it, and nothing else. */
export class TaskRun {
  readonly arn: string;
  readonly definition: TaskDefinition;
  /** Docker's ids by container name. */
  readonly ids: Record<string, string>;
  readonly #tools: TaskTools;
  readonly #containers: readonly ContainerDefinition[];
  readonly #reports = new Map<string, ContainerReport>();
  readonly #cluster: string;
  #sent = '';
  #launched = false;
  #starting: Promise<void> = Promise.resolve();
  #begun = false;
  #stopping = false;
  #abandoned = false;
  #halted = false;
  #wasRunning = false;
  stoppedAt: number | undefined;

  constructor(task: TaskState & { definition: TaskDefinition }, tools: TaskTools, ids: Record<string, string> = {}) {
    this.arn = task.arn;
    this.#cluster = task.cluster;
    this.definition = task.definition;
    this.ids = ids;
    this.#tools = tools;
    this.#wasRunning = task.lastStatus === 'RUNNING';
    this.#containers = task.definition.containers.map((container) => {
      const override = task.overrides?.containerOverrides?.find(({ name }) => name === container.name);
      if (!override) return container;
      const { command = container.command, environment = [] } = override;
      return {
        ...container,
        ...(command ? { command } : {}),
        environment: [...(container.environment ?? []), ...environment],
      };
    });
    for (const { name = '' } of this.#containers) this.#reports.set(name, { name });
  }

  /** One look at Docker and at what ECS wants; starts what is due and returns without waiting for it. */
  async step(task: TaskState, seen: ReadonlyMap<string, ContainerInfo>): Promise<void> {
    if (this.stoppedAt !== undefined) return;
    if (!this.#begun && !this.#stopping) {
      this.#begun = true;
      this.#starting = this.#wasRunning ? this.#adopt() : this.#start();
    }
    await this.#observe(seen);
    if (task.desiredStatus === 'STOPPED') this.#stop();
    else if (this.#essentialEnded()) this.#stop('Essential container in task exited', 'EssentialContainerExited');
    await this.#report();
  }

  /** Containers go with their anonymous volumes, volumes of the task's own with them. */
  async cleanUp(): Promise<void> {
    const { docker } = this.#tools;
    for (const id of Object.values(this.ids))
      await docker
        .getContainer(id)
        .remove({ v: true, force: true })
        .catch(() => {});
    await removeTaskCgroup(taskCgroup(this.#tools.cgroupRoot, this.arn));
    for (const name of Object.values(ownVolumes(this.definition, this.arn)))
      await docker
        .getVolume(name)
        .remove()
        .catch(() => {});
  }

  /** The agent ends, the containers stay. */
  abandon(): void {
    this.#abandoned = true;
    this.#stopping = true;
  }

  async #adopt(): Promise<void> {
    this.#launched = true;
  }

  async #start(): Promise<void> {
    try {
      const cgroup = makeTaskCgroup(taskCgroup(this.#tools.cgroupRoot, this.arn), this.definition);
      await failsAs('ResourceInitializationError', cgroup);
      await makeVolumes(this.#tools.docker, this.definition, this.arn);
      for (const group of inStartOrder(this.#containers))
        for (const container of group) await this.#startOne(container);
      this.#launched = !this.#stopping;
    } catch (error) {
      const isKnown = error instanceof StartFailure;
      this.#stop(isKnown ? error.message : `Task failed to start: ${(error as Error).message}`, 'TaskFailedToStart');
    }
  }

  async #startOne(container: ContainerDefinition): Promise<void> {
    const { name = '' } = container;
    await this.#awaitDependencies(container);
    if (this.#stopping) return;
    try {
      const id = this.ids[name] ?? (await this.#create(container));
      if (this.#stopping) return;
      const { State } = await this.#tools.docker.getContainer(id).inspect();
      if (State.Status !== 'created') return;
      await failsAs('CannotStartContainerError', this.#tools.docker.getContainer(id).start());
      this.#note(name, { networkBindings: networkBindings(await this.#tools.docker.getContainer(id).inspect()) });
    } catch (error) {
      this.#note(name, { lastStatus: 'STOPPED', reason: (error as Error).message });
      if (container.essential !== false || this.#isNeeded(name)) throw error;
    }
  }

  async #create(container: ContainerDefinition): Promise<string> {
    const { name = '' } = container;
    const made = await createContainer(
      this.#tools,
      { arn: this.arn, cluster: this.#cluster },
      this.definition,
      container,
    );
    this.ids[name] = made.id;
    this.#note(name, { runtimeId: made.id, ...(made.imageDigest ? { imageDigest: made.imageDigest } : {}) });
    await this.#tools.remember();
    return made.id;
  }

  async #awaitDependencies(container: ContainerDefinition): Promise<void> {
    for (const { on, condition } of dependenciesOf(container)) {
      while (!this.#stopping) {
        const { lastStatus, exitCode, healthStatus = 'UNKNOWN' } = this.#reports.get(on) ?? { name: on };
        const started = lastStatus === 'RUNNING' || lastStatus === 'STOPPED';
        const met = isMet(condition, {
          started,
          health: healthStatus,
          ...(exitCode === undefined ? {} : { exitCode }),
        });
        if (met === 'yes') break;
        if (met === 'never')
          throw new Error(`dependency graph: ${on} will never be ${condition} for ${container.name}`);
        await sleep(50);
      }
    }
  }

  async #observe(seen: ReadonlyMap<string, ContainerInfo>): Promise<void> {
    for (const container of this.#containers) {
      const { name = '' } = container;
      const id = this.ids[name];
      if (!id) continue;
      if (!this.#reports.get(name)?.runtimeId) this.#note(name, { runtimeId: id });
      if (this.#reports.get(name)?.lastStatus !== 'STOPPED') await this.#observeOne(container, id, seen.get(id));
    }
  }

  async #observeOne(container: ContainerDefinition, id: string, info: ContainerInfo | undefined): Promise<void> {
    const { name = '' } = container;
    if (info) {
      const state = stateOf(info, container.healthCheck !== undefined);
      if (state.lastStatus !== 'STOPPED') return this.#note(name, state);
      const exit = exitOf(await this.#tools.docker.getContainer(id).inspect());
      if (!(await this.#restarted(container, id, exit.exitCode))) this.#note(name, { ...state, ...exit });
    } else if (this.#reports.get(name)?.lastStatus === 'RUNNING') {
      // It was seen and is gone: removed behind the agent's back.
      this.#note(name, { lastStatus: 'STOPPED', reason: 'ContainerRemoved' });
    }
  }

  /** restartPolicy: in place, if it ran long enough and the exit code is not one to leave alone. */
  async #restarted({ restartPolicy }: ContainerDefinition, id: string, exitCode = 0): Promise<boolean> {
    if (!restartPolicy?.enabled || this.#stopping || restartPolicy.ignoredExitCodes?.includes(exitCode)) return false;
    const container = this.#tools.docker.getContainer(id);
    const { State } = await container.inspect();
    const ranMs = Date.parse(State.FinishedAt) - Date.parse(State.StartedAt);
    if (ranMs < (restartPolicy.restartAttemptPeriod ?? 300) * 1000) return false;
    await container.start();
    return true;
  }

  #essentialEnded(): boolean {
    return this.#containers.some(
      ({ name = '', essential }) => essential !== false && this.#reports.get(name)?.lastStatus === 'STOPPED',
    );
  }

  #stop(stoppedReason?: string, stopCode?: string): void {
    if (this.#stopping) return;
    this.#stopping = true;
    void this.#end(stoppedReason, stopCode).catch((error: Error) =>
      process.stderr.write(`${this.arn}: ${error.stack}\n`),
    );
  }

  async #end(stoppedReason?: string, stopCode?: string): Promise<void> {
    if (stoppedReason && stopCode) await this.#tell({ arn: this.arn, stoppedReason, stopCode });
    await this.#starting;
    for (const group of [...inStartOrder(this.#containers)].reverse())
      await Promise.all(group.map((container) => this.#stopOne(container)));
    if (this.#abandoned) return;
    for (const { name = '' } of this.#containers) if (!this.ids[name]) this.#note(name, { lastStatus: 'STOPPED' });
    this.#halted = true;
  }

  /** Until Docker itself says that it does not run: what was only asked to stop is not stopped. */
  async #stopOne({ name = '', stopTimeout }: ContainerDefinition): Promise<void> {
    const id = this.ids[name];
    while (id && !this.#abandoned) {
      const container = this.#tools.docker.getContainer(id);
      // Stopped already, or gone: both are fine, and the next look tells them from a failure.
      await container.stop({ t: stopTimeout ?? this.#tools.stopTimeoutS }).catch(() => {});
      const found = await container.inspect().catch((error: { statusCode?: number }) => error.statusCode);
      if (found === 404) return this.#note(name, { lastStatus: 'STOPPED' });
      if (typeof found === 'object' && !found.State.Running)
        return this.#note(name, { lastStatus: 'STOPPED', ...(found.State.Status === 'created' ? {} : exitOf(found)) });
      await sleep(500);
    }
  }

  async #report(): Promise<void> {
    const containers = [...this.#reports.values()];
    if (this.#launched && isRunning(this.#containers, (name) => this.#reports.get(name)?.lastStatus))
      this.#wasRunning = true;
    const running = this.#wasRunning ? ('RUNNING' as const) : ('PENDING' as const);
    const lastStatus = this.#halted ? ('STOPPED' as const) : running;
    const report = { arn: this.arn, lastStatus, containers, ...(this.#stopping ? { executionStoppedAt: true } : {}) };
    const text = JSON.stringify(report);
    if (text === this.#sent) return;
    await this.#tell(report);
    this.#sent = text;
    // Not by #halted: that may have come true while this report was under way.
    if (lastStatus === 'STOPPED') this.stoppedAt = Date.now();
  }

  #tell(report: TaskReport): Promise<void> {
    return this.#tools.moto.say('report-task', report);
  }

  /** What is known of a container so far, with what is new; a stopped one stays stopped. */
  #note(name: string, news: Partial<ContainerReport>): void {
    this.#reports.set(name, { ...this.#reports.get(name), ...news, name });
  }

  #isNeeded(name: string): boolean {
    return this.#containers.some((container) => dependenciesOf(container).some(({ on }) => on === name));
  }
}
