/** One fact the operator should know before saying yes. */
export interface Finding {
  /** A blocker stops `run` until it is settled by `accept: ["<code>:<subject>"]` or by the setting that resolves it. */
  readonly level: 'info' | 'warning' | 'blocker';
  readonly code: string;
  /** What it is about: a container, a volume, a port. */
  readonly subject: string;
  readonly message: string;
  readonly remedy?: string;
}

/** What becomes of one container setting that is not a default. */
export interface AccountingRow {
  readonly container: string;
  /** Docker's own name of the setting, e.g. `HostConfig.Memory`. */
  readonly setting: string;
  readonly value: string;
  readonly fate: 'mapped' | 'approximated' | 'lost';
  /** Where it went (`memory: 512`), what changes, or what to do about it. */
  readonly detail: string;
}
