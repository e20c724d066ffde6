import { inspect } from 'node:util';

const redacted = '[redacted]';

/**
 * A value that must never be shown. Printing, logging and JSON all yield `[redacted]`; only `reveal()` gives the
 * value, so a search for `reveal(` finds every place where a secret leaves this type.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  equals(other: Secret): boolean {
    return this.#value === other.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [inspect.custom](): string {
    return redacted;
  }
}

/** The plain text of a value that may be secret. */
export const reveal = (value: string | Secret): string => (value instanceof Secret ? value.reveal() : value);
