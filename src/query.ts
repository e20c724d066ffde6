const readOnly: unique symbol = Symbol('read-only');

/** A shell script that only looks. Made nowhere but in src/queries/, so that planning cannot run anything else. */
export interface Query {
  readonly script: string;
  readonly [readOnly]: true;
}

export const query = (script: string): Query => ({ script, [readOnly]: true });
