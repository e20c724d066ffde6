import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ECS } from '@aws-sdk/client-ecs';
import Docker from 'dockerode';
import { AgentAccess } from './agent-access.ts';
import { attributes, durationMs, type EcsConfig, parseConfig, totalResources } from './agent-config.ts';
import type { TaskTools } from './agent-launch.ts';
import { TaskRun } from './agent-task.ts';
import type { Host } from './host.ts';
import { isUnitActive } from './instances-host.ts';
import { aws } from './lab.ts';
import { motoUrl } from './moto.ts';
import type { LabState, Machine, MotoState, TaskState } from './moto-state.ts';
import { netnsOf } from './network.ts';

/** What the agent keeps on the instance: a restart goes on with the same registration and the same containers. */
interface Saved {
  readonly cluster?: string;
  readonly containerInstanceArn?: string;
  readonly tasks?: Readonly<Record<string, Record<string, string>>>;
}

interface Session {
  readonly host: Host;
  readonly containerInstanceArn: string;
  readonly cluster: string;
  readonly tools: TaskTools;
  readonly cleanUpAfterMs: number;
  readonly runs: Map<string, TaskRun>;
  readonly saved: Saved;
}

const statePath = 'var/lib/ecs/data/agent-state.json';
const retryMs = 2_000;

/** Stands in for the ECS agent of one instance: lives while the instance's `ecs` unit runs. */
export class Agent {
  readonly #moto: MotoState;
  readonly #endpoint: string;
  readonly #ecs: ECS;
  #session: Session | undefined;
  #notBefore = 0;

  constructor(moto: MotoState, server: { readonly port: number }) {
    this.#moto = moto;
    this.#endpoint = motoUrl(server);
    this.#ecs = new ECS({ endpoint: this.#endpoint, region: aws.region, credentials: aws });
  }

  async step(host: Host, machine: Machine, state: LabState): Promise<void> {
    const active = await isUnitActive(host, 'ecs');
    if (!active) return this.disconnect();
    if (!this.#session) {
      if (Date.now() < this.#notBefore) return;
      this.#session = await this.#begin(host, machine).catch(async (error: Error) => {
        this.#notBefore = Date.now() + retryMs;
        await log(host, `level=error msg="Unable to register" error="${error.name}: ${error.message}"`);
        return undefined;
      });
    }
    if (this.#session) await this.#look(this.#session, state);
  }

  /** The containers stay as they are; ECS sees the agent go. */
  async disconnect(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    for (const run of session.runs.values()) run.abandon();
    await this.#moto.say('agent', { arn: session.containerInstanceArn, connected: false });
    await rm(join(session.host.root, 'run/lab-units/agent'), { force: true }).catch(() => {});
  }

  async #begin(host: Host, machine: Machine): Promise<Session> {
    const config = parseConfig(await readFile(join(host.root, 'etc/ecs/ecs.config'), 'utf8').catch(() => ''));
    const saved = await readSaved(host);
    const cluster = config.ECS_CLUSTER || 'default';
    const docker = new Docker({ socketPath: join(host.root, 'run/docker.sock') });
    const containerInstanceArn = await this.#register(machine, config, cluster, saved, docker);
    const runs = new Map<string, TaskRun>();
    const session: Session = {
      host,
      containerInstanceArn,
      cluster,
      runs,
      saved,
      cleanUpAfterMs: Math.max(1000, durationMs(config.ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION, 3 * 3_600_000)),
      tools: {
        docker,
        moto: this.#moto,
        access: new AgentAccess(this.#moto, this.#endpoint),
        instanceRole: machine.role,
        cgroupRoot: `/${netnsOf(host.lab, host.name)}`,
        stopTimeoutS: durationMs(config.ECS_CONTAINER_STOP_TIMEOUT, 30_000) / 1000,
        remember: () => writeSaved(host, { cluster, containerInstanceArn, tasks: taskIds(saved, runs) }),
      },
    };
    await session.tools.remember();
    await writeFile(join(host.root, 'run/lab-units/agent'), containerInstanceArn);
    await log(
      host,
      `level=info msg="Registered container instance" cluster="${cluster}" arn="${containerInstanceArn}"`,
    );
    return session;
  }

