import type { Secret } from '../secret.ts';

/** What a registry asks for. Sent with each request, never stored on the host. */
export interface RegistryCredentials {
  readonly host: string;
  readonly username: string;
  readonly password: Secret;
}

/** JSON as the engine sends it. Parsed where it is used: engines of ten years differ. */
export type Json = Readonly<Record<string, unknown>>;

/** The Docker engine's API on a host, for looking only. Every call fails with a MigrationError. */
export interface DockerReader {
  /** `/version` */
  readonly version: () => Promise<Json>;
  /** `/info` */
  readonly info: () => Promise<Json>;
  /** Ids of all containers, running or not. */
  readonly containerIds: () => Promise<readonly string[]>;
  /** `/containers/{id}/json?size=1`; undefined where there is none. Takes a name or an id. */
  readonly inspectContainer: (id: string) => Promise<Json | undefined>;
  /** One reading of `/containers/{id}/stats`. */
  readonly stats: (id: string) => Promise<Json>;
  /** `/containers/{id}/changes`: Kind is 0 for changed, 1 for added, 2 for deleted. */
  readonly changes: (id: string) => Promise<readonly { readonly Path: string; readonly Kind: number }[]>;
  /** `/networks` */
  readonly networks: () => Promise<readonly Json[]>;
  /** `/volumes` */
  readonly volumes: () => Promise<readonly Json[]>;
  /** `/images/{id}/json`; undefined where there is none. */
  readonly inspectImage: (id: string) => Promise<Json | undefined>;
  /** Whether a registry holds `reference`, asked through this engine (`/distribution/{name}/json`). Refused credentials: `registry-denied`. */
  readonly registryHas: (reference: string, credentials: RegistryCredentials) => Promise<boolean>;
}

export interface TransferProgress {
  readonly doneBytes: number;
  /** Once it is known. */
  readonly totalBytes?: number;
}

export interface DockerWriter extends DockerReader {
  /**
   * Makes an image of what a container wrote on top of its own image, and calls it `reference`. The container is paused
   * meanwhile. Nothing of its settings goes into the image: that keeps those of the image beneath.
   */
  readonly commit: (container: string, reference: string) => Promise<void>;
  readonly tag: (imageId: string, repository: string, tag: string) => Promise<void>;
  /** Removes a tag, never with force, and never the last one of an image: then it stays, and the answer is false. */
  readonly untag: (reference: string) => Promise<boolean>;
  /** Removes an image, never with force; not an error where it is gone already. */
  readonly removeImage: (reference: string) => Promise<void>;
  readonly push: (
    reference: string,
    credentials: RegistryCredentials,
    onProgress: (progress: TransferProgress) => void,
    signal?: AbortSignal,
  ) => Promise<void>;
  readonly pull: (
    reference: string,
    credentials: RegistryCredentials,
    onProgress: (progress: TransferProgress) => void,
    signal?: AbortSignal,
  ) => Promise<void>;
  /** Stops with the container's own stop timeout. Not an error where it has stopped already. */
  readonly stop: (id: string) => Promise<void>;
  /** Not an error where it runs already. */
  readonly start: (id: string) => Promise<void>;
  /** `docker update --restart`. */
  readonly setRestartPolicy: (
    id: string,
    policy: { readonly Name: string; readonly MaximumRetryCount: number },
  ) => Promise<void>;
}
