import type { Workload } from '../design.ts';
import { recordOf, textOf } from '../ecs/json.ts';
import { labelOf } from '../ecs/network-names.ts';
import type { Container } from '../inventory.ts';

/** How a container of the source is found on the instance, where the agent calls it ecs-<family>-<revision>-…. */
export interface EcsNames {
  /** The words of `docker ps` that find it, by its old name or id; undefined for a container that does not move. */
  readonly lookup: (name: string) => string | undefined;
  /** The container's name by compose's service, where only one container goes by it. */
  readonly composed: (service: string, project?: string) => string | undefined;
}

export function ecsNames(containers: readonly Container[], workloads: readonly Workload[]): EcsNames {
  const filters = new Map(
    workloads.flatMap(({ containers: names, taskDefinition: { family, containerDefinitions = [] } }) =>
      names.map((name, index): [string, string] => [name, filter(containerDefinitions[index]?.name ?? name, family)]),
    ),
  );
  return {
    lookup: (name) =>
      filters.get(name) ??
      filters.get(containers.find(({ id }) => name.length >= 12 && id.startsWith(name))?.name ?? ''),
    composed: (service, project) => {
      const found = containers.filter(
        (each) =>
          labelOf(each, 'com.docker.compose.service') === service &&
          (project === undefined || labelOf(each, 'com.docker.compose.project') === project),
      );
      return found.length === 1 ? found[0]?.name : undefined;
    },
  };
}

/** The labels that the agent gives every container (§3). */
const filter = (name: string, family: string): string =>
  `--filter label=com.amazonaws.ecs.container-name=${name} --filter label=com.amazonaws.ecs.task-definition-family=${family}`;

/** TCP ports that a container publishes to the world: at the host, and its own. */
export function publicPorts({ inspect }: Container): { hostPort: number; containerPort: number }[] {
  const bindings = recordOf(recordOf(inspect.HostConfig).PortBindings);
  return Object.entries(bindings).flatMap(([port, list]) =>
    port.endsWith('/udp') || !Array.isArray(list)
      ? []
      : list.map(recordOf).flatMap(({ HostIp, HostPort }) => {
          const isPublic = ['', '0.0.0.0', '::'].includes(textOf(HostIp));
          const hostPort = Number(textOf(HostPort));
          return isPublic && hostPort > 0 ? [{ hostPort, containerPort: Number.parseInt(port, 10) }] : [];
        }),
  );
}
