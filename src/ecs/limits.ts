import type { Workload } from '../design.ts';
import type { Finding } from '../finding.ts';
import { checkDefinition } from './definition-checks.ts';
import { groupedBy } from './grouped-by.ts';
import { reservedPorts } from './network-checks.ts';
import { sharedData } from './shared-data.ts';

/** What RegisterTaskDefinition and the scheduler would refuse (§2), found before anything is called. */
export const checkLimits = (workloads: readonly Workload[]): Finding[] => [
  ...checkDefinitions(workloads),
  ...checkHostPorts(workloads),
  ...sharedData(workloads),
];

/** The same for what is registered alone, and not placed. */
export const checkDefinitions = (workloads: readonly Workload[]): Finding[] =>
  workloads.flatMap(({ name, taskDefinition }) =>
    checkDefinition(taskDefinition).map(({ code, message }) => blocker(code, name, message)),
  );

/** All tasks share one instance, so a host port is unique over all of them; the instance has 100. */
function checkHostPorts(workloads: readonly Workload[]): Finding[] {
  const all = workloads.flatMap(({ name, taskDefinition: { containerDefinitions = [] } }) => {
    const ports = containerDefinitions.flatMap(({ portMappings = [] }) =>
      portMappings
        .filter(({ hostPort }) => hostPort)
        .map(({ hostPort, protocol = 'tcp' }) => `${hostPort}/${protocol}`),
    );
    return [...new Set(ports)].map((port) => ({ name, port }));
  });
  const clashes = [...groupedBy(all, ({ port }) => port)]
    .filter(([, names]) => names.length > 1)
    .map(([port, names]) =>
      blocker(
        'host-port-twice',
        port,
        `Host port ${port} is mapped multiple times: ${names.map(({ name }) => name).join(', ')}.`,
      ),
    );
  const most = 100 - reservedPorts.length;
  return all.length > most
    ? [...clashes, blocker('host-ports', 'instance', `${all.length} host ports; one instance has ${most} to give`)]
    : clashes;
}

const blocker = (code: string, subject: string, message: string): Finding => ({
  level: 'blocker',
  code,
  subject,
  message,
  remedy: 'ECS refuses this. Change the container on the source, or group otherwise with "workloads:" in ecsodus.yaml.',
});
