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

export const blocker = (code: string, subject: string, message: string, remedy: string): Finding => ({
  level: 'blocker',
  code,
  subject,
  message,
  remedy,
});

/** Of something that nothing waits for: what would stop it later is no reason to stop now. */
export const withoutBlocker = (finding: Finding): Finding =>
  finding.level === 'blocker' ? { ...finding, level: 'warning' } : finding;

/** An accepted blocker (`<code>:<subject>`) stands in nobody's way: it is a warning, and says that it was read. */
export const settled = (findings: readonly Finding[], accepted: readonly string[]): Finding[] =>
  findings.map((finding) =>
    finding.level === 'blocker' && accepted.includes(`${finding.code}:${finding.subject}`)
      ? { ...finding, level: 'warning', message: `${finding.message} (A blocker, accepted in ecsodus.yaml.)` }
      : finding,
  );

/** What becomes of one container setting that is not a default. */
export interface AccountingRow {
  readonly container: string;
  /** Its path in `docker inspect`: `HostConfig.Memory`, `Config.Env.APP_MODE`, `Mounts./data`. */
  readonly setting: string;
  readonly value: string;
  readonly outcome: 'mapped' | 'approximated' | 'lost';
  /** Where it went in the task definition or service (`memory: 512`); empty where nothing carries it. */
  readonly target: string;
  /** What changes, or what to do about it; why nothing has to be carried. */
  readonly note: string;
}
