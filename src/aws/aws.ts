import type {
  ContainerInstance,
  RegisterTaskDefinitionCommandInput,
  Service,
  Task,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import type { RegistryCredentials } from '../docker/docker.ts';
import type { InstanceSize } from '../ecs/instance-types.ts';
import type { Secret } from '../secret.ts';

/** Who we are and where: `sts:GetCallerIdentity` and the resolved region. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
  readonly region: string;
  /** `aws`, `aws-cn`, `aws-us-gov` */
  readonly partition: string;
  /** Host name of the account's registry in this region. */
  readonly registry: string;
}

export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly freeAddresses: number;
  readonly hasIpv4: boolean;
}

/** The zones of the region that have a type, by type; a type that none has is not among them. */
export type Offerings = Readonly<Record<string, readonly string[]>>;

/** How many vCPUs of a kind of instances the account may run in the region. */
export interface VcpuQuota {
  readonly code: string;
  readonly limit: number;
  readonly used: number;
}

export interface Instance {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly zone: string;
  readonly publicAddress: string | undefined;
  readonly privateAddress: string | undefined;
  /** Whether AWS takes the public address back when the instance is stopped: it is no Elastic IP. */
  readonly addressIsLent: boolean;
  readonly tags: Tags;
}

export interface InstanceType extends InstanceSize {
  /** AWS's words: x86_64, arm64. */
  readonly architectures: readonly string[];
}

