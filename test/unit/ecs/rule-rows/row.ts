import type { Json } from '../../../../src/ecs/json.ts';

/** One setting with a value, and what is to become of it. */
export interface Row {
  readonly setting: string;
  readonly value: unknown;
  /** Part of the container definition; without it, a lost setting must leave the definition as it is without it. */
  readonly gives?: object;
  /** Part of the task definition. */
  readonly task?: object;
  readonly outcome: 'mapped' | 'approximated' | 'lost';
  /** Where entries have rows of their own. */
  readonly at?: string;
  /** Level and code of a finding; without it there is none. */
  readonly code?: string;
  /** The value as the accounting shows it. */
  readonly shown?: string;
  readonly note?: RegExp;
  readonly host?: Json;
  readonly image?: Json;
  readonly env?: readonly string[];
}

export const mib = 1024 ** 2;
export const linux = (linuxParameters: object) => ({ linuxParameters });
