/** The migration's folder on the operator's machine, `.ecsodus/<name>/` (0700). Paths are relative to it. */
export interface StateReader {
  readonly directory: string;
  /** Undefined where there is no such file. */
  readonly read: (file: string) => Promise<string | undefined>;
}

export interface StateWriter extends StateReader {
  /** Whole-file write, by rename, 0600, on the disk before it returns. */
  readonly write: (file: string, text: string) => Promise<void>;
  readonly remove: (file: string) => Promise<void>;
}
