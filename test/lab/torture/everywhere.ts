import type { Difference, Pair } from './explain.ts';

/** What ECS does to every container, whatever its definition says: never a setting's own difference. */
interface Rule {
  readonly path: RegExp;
  readonly holds: (difference: Difference, pair: Pair) => boolean;
  /** With the section of ecs-mapping that says so. */
  readonly why: string;
}

const isNew = ({ source }: Difference): boolean => source === undefined;
const said = (value: string | undefined): unknown => (value === undefined ? undefined : JSON.parse(value));

export const everywhere: readonly Rule[] = [
  {
    path: /^Config\.Labels\.com\.amazonaws\.ecs\.(task-arn|container-name|task-definition-family|task-definition-version|cluster)$/,
    holds: isNew,
    why: '§3 Labels: the agent’s own',
  },
  {
    path: /^Config\.Env\.(ECS_CONTAINER_METADATA_URI(_V4)?|ECS_AGENT_URI|AWS_CONTAINER_CREDENTIALS_RELATIVE_URI|AWS_REGION|AWS_DEFAULT_REGION)$/,
    holds: isNew,
    why: '§3 Injected env',
  },
  {
    path: /^HostConfig\.RestartPolicy$/,
    holds: ({ source, target }) => ['always', 'unless-stopped'].includes(String(said(source))) && said(target) === 'no',
    why: '§1.5 RestartPolicy: never passed to Docker; the service keeps it running',
  },
  {
    path: /^HostConfig\.CpuShares$/,
    holds: (difference, { definition }) =>
      isNew(difference) && said(difference.target) === Math.max(2, definition.cpu ?? 0),
    why: '§1.2 CpuShares: Docker’s default becomes 2, or its part of what those with shares have',
  },
  {
    path: /^HostConfig\.MemoryReservation$/,
    holds: (difference, { source }) => isNew(difference) && !source.has('HostConfig.Memory'),
    why: '§1.2 both 0: ECS wants one of them, and a reservation limits nothing',
  },
  {
    path: /^HostConfig\.CgroupParent$/,
    holds: (difference) => isNew(difference) && /ecstasks-[0-9a-f]+\.slice"$/.test(difference.target ?? ''),
    why: '§1.2 CgroupParent: the agent’s own',
  },
  {
    path: /^Config\.StopTimeout$/,
    holds: ({ source, target }, { definition }) =>
      target === undefined && said(source) === `${definition.stopTimeout ?? 30} s`,
    why: '§3 Stop: the agent says it when it stops the container',
  },
  {
    path: /^Config\.ExposedPorts\./,
    holds: (difference, { definition }) =>
      isNew(difference) &&
      (definition.portMappings ?? []).some(
        ({ containerPort, protocol = 'tcp' }) => difference.path === `Config.ExposedPorts.${containerPort}/${protocol}`,
      ),
    why: '§1.1 ExposedPorts: the agent exposes what it maps; that it maps it is a difference of its own',
  },
  {
    path: /^HostConfig\.(Links|ExtraHosts)\./,
    holds: (difference, { names }) =>
      isNew(difference) && names.includes(difference.path.replace(/^HostConfig\.(Links|ExtraHosts)\./, '')),
    why: '§1.4, §5: a name that Docker’s DNS or a link answered for',
  },
];
