/** One container of the torture stack: how its owner once started it, and what that sets. */
export interface Row {
  readonly name: string;
  /** Flags of `docker create`, as shell words. */
  readonly flags: string;
  /** `plain` sets a command only; `full` everything an image can set. */
  readonly image: 'plain' | 'full';
  readonly args?: string;
  /** `docker network connect` with these words before the container's name. */
  readonly connect?: readonly string[];
  /** Settings, by inspect path, that are to be on the container and not a default: the stack is checked for it. */
  readonly covers: readonly string[];
  /**
   * What it calls, as it says it itself: host and port, as text for its own shell. And who has to answer: that
   * container's name.
   */
  readonly calls?: Readonly<Record<string, string>>;
  /** For settings that the docker command has no flag for: the body of `POST /containers/create`. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** It ends by itself, and stays behind on the source. */
  readonly ends?: true;
}

/** The flags by which docker compose makes a service's container. */
export function compose(project: string, service: string, dependsOn = ''): string {
  const labels = {
    project,
    service,
    'container-number': '1',
    oneoff: 'False',
    'config-hash': '0'.repeat(64),
    'project.working_dir': `/srv/${project}`,
    'project.config_files': `/srv/${project}/docker-compose.yml`,
    depends_on: dependsOn,
  };
  const words = Object.entries(labels).map(([key, value]) => `--label com.docker.compose.${key}=${value}`);
  return `--network ${project}_default --network-alias ${service} --restart unless-stopped ${words.join(' ')}`;
}
