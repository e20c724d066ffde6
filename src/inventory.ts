import type { Secret } from './secret.ts';
import type { Surroundings } from './surroundings/surroundings.ts';

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

/** A part of `docker inspect` that no rule sees: a key nobody knows, or a value of a type Docker does not send. */
export interface Stray {
  /** `HostConfig.LogConfig.Fancy` */
  readonly path: string;
  readonly value: unknown;
  readonly reason: 'unknown' | 'unreadable';
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
  /** What of its inspect `parseContainer` left out of the above. */
  readonly strays?: readonly Stray[];
  /** Undefined when it was not running, or was not looked at. */
  readonly usage: Usage | undefined;
  /** What its database is told about memory in configuration files; what arguments and environment say is in `inspect`. */
  readonly databaseMemory: readonly DatabaseMemory[];
  /** Size of the writable layer: data outside volumes, in bytes. */
  readonly writableBytes: number;
  /** `docker diff`, sized; undefined where the storage driver cannot tell, or nobody asked. */
  readonly layer: readonly LayerEntry[] | undefined;
  /** Names by which it reaches others, and addresses of the source, found in its bind-mounted configuration files. */
  readonly mentions: readonly Mention[];
}

/** What a container was seen to use over a sample. */
export interface Usage {
  /** Highest sum of anonymous and shared memory seen, in bytes. Page cache is left out: the kernel takes it back. */
  readonly memoryBytes: number;
  /** The kernel's own peak, which holds page cache: an upper bound only. */
  readonly peakBytes?: number;
  readonly swapBytes?: number;
  /** Times the kernel killed a process of it because memory ran out. */
  readonly oomKills?: number;
}

/** One memory setting of a database: `innodb_buffer_pool_size`, `shared_buffers`, `maxmemory`. */
export interface DatabaseMemory {
  readonly setting: string;
  readonly bytes: number;
  /** Where it stands: `argument 2`, or a file on the source. */
  readonly where: string;
}

/** What differs from the container's image: one path, or a directory that stands for all that is in it. */
export interface LayerEntry {
  /** Absolute, within the container. */
  readonly path: string;
  readonly kind: 'added' | 'changed' | 'deleted';
  /** Of all files it stands for; 0 for what is deleted. */
  readonly bytes: number;
  /** Paths it stands for, itself included where it differs. */
  readonly entries: number;
  readonly directory: boolean;
  /** Noise is made anew by whatever made it; data would be missed. */
  readonly looks: 'data' | 'noise';
}

export interface Mention {
  readonly name: string;
  /** The file on the source in which the name stands. */
  readonly file: string;
  /** The port that stands beside it: `db:3306`. */
  readonly port?: number;
  /** Whether only a host can stand there; else it is a mere word. */
  readonly strong: boolean;
}

export interface Image {
  readonly id: string;
  readonly tags: readonly string[];
  /** Uncompressed size in bytes. */
  readonly bytes: number;
  /** `windows` where it is one for Windows; else Docker's word for Linux, or nothing. */
  readonly os?: string;
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
  /** `GET /networks`, as the engine sends it; empty where nobody asked. */
  readonly networks: readonly Readonly<Record<string, unknown>>[];
  /** `GET /volumes`, as the engine sends it; empty where nobody asked. */
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
  /** The host around the containers; undefined where nobody looked. */
  readonly surroundings: Surroundings | undefined;
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
  readonly uptimeSeconds: number;
  /** Sent to the world since it booted. */
  readonly sentBytes: number;
  /** Bytes free for ordinary use where our snapshots go, /var/lib/ecsodus. */
  readonly freeBytes: number;
  readonly rsyncVersion: string | undefined;
  readonly pythonVersion: string | undefined;
  /** Address of this host as the operator reaches it. */
  readonly address: string;
  /** Address of the operator as this host sees it. */
  readonly operatorAddress: string;
}
