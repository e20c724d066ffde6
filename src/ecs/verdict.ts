import type { ContainerDefinition, IpcMode, NetworkMode, PidMode, Volume } from '@aws-sdk/client-ecs';
import type { AccountingRow, Finding } from '../finding.ts';
import type { Container, Image } from '../inventory.ts';
import { isEmpty, type Json, recordOf, shown } from './json.ts';
import type { Places } from './places.ts';

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
  readonly fate: AccountingRow['fate'];
  readonly detail: string;
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
  /** Names of the containers of its task, itself included. */
  readonly mates: readonly string[];
  /** Names of all containers that move. */
  readonly moved: readonly string[];
  /** `valueFrom` of a variable that moves to a parameter. */
  readonly parameterArn: (variable: string) => string | undefined;
}

/** Called with a value that is not a default. No verdict at all means that another rule accounts for it. */
export type Rule = (value: unknown, subject: Subject) => readonly Verdict[];

type Piece = Partial<ContainerDefinition>;
type Extra = Pick<Verdict, 'at' | 'value' | 'task' | 'finding'> & {
  /** Says where it went, where the piece itself must not be shown: it may hold a secret. */
  readonly detail?: string;
};

export const mapped = (container: Piece, extra: Extra = {}): Verdict => ({
  fate: 'mapped',
  detail: piece(container),
  container,
  ...extra,
});

export const approximated = (container: Piece, change: string, extra: Extra = {}): Verdict => ({
  fate: 'approximated',
  container,
  ...extra,
  detail: [extra.detail ?? piece(container), change].filter((part) => part !== '').join('; '),
});

/** Nothing has to be carried for it to hold on ECS too. */
export const nothing = (why: string, extra: Extra = {}): Verdict => ({ fate: 'mapped', detail: why, ...extra });

export const lost = (code: string, message: string, remedy: string, extra: Extra = {}): Verdict => ({
  fate: 'lost',
  detail: remedy,
  finding: warning(code, message, remedy),
  ...extra,
});

export const blocked = (code: string, message: string, remedy: string, extra: Extra = {}): Verdict => ({
  fate: 'lost',
  detail: remedy,
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
