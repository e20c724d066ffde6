import type { AwsReader, AwsWriter, Identity, Instance, Subnet, Volume } from './aws/aws.ts';
import type { Config } from './config.ts';
import type { Design } from './design.ts';
import type { Finding } from './finding.ts';
import type { HostReader, HostWriter } from './host.ts';
import type { HostFacts, Inventory } from './inventory.ts';
import type { StateReader, StateWriter } from './state.ts';

export type Verb = 'create' | 'update' | 'copy' | 'start' | 'stop' | 'delete' | 'record';

/**
 * One effect a step will have; the unit of the journal. JSON throughout, and its id is made from names, never from ids
 * that AWS hands out, so that the dry run's ids are the run's.
 */
export interface Change {
  readonly id: string;
  readonly verb: Verb;
  /** What is changed, in the operator's words. */
  readonly target: string;
  readonly reason: string;
  /** Bytes to move, where the change moves any. */
  readonly bytes?: number;
  /** Changes that follow one another with the same word here do not need one another, and are made at once. */
  readonly together?: string;
  /** A stop that is asked for ends it where it is, and it goes on from there when it is made again. Others are made to their end. */
  readonly mayStop?: true;
}

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'skip' | 'fail';
  readonly reason: string;
}

/** An output that an earlier step has not produced yet. */
export interface Unknown {
  readonly unknownUntil: string;
}

export type Known<T> = T | Unknown;

export const unknown = (step: string): Unknown => ({ unknownUntil: step });
export const isKnown = <T>(value: Known<T>): value is T =>
  !(typeof value === 'object' && value !== null && 'unknownUntil' in value);

/** What steps find out for the steps after them, by the step that gives it. */
export interface Outputs {
  // connect
  readonly sourceFacts: HostFacts;
  readonly identity: Identity;
  /** The fence on the data disk; unknown until the disk is mounted. */
  readonly owner: Known<Owner>;
  // inventory
  readonly inventory: Inventory;
  readonly design: Design;
  // provision
  readonly subnet: Subnet;
  readonly instance: Known<Instance>;
  readonly volume: Known<Volume>;
  // register-tasks: ARN of the registered definition by workload
  readonly definitions: Readonly<Record<string, Known<string>>>;
}

/** The fence: whoever owns the data is never written over. */
export type Owner = 'source' | 'target';

/** What planning may use: readers only, so that a write in `plan` does not compile. */
export interface ReadContext extends Outputs {
  readonly config: Config;
  readonly source: HostReader;
  /** The container instance over SSH; undefined while it is unknown, not running, or its host key is not pinned. */
  readonly target: (instance: Known<Instance>) => Promise<HostReader | undefined>;
  readonly aws: AwsReader;
  readonly state: StateReader;
}

export interface WriteContext extends ReadContext {
  readonly source: HostWriter;
  readonly target: (instance: Known<Instance>) => Promise<HostWriter | undefined>;
  readonly aws: AwsWriter;
  readonly state: StateWriter;
  readonly progress: (progress: Progress) => void;
  /** Aborted by the second Ctrl-C; long waits should end on it. */
  readonly signal: AbortSignal;
}

export interface Progress {
  /** A few words: what is happening. */
  readonly message: string;
  readonly doneBytes?: number;
  readonly totalBytes?: number;
  readonly bytesPerSecond?: number;
  /** What is said lasts since then (ISO 8601), and until something else is said. */
  readonly since?: string;
}

export interface Plan<C extends Change = Change> {
  readonly changes: readonly C[];
  readonly outputs: Partial<Outputs>;
  readonly findings: readonly Finding[];
}

/** One stage of the migration. The file's name is its id. An empty plan means done. */
export interface Step<C extends Change = Change> {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly string[];
  /** Observes the world and says what is left to do. Writes nothing. */
  readonly plan: (context: ReadContext) => Promise<Plan<C>>;
  /** Makes one change true. Must be safe to repeat when an earlier try was cut off. */
  readonly apply: (change: C, context: WriteContext) => Promise<void>;
  /**
   * Begins with the first change and goes on beside them all; the function it gives ends it, however they went. Its
   * progress is told under the step's own id.
   */
  readonly during?: (context: WriteContext) => () => Promise<void>;
  /** Looks again, independently of what `apply` reported. */
  readonly verify: (context: ReadContext) => Promise<readonly Check[]>;
}

/**
 * A step for the list of all steps. Its own change type is forgotten there: changes come from its own `plan`, or from
 * the journal, where they were written whole.
 */
export const asStep = <C extends Change>(step: Step<C>): Step => step as unknown as Step;
