import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import type { AccountingRow, Finding } from './finding.ts';

/** What the source's containers become on ECS: pure data, made from inventory and config. */
export interface Design {
  readonly workloads: readonly Workload[];
  /** Of containers that do not run on the source: a task definition each, and no service. */
  readonly idle: readonly Workload[];
  readonly datasets: readonly Dataset[];
  readonly images: readonly WantedImage[];
  /** Source containers that start others by themselves: not moved, and held off from cut-over on. */
  readonly watchers: readonly string[];
  readonly accounting: readonly AccountingRow[];
  readonly findings: readonly Finding[];
}

/** A set of containers that becomes one task definition and, unless it is idle, one service, both called `name`. */
export interface Workload {
  readonly name: string;
  /** Source container names in the order they start. They are stopped in the reverse order. */
  readonly containers: readonly string[];
  /** Why these containers are together, or one is alone: what binds them, with its evidence. */
  readonly why: readonly string[];
  readonly taskDefinition: RegisterTaskDefinitionCommandInput & { readonly family: string };
  readonly secrets: readonly WorkloadSecret[];
  /** By source container: what its variables say otherwise on ECS. */
  readonly rewrites?: Readonly<Record<string, readonly PortRewrite[]>>;
  /** TCP ports published to the world on the source. Those bound to one address, like 127.0.0.1, are not among them. */
  readonly ports: readonly number[];
  /** Containers (by definition name) whose memory reservation comes from a sample of use, and not from a setting. */
  readonly sampledMemory: readonly string[];
  /** Of those, what the settings of their databases ask for in MiB, by definition name: never less is reserved. */
  readonly databaseMemory?: Readonly<Record<string, number>>;
}

/** Where secret values go: SecureString parameters of SSM, or secrets of Secrets Manager. */
export type SecretStore = 'ssm' | 'secrets-manager';

/** An environment variable whose value moves to a store of AWS. The value itself is not here. */
export interface WorkloadSecret {
  readonly container: string;
  readonly variable: string;
  readonly store: SecretStore;
  /** `/ecsodus/<name>/<workload>/<VARIABLE>` in SSM; the same without the first slash in Secrets Manager. */
  readonly name: string;
}

/** In a variable of the container, these hosts are called at another port. */
export interface PortRewrite {
  readonly variable: string;
  readonly hosts: readonly string[];
  readonly from: number;
  readonly to: number;
}

export type DatasetKind = 'directory' | 'file';

/** One directory or file to carry. */
export interface Dataset {
  /** Path under /data, e.g. `volumes/db-data` or `binds/srv/www`. */
  readonly name: string;
  readonly kind: DatasetKind;
  readonly source: string;
  readonly target: string;
  readonly bytes: number;
  readonly files: number;
  /** Names of the source containers that mount it. */
  readonly containers: readonly string[];
  /** The container out of whose layers it is lifted: then `source` is a view, mounted anew before each reading. */
  readonly liftedFrom?: string;
}

export interface WantedImage {
  /** Of the image on the source; where a container is committed, of the image beneath what it wrote. */
  readonly id: string;
  /** Name of the container whose writable layer goes on top of the image. */
  readonly committedFrom?: string;
  /** Repository within the registry: `<name>/<image>`. */
  readonly repository: string;
  /** First 12 hex digits of the image id, and of the committed container's: a tag that exists is the same image. */
  readonly tag: string;
  /** `<registry host>/<repository>:<tag>` */
  readonly reference: string;
  readonly bytes: number;
}

/** All that is registered: what runs, and what only can be. */
export const definedBy = ({ workloads, idle }: Pick<Design, 'workloads' | 'idle'>): readonly Workload[] => [
  ...workloads,
  ...idle,
];

/** Ports that the world may reach on the instance. Port 22 is its own sshd's. */
export const publicPorts = (workloads: Design['workloads']): number[] => [
  ...new Set(workloads.flatMap(({ ports }) => ports).filter((port) => port !== 22)),
];

/** The dataset of a change of this plan. Throws where the design has none of that name. */
export function datasetNamed(name: string, { datasets }: Pick<Design, 'datasets'>): Dataset {
  const dataset = datasets.find((other) => other.name === name);
  if (dataset === undefined) throw new Error(`no dataset ${name}`);
  return dataset;
}
