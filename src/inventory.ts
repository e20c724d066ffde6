import type { Secret } from './secret.ts';

/**
 * `docker inspect` of a container, as the engine sends it (PascalCase), with `Config.Env` left out: environment is in
 * `Container.env`, where secrets are a type of their own. Deliberately loose: engines of ten years differ.
 */
export type Inspect = Readonly<Record<string, unknown>> & {
  readonly Config: Readonly<Record<string, unknown>>;
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly Mounts: readonly Mount[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, Readonly<Record<string, unknown>> | null>> };
};

export interface Mount {
  readonly Type: string;
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly Driver?: string;
  readonly Mode?: string;
  readonly RW: boolean;
  readonly Propagation?: string;
}

export interface EnvVariable {
  readonly name: string;
  /** Undefined where the container removes a variable of its image (`NAME` without `=`). */
  readonly value: string | Secret | undefined;
}

export interface Container {
  /** 64 hex digits. */
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  /** `sha256:…`: the id, since the tag in `Config.Image` may have moved. */
  readonly imageId: string;
  readonly imageName: string;
  /** Running now, or running when cut-over recorded the source's original state and stopped it. */
  readonly running: boolean;
  readonly env: readonly EnvVariable[];
  readonly inspect: Inspect;
  /** Memory in use over the sample, in bytes, page cache left out; undefined when it was not running. */
  readonly memoryBytes: number | undefined;
  /** Size of the writable layer: data outside volumes, in bytes. */
  readonly writableBytes: number;
  /** Names of other containers found in this one's bind-mounted configuration files. */
  readonly mentions: readonly Mention[];
}

export interface Mention {
  readonly name: string;
  /** The file on the source in which the name stands. */
  readonly file: string;
}

export interface Image {
  readonly id: string;
  readonly tags: readonly string[];
  /** Uncompressed size in bytes. */
  readonly bytes: number;
  /** Docker's word: amd64, arm64. */
  readonly architecture: string;
  readonly env: readonly string[];
  /** `docker image inspect`'s Config, Env left out. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** A directory or file on the source that at least one container mounts. */
export interface DataPath {
  /** Absolute path on the source. */
  readonly path: string;
  readonly kind: 'directory' | 'file' | 'other' | 'missing';
  readonly bytes: number;
  /** Entries of every type. */
  readonly files: number;
}

export interface Inventory {
  readonly containers: readonly Container[];
  readonly images: readonly Image[];
  readonly data: readonly DataPath[];
}

export interface HostFacts {
  readonly hostname: string;
  readonly os: string;
  readonly architecture: string;
  readonly dockerVersion: string;
  readonly dockerApiVersion: string;
  readonly dockerRoot: string;
  readonly storageDriver: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Bytes free for ordinary use where our snapshots go, /var/lib/ecsodus. */
  readonly freeBytes: number;
  readonly rsyncVersion: string | undefined;
  /** Address of this host as the operator reaches it. */
  readonly address: string;
  /** Address of the operator as this host sees it. */
  readonly operatorAddress: string;
}
