import type { HostInFile } from '../queries/hosts-in-files.ts';

/** What the host does beside Docker, and would be missed on an instance that has none of it. Secrets are redacted. */
export interface Surroundings {
  /** IPv4 addresses that mean the source, its bridges or its provider, wherever they stand. */
  readonly addresses: readonly string[];
  /** The machine's maker: DigitalOcean. */
  readonly vendor: string;
  /** Europe/Berlin; empty where unknown, and where it is the instance's own, UTC. */
  readonly timeZone: string;
  readonly jobs: readonly CronJob[];
  /** Units that are no package's. */
  readonly units: readonly HostUnit[];
  /** Names of enabled units, packages' own among them. */
  readonly enabled: readonly string[];
  /** TCP sockets that programs of the host itself listen on. */
  readonly listeners: readonly Listener[];
  /** Names of the host's own programs, each once. */
  readonly programs: readonly string[];
  /** Names of the certificates in /etc/letsencrypt. */
  readonly certificates: readonly string[];
  readonly acmeFolders: readonly string[];
  /** `iptables-save`. */
  readonly iptables: string;
  /** `inet firewalld` */
  readonly nftTables: readonly string[];
  /** From sysctl.conf and sysctl.d, by dotted name. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Values of those that containers are known to need. */
  readonly sysctlsNow: Readonly<Record<string, string>>;
  /** daemon.json, with what dockerd's command line says in the same words; undefined where daemon.json is no JSON. */
  readonly daemon: Readonly<Record<string, unknown>> | undefined;
  /** Lines of /etc/hosts beyond the usual ones. */
  readonly hosts: readonly string[];
  readonly modules: readonly string[];
  readonly swapBytes: number;
  readonly disks: readonly AttachedDisk[];
  /** By container id. */
  readonly systems: Readonly<Record<string, ContainerSystem>>;
  readonly hostsInFiles: readonly HostInFile[];
}

export interface CronJob {
  /** Where it stands on the source. */
  readonly file: string;
  /** Five fields, or `@daily`. */
  readonly schedule: string;
  readonly command: string;
  /** `PATH=/usr/local/bin:/usr/bin` */
  readonly environment: readonly string[];
  /** Differs from the host's where the crontab says so. */
  readonly timeZone: string;
  readonly holdsSecret: boolean;
  /** The lines about Docker in the script that it runs. */
  readonly dockerLines: readonly string[];
}

export interface HostUnit {
  /** `backup.timer` */
  readonly name: string;
  readonly enabled: boolean;
  /** What it runs: `ExecStart`, or the schedule of a timer. */
  readonly does: string;
}

export interface Listener {
  /** Empty where unknown. */
  readonly program: string;
  readonly address: string;
  readonly port: number;
}

/** A volume of DigitalOcean's. */
interface AttachedDisk {
  readonly name: string;
  readonly mountPoints: readonly string[];
}

/** What a running container is made of; what could not be read is missing. */
export interface ContainerSystem {
  /** `centos`, `debian`, `alpine` */
  readonly distribution?: string;
  readonly version?: string;
  /** glibc: `2.12` */
  readonly libc?: string;
  /** `1.8.0_292` */
  readonly java?: string;
  /** The program of its first process. */
  readonly init?: string;
}
