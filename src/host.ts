import type { Duplex } from 'node:stream';
import type { DockerReader, DockerWriter } from './docker/docker.ts';
import type { Query } from './query.ts';
import type { Secret } from './secret.ts';
import type { Listening } from './ssh/connection.ts';

/** A host over its one SSH connection, for looking only: it runs nothing but branded queries. */
export interface HostReader {
  /** The ssh alias or address, as the operator knows it. */
  readonly name: string;
  /** Its IP address as the operator's connection reaches it. */
  readonly address: string;
  /** Standard output of a query, run as root. A non-zero exit is a MigrationError `command-failed`. */
  readonly read: (query: Query) => Promise<string>;
  readonly docker: DockerReader;
  /** A connection to a TCP port of the host's own loopback, whatever stands before the host. */
  readonly openPort: (port: number) => Promise<Duplex>;
}

export interface HostWriter extends HostReader {
  /** Runs a shell script as root (through sudo where the login is not root); returns its standard output. */
  readonly run: (script: string, options?: RunOptions) => Promise<string>;
  /** Lets the host listen at a port of its own loopback, and gives each connection that is made there. */
  readonly listen: (onConnection: (connection: Duplex) => void) => Promise<Listening>;
  readonly docker: DockerWriter;
}

export interface RunOptions {
  /** Standard input; a secret goes nowhere else. */
  readonly input?: string | Secret;
  /** Takes standard output as it arrives; `run` then returns none of it. */
  readonly onOutput?: (text: string) => void;
  readonly signal?: AbortSignal;
}
