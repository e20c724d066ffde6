import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import type { AccountingRow, Finding } from './finding.ts';

/** What the source's containers become on ECS: pure data, made from inventory and config. */
export interface Design {
  readonly workloads: readonly Workload[];
  readonly datasets: readonly Dataset[];
  readonly images: readonly WantedImage[];
  readonly accounting: readonly AccountingRow[];
  readonly findings: readonly Finding[];
}

/** A set of containers that becomes one task definition and one service, both called `name`. */
export interface Workload {
  readonly name: string;
  /** Source container names in the order they start. They are stopped in the reverse order. */
  readonly containers: readonly string[];
  readonly definition: RegisterTaskDefinitionCommandInput & { readonly family: string };
  readonly secrets: readonly WorkloadSecret[];
  /** TCP ports published to the world on the source. Those bound to one address, like 127.0.0.1, are not among them. */
  readonly ports: readonly number[];
  /** Containers (by definition name) whose memory reservation comes from a sample of use, and not from a setting. */
  readonly sampledMemory: readonly string[];
}

/** An environment variable whose value moves to an SSM SecureString parameter. The value itself is not here. */
export interface WorkloadSecret {
  readonly container: string;
  readonly variable: string;
  /** `/ecsodus/<name>/<workload>/<VARIABLE>` */
  readonly parameter: string;
}

/** One directory or file to carry. */
export interface Dataset {
  /** Path under /data, e.g. `volumes/db-data` or `binds/srv/www`. */
  readonly name: string;
  readonly kind: 'directory' | 'file';
  readonly source: string;
  readonly target: string;
  readonly bytes: number;
  readonly files: number;
  /** Names of the source containers that mount it. */
  readonly containers: readonly string[];
}

export interface WantedImage {
  readonly id: string;
  /** Repository within the registry: `<name>/<image>`. */
  readonly repository: string;
  /** First 12 hex digits of the image id: a tag that exists is the same image. */
  readonly tag: string;
  /** `<registry host>/<repository>:<tag>` */
  readonly reference: string;
  readonly bytes: number;
}
