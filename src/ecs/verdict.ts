import type { ContainerDefinition, IpcMode, NetworkMode, PidMode, Volume } from '@aws-sdk/client-ecs';
import type { PortRewrite, SecretStore } from '../design.ts';
import type { AccountingRow, Finding } from '../finding.ts';
import type { Container, Image } from '../inventory.ts';
import { isEmpty, type Json, recordOf, shown } from './json.ts';
import type { Places } from './places.ts';
import { redacted } from './redact.ts';

/** What one container asks of its whole task. */
export interface TaskPart {
  readonly networkMode?: NetworkMode;
  readonly pidMode?: PidMode;
  readonly ipcMode?: IpcMode;
  readonly cpu?: string;
  readonly volumes?: readonly Volume[];
  /** TCP ports that were open to the world. */
  readonly ports?: readonly number[];
}

/** What becomes of one setting, or of one entry of it. */
export interface Verdict {
  readonly outcome: AccountingRow['outcome'];
  /** Where it went; empty where nothing carries it. */
  readonly target: string;
  /** What changes, what to do, or why nothing has to be carried. */
  readonly note: string;
  /** The entry, where a setting has several: `9000/tcp`. */
  readonly at?: string;
  /** Shown in the accounting; default: the setting's whole value. */
  readonly value?: unknown;
  readonly container?: Partial<ContainerDefinition>;
  readonly task?: TaskPart;
  readonly finding?: Omit<Finding, 'subject'>;
}

/** A container with what its rules may need to know. */
export interface Subject {
  readonly container: Container;
  readonly image: Image | undefined;
  readonly config: Json;
  readonly host: Json;
  readonly imageConfig: Json;
  /** The only container of its task. */
  readonly alone: boolean;
  readonly networkMode: NetworkMode;
  /** CPU units, 0 where no container of the host has shares of its own. */
  readonly cpu: number;
  readonly places: Places;
  /** Networks of the source by name, as the engine lists them; empty where nobody asked. */
  readonly networks: ReadonlyMap<string, Json>;
  /** Names of the containers of its task, itself included. */
  readonly mates: readonly string[];
  /** Names of all containers that move. */
  readonly moved: readonly string[];
  /** Those of them that read the engine's socket: proxies that find containers by what they expose. */
  readonly socketReaders: readonly string[];
  /** Ports that its variables call and that are others on the instance. */
  readonly rewrites: readonly PortRewrite[];
  /** Where a secret variable moves, and its `valueFrom`; undefined for `secrets: plain`. */
  readonly storedAt: (variable: string) => { readonly store: SecretStore; readonly valueFrom: string } | undefined;
}

/** Called with a value that is not a default. No verdict at all means that another rule accounts for it. */
export type Rule = (value: unknown, subject: Subject) => readonly Verdict[];

type Piece = Partial<ContainerDefinition>;
type Extra = Pick<Verdict, 'at' | 'value' | 'task' | 'finding'> & {
  /** Says where it went, where the piece itself must not be shown: it may hold a secret. */
  readonly target?: string;
};

export const mapped = (container: Piece, extra: Extra = {}): Verdict => ({
  outcome: 'mapped',
  note: '',
  container,
  ...extra,
  target: extra.target ?? targetOf(container),
});

export const approximated = (container: Piece, change: string, extra: Extra = {}): Verdict => ({
  outcome: 'approximated',
  container,
  note: change,
  ...extra,
  target: extra.target ?? targetOf(container),
});

const targetOf = (container: Piece): string => piece(recordOf(redacted(container)));

/** Nothing has to be carried for it to hold on ECS too. */
export const nothing = (why: string, extra: Extra = {}): Verdict => ({
  outcome: 'mapped',
  target: '',
  note: why,
  ...extra,
});

export const lost = (code: string, message: string, remedy: string, extra: Extra = {}): Verdict => ({
  outcome: 'lost',
  target: '',
  note: remedy,
  finding: warning(code, message, remedy),
  ...extra,
});

export const blocked = (code: string, message: string, remedy: string, extra: Extra = {}): Verdict => ({
  outcome: 'lost',
  target: '',
  note: remedy,
  finding: { level: 'blocker', code, message, remedy },
  ...extra,
});

export const warning = (code: string, message: string, remedy: string): Omit<Finding, 'subject'> => ({
  level: 'warning',
  code,
  message,
  remedy,
});

/** `linuxParameters.initProcessEnabled: true` */
function piece(part: object, path = ''): string {
  return Object.entries(part)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const name = path === '' ? key : `${path}.${key}`;
      return isEmpty(recordOf(value)) ? `${name}: ${shown(value)}` : piece(value, name);
    })
    .join(', ');
}