export interface Volume {
  readonly id: string;
  readonly zone: string;
  readonly sizeGib: number;
  readonly state: string;
  /** Instance it is attached to, or being attached to. */
  readonly attachedTo: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** A snapshot of an EBS volume: the volume as it was when the snapshot began, also while it is still `pending`. */
export interface DiskSnapshot {
  readonly id: string;
  readonly volumeId: string;
  /** `pending`, `completed`, `recoverable` */
  readonly state: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly description: string;
  readonly tags: Tags;
}

/** A secret of Secrets Manager. */
interface StoredSecret {
  /** With the six characters at its end. */
  readonly arn: string;
  readonly value: Secret;
}

/** A task definition as ECS has it, with the tags of its newest revision. */
export type RegisteredDefinition = TaskDefinition & { readonly tags: Tags };

export type Tags = Readonly<Record<string, string>>;

export interface SecurityRule {
  readonly port: number;
  readonly cidr: string;
  readonly description: string;
}

export interface SecurityGroup {
  readonly id: string;
  readonly rules: readonly SecurityRule[];
}

/**
 * The AWS calls ecsodus uses, for looking. `find…` gives undefined where there is none. Every resource is found by its
 * deterministic name or by the tag `ecsodus:migration=<name>`, never by a remembered id. One that has our name and not our
 * tag is a MigrationError.
 */
export interface AwsReader {
  readonly identity: () => Promise<Identity>;
  /** The named one; without a name, the default subnets, by zone. None at all is a MigrationError. */
  readonly findSubnets: (id: string | undefined) => Promise<readonly [Subnet, ...Subnet[]]>;
  /** Whether its route table leads to an internet gateway. */
  readonly hasInternetRoute: (subnet: Subnet) => Promise<boolean>;
  readonly findSecurityGroup: (name: string, vpcId: string) => Promise<SecurityGroup | undefined>;
  readonly findKeyPair: (name: string) => Promise<{ fingerprint: string; publicKey: string | undefined } | undefined>;
  /** Not terminated ones only. Two with one name is a MigrationError. */
  readonly findInstance: (name: string) => Promise<Instance | undefined>;
  readonly findVolume: (name: string) => Promise<Volume | undefined>;
  /** Of the data disk, newest first; those that failed are left out. */
  readonly findSnapshots: (migration: string) => Promise<readonly DiskSnapshot[]>;
  readonly findInstanceType: (type: string) => Promise<InstanceType | undefined>;
  /** Where these types are to be had. */
  readonly findOfferings: (types: readonly string[]) => Promise<Offerings>;
  /** Undefined for rare types, and where Service Quotas does not say. */
  readonly findVcpuQuota: (type: string) => Promise<VcpuQuota | undefined>;
  /** Of these actions, those that IAM's simulator does not allow; none where it does not say. */
  readonly findDenied: (identity: Pick<Identity, 'arn'>, actions: readonly string[]) => Promise<readonly string[]>;
  /** Console output so far, decoded; empty while there is none. */
  readonly consoleOutput: (instanceId: string) => Promise<string>;
  readonly recommendedAmi: () => Promise<string>;
  readonly findRole: (
    name: string,
  ) => Promise<
    { arn: string; managedPolicies: readonly string[]; inlinePolicies: Readonly<Record<string, string>> } | undefined
  >;
  /** Names of the roles in the profile. */
  readonly findInstanceProfile: (name: string) => Promise<readonly string[] | undefined>;
  readonly hasRepository: (name: string) => Promise<boolean>;
  /** A token that will live for a while; `fresh` where the registry has refused the last one. */
  readonly registryCredentials: (options?: { readonly fresh: boolean }) => Promise<RegistryCredentials>;
  readonly findParameter: (name: string) => Promise<Secret | undefined>;
  /** A secret of Secrets Manager; undefined also for one without a value, and for one that waits for its deletion. */
  readonly findSecret: (name: string) => Promise<StoredSecret | undefined>;
  readonly hasCluster: (name: string) => Promise<boolean>;
  /** The container instances of a cluster. */
  readonly containerInstances: (cluster: string) => Promise<readonly ContainerInstance[]>;
  /** The newest active definition of a family, or the revision of an ARN. */
  readonly findTaskDefinition: (family: string) => Promise<RegisteredDefinition | undefined>;
  /** The active services of a cluster; none where there is no cluster. */
  readonly services: (cluster: string) => Promise<readonly Service[]>;
  readonly findService: (cluster: string, name: string) => Promise<Service | undefined>;
  /** Running and lately stopped tasks of a service. */
  readonly serviceTasks: (cluster: string, service: string) => Promise<readonly Task[]>;
}

/** What takes away again. None of it is an error where it is gone already. */
export interface AwsRemover {
  /** Returns when it has ended. */
  readonly terminateInstance: (name: string, signal?: AbortSignal) => Promise<void>;
  readonly deleteVolume: (id: string) => Promise<void>;
  readonly deleteSecurityGroup: (id: string) => Promise<void>;
  /** With its policies. */
  readonly deleteRole: (name: string) => Promise<void>;
  readonly deleteInstanceProfile: (name: string) => Promise<void>;
  /** With its images. */
  readonly deleteRepository: (name: string) => Promise<void>;
  readonly deleteParameter: (name: string) => Promise<void>;
  /** AWS keeps it for 30 days, to be restored. */
  readonly deleteSecret: (name: string) => Promise<void>;
  /** With its tasks. */
  readonly deleteService: (cluster: string, name: string) => Promise<void>;
  /** Every active revision of the family that the migration has made. */
  readonly deregisterTaskDefinitions: (family: string, migration: string) => Promise<void>;
  /** With its container instances. */
  readonly deleteCluster: (name: string) => Promise<void>;
}

export interface AwsWriter extends AwsReader, AwsRemover {
  readonly createSecurityGroup: (group: { name: string; vpcId: string; tags: Tags }) => Promise<void>;
  readonly allowIngress: (groupId: string, rule: SecurityRule) => Promise<void>;
  readonly revokeIngress: (groupId: string, rule: SecurityRule) => Promise<void>;
  readonly importKeyPair: (key: { name: string; publicKey: string; tags: Tags }) => Promise<void>;
  readonly deleteKeyPair: (name: string) => Promise<void>;
  /** Returns when the instance runs. */
  readonly runInstance: (instance: NewInstance, signal?: AbortSignal) => Promise<void>;
  /** Returns when the volume is available. */
  readonly createVolume: (
    volume: { name: string; zone: string; sizeGib: number; clientToken: string; tags: Tags },
    signal?: AbortSignal,
  ) => Promise<void>;
  /** Returns when the volume is attached. */
  readonly attachVolume: (volumeId: string, instanceId: string, signal?: AbortSignal) => Promise<void>;
  /**
   * Returns as soon as the snapshot has begun: what is written to the volume from then on is not in it. One with the same
   * `ecsodus:migration` and `ecsodus:change` among its tags is returned, not made again.
   */
  readonly createSnapshot: (snapshot: { volumeId: string; description: string; tags: Tags }) => Promise<DiskSnapshot>;
  /** Not an error where it is gone already. */
  readonly deleteSnapshot: (id: string) => Promise<void>;
  readonly tagResource: (id: string, tags: Tags) => Promise<void>;
  /** `service` is the principal that may assume the role. Not an error where it exists already. */
  readonly createRole: (role: { name: string; service: string; tags: Tags }) => Promise<void>;
  readonly attachRolePolicy: (role: string, policyArn: string) => Promise<void>;
  readonly putRolePolicy: (role: string, name: string, document: string) => Promise<void>;
  readonly createInstanceProfile: (name: string, tags: Tags) => Promise<void>;
  readonly addRoleToInstanceProfile: (profile: string, role: string) => Promise<void>;
  readonly createRepository: (name: string, tags: Tags) => Promise<void>;
  readonly putParameter: (name: string, value: Secret, tags: Tags) => Promise<void>;
  /** Makes the secret, or gives it this value; one that waits for its deletion is restored first. */
  readonly putSecret: (secret: { name: string; value: Secret; clientToken: string; tags: Tags }) => Promise<void>;
  readonly createCluster: (name: string, tags: Tags) => Promise<void>;
  /** Returns the definition's ARN. */
  readonly registerTaskDefinition: (definition: RegisterTaskDefinitionCommandInput) => Promise<string>;
  /** Desired count 0; minimum healthy 0 %, maximum 100 %, no rebalancing: one instance, fixed ports, one data directory. */
  readonly createService: (service: {
    cluster: string;
    name: string;
    definition: string;
    clientToken: string;
    tags: Tags;
  }) => Promise<void>;
  readonly updateService: (service: {
    cluster: string;
    name: string;
    definition?: string;
    desiredCount?: number;
  }) => Promise<void>;
}

export interface NewInstance {
  readonly name: string;
  readonly clientToken: string;
  readonly type: string;
  readonly ami: string;
  readonly subnetId: string;
  readonly groupId: string;
  readonly keyName: string;
  readonly profileName: string;
  readonly userData: string;
  /** Size of the root volume; without it, the AMI's own. */
  readonly rootSizeGib?: number;
  readonly tags: Tags;
}
