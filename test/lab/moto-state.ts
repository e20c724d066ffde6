import type { ContainerDefinition, ContainerOverride, Volume } from '@aws-sdk/client-ecs';
import { motoUrl } from './moto.ts';

/** What moto-launcher's /lab/state answers: AWS as far as the lab has to make it real. */
export interface LabState {
  readonly instances: readonly Machine[];
  readonly volumes: readonly Disk[];
  readonly snapshots: readonly { readonly id: string; readonly volumeId: string }[];
  readonly services: readonly ServiceState[];
  readonly tasks: readonly TaskState[];
  readonly containerInstances: readonly { readonly containerInstanceArn: string; readonly status: string }[];
}

export interface Machine {
  readonly id: string;
  readonly state: 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
  readonly publicIp: string | null;
  readonly privateIp: string | null;
  readonly zone: string;
  readonly instanceType: string;
  readonly imageId: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly publicKey: string | null;
  /** Base64, as given to RunInstances. */
  readonly userData: string;
  /** How often RebootInstances was called. */
  readonly reboots: number;
  /** The role of its instance profile. */
  readonly role: string | null;
  /** What its security groups let in, from addresses; rules that name a group or a prefix list are not among them. */
  readonly ingress: readonly IngressRule[];
}

export interface IngressRule {
  /** `-1` is every protocol, and then there are no ports. */
  readonly protocol: string;
  readonly fromPort: number | null;
  readonly toPort: number | null;
  readonly cidr: string;
}

export interface Disk {
  readonly id: string;
  readonly sizeGib: number;
  readonly snapshotId: string | null;
  readonly isRoot: boolean;
  readonly attachedTo: string | null;
  readonly detaching: boolean;
}

export interface ServiceState {
  readonly name: string;
  readonly cluster: string;
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  readonly desiredCount: number;
  /** The newest deployment's id: `startedBy` of its tasks. */
  readonly deployment: string;
  readonly rollout: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
}

export interface TaskState {
  readonly arn: string;
  readonly id: string;
  readonly cluster: string;
  readonly group: string;
  readonly startedBy: string;
  readonly containerInstanceArn: string;
  readonly lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  readonly desiredStatus: 'RUNNING' | 'STOPPED';
  /** Null where no container has a health check. */
  readonly healthStatus: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN' | null;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly stoppedAt?: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  /** Absent once the task has stopped. */
  readonly definition?: TaskDefinition;
  readonly overrides?: Overrides;
}

export interface TaskDefinition {
  readonly family: string;
  readonly revision: number;
  readonly networkMode: string | null;
  readonly volumes: readonly Volume[];
  readonly containers: readonly ContainerDefinition[];
  readonly cpu: string | null;
  readonly memory: string | null;
  readonly pidMode: string | null;
  readonly ipcMode: string | null;
  readonly executionRoleArn: string | null;
}

interface Overrides {
  readonly containerOverrides?: readonly ContainerOverride[];
}

/** What the stand-in says of one container; absent fields stay as they were. */
export interface ContainerReport {
  readonly name: string;
  readonly lastStatus?: 'PENDING' | 'RUNNING' | 'STOPPED';
  readonly exitCode?: number;
  readonly reason?: string;
  readonly runtimeId?: string;
  readonly imageDigest?: string;
  readonly healthStatus?: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';
  readonly networkBindings?: readonly {
    bindIP: string;
    containerPort: number;
    hostPort: number;
    protocol: string;
  }[];
}

export interface TaskReport {
  readonly arn: string;
  readonly lastStatus?: TaskState['lastStatus'];
  readonly containers?: readonly ContainerReport[];
  readonly stoppedReason?: string;
  readonly stopCode?: string;
  readonly pullStartedAt?: boolean;
  readonly pullStoppedAt?: boolean;
  readonly executionStoppedAt?: boolean;
}

interface Calls {
  'report-machine': { id: string; state?: Machine['state']; console?: string };
  'report-task': TaskReport;
  'stop-task': { arn: string; reason: string; code: string };
  'start-task': { cluster: string; service: string };
  agent: { arn: string; connected: boolean };
  detached: { id: string };
  event: { cluster: string; service: string; message: string };
}

/** The lab's side door into its AWS, open on loopback only. */
export class MotoState {
  readonly #url: string;

  constructor(moto: { readonly port: number }) {
    this.#url = `${motoUrl(moto)}/lab`;
  }

  read(): Promise<LabState> {
    return this.#post('state', {}) as Promise<LabState>;
  }

  async say<Call extends keyof Calls>(call: Call, body: Calls[Call]): Promise<void> {
    await this.#post(call, body);
  }

  /** What the role's own policies allow; AWS would refuse the stand-in the same way. */
  async permits(role: string, action: string, resource: string): Promise<boolean> {
    const { permitted } = (await this.#post('permitted', { role, action, resource })) as { permitted: boolean };
    return permitted;
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.#url}/${path}`, { method: 'POST', body: JSON.stringify(body) });
    const answer = (await response.json()) as { error?: string };
    if (!response.ok) throw new Error(`/lab/${path}: ${answer.error}`);
    return answer;
  }
}