  /** With the instance's own role: without one, or without the right to, no instance ever joins a cluster. */
  async #register(machine: Machine, config: EcsConfig, cluster: string, saved: Saved, docker: Docker): Promise<string> {
    const arn = `arn:aws:ecs:${aws.region}:${aws.accountId}:cluster/${cluster}`;
    if (!machine.role) throw new Error('NoCredentialProviders: the instance has no instance profile');
    if (!(await this.#moto.permits(machine.role, 'ecs:RegisterContainerInstance', arn)))
      throw new Error(`AccessDeniedException: role ${machine.role} may not ecs:RegisterContainerInstance on ${arn}`);
    if (cluster === 'default') await this.#ecs.createCluster({ clusterName: cluster });
    const known = saved.cluster === cluster ? saved.containerInstanceArn : undefined;
    const { Version } = await docker.version();
    const { containerInstance } = await this.#ecs.registerContainerInstance({
      cluster,
      ...(known ? { containerInstanceArn: known } : {}),
      instanceIdentityDocument: JSON.stringify({
        instanceId: machine.id,
        region: aws.region,
        accountId: aws.accountId,
      }),
      totalResources: totalResources(machine, config),
      attributes: attributes(config, !known),
      versionInfo: { agentVersion: '1.106.1', agentHash: 'lab', dockerVersion: `DockerVersion: ${Version}` },
    });
    return containerInstance?.containerInstanceArn ?? '';
  }

  async #look(session: Session, state: LabState): Promise<void> {
    const { tools, runs, containerInstanceArn } = session;
    const label = 'com.amazonaws.ecs.task-arn';
    const listed = await tools.docker.listContainers({ all: true, filters: { label: [label] } });
    const seen = new Map(listed.map((info) => [info.Id, info]));
    for (const task of state.tasks) {
      if (task.containerInstanceArn !== containerInstanceArn) continue;
      const run = runs.get(task.arn) ?? adopt(session, task);
      await run?.step(task, seen);
      if (run?.stoppedAt !== undefined && Date.now() - run.stoppedAt >= session.cleanUpAfterMs)
        await forget(session, run);
    }
  }
}

/** A task that is new to this agent, or that it ran before it was restarted. */
function adopt({ runs, saved, tools }: Session, task: TaskState): TaskRun | undefined {
  const { definition } = task;
  if (task.lastStatus === 'STOPPED' || !definition) return undefined;
  const run = new TaskRun({ ...task, definition }, tools, { ...saved.tasks?.[task.arn] });
  runs.set(task.arn, run);
  return run;
}

async function forget({ tools, runs }: Session, run: TaskRun): Promise<void> {
  await run.cleanUp();
  runs.delete(run.arn);
  await tools.remember();
}

function taskIds(saved: Saved, runs: ReadonlyMap<string, TaskRun>): Record<string, Record<string, string>> {
  return { ...saved.tasks, ...Object.fromEntries([...runs.values()].map((run) => [run.arn, run.ids])) };
}

async function readSaved(host: Host): Promise<Saved> {
  const text = await readFile(join(host.root, statePath), 'utf8').catch(() => '{}');
  return JSON.parse(text) as Saved;
}

async function writeSaved(host: Host, saved: Saved): Promise<void> {
  await mkdir(dirname(join(host.root, statePath)), { recursive: true });
  await writeFile(join(host.root, statePath), JSON.stringify(saved));
}

async function log(host: Host, line: string): Promise<void> {
  const path = join(host.root, 'var/log/ecs/ecs-agent.log');
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, `time=${new Date().toISOString()} ${line}\n`);
}
