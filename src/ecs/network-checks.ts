import { isIP } from 'node:net';
import type { PortMapping, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import type { ContainerCheck } from './container-checks.ts';
import { isEphemeral } from './ports.ts';

/** Ports of sshd, Docker and the ECS agent on every container instance. */
export const reservedPorts: readonly number[] = [22, 2375, 2376, 51678, 51679, 51680];

const mappingsOf = ({ portMappings }: { portMappings?: PortMapping[] | undefined }): readonly PortMapping[] =>
  portMappings ?? [];

/** §2, one row for each rule on what a container has to do with others: names, links, ports. */
export const networkChecks: Readonly<Record<string, ContainerCheck>> = {
  'links-mode': ({ links = [] }, { networkMode = 'bridge' }) => [
    links.length > 0 && networkMode !== 'bridge' && 'links need the network mode bridge',
  ],
  'links-target': ({ links = [] }, { containerDefinitions = [] }) => {
    const missing = links.filter((link) => !containerDefinitions.some(({ name }) => name === link.split(':')[0]));
    return [missing.length > 0 && `could not resolve the link ${missing.join(', ')}`];
  },
  'depends-on': ({ dependsOn = [] }, task) => dependsOn.map((each) => dependencyProblem(each, task)),
  'network-settings': ({ hostname, extraHosts = [], dnsServers = [], dnsSearchDomains = [] }, { networkMode }) => [
    networkMode === 'awsvpc' && hostname !== undefined && 'hostname is not supported with awsvpc',
    networkMode === 'awsvpc' && (dnsServers.length > 0 || dnsSearchDomains.length > 0) && 'DNS settings need bridge',
    ['awsvpc', 'host'].includes(networkMode ?? '') &&
      extraHosts.length > 0 &&
      `extraHosts do not go with ${networkMode}`,
  ],
  'extra-hosts-address': ({ extraHosts = [], dnsServers = [] }) =>
    [...extraHosts.map(({ ipAddress = '' }) => ipAddress), ...dnsServers].map(
      (address) => isIP(address) === 0 && `"${address}" is no IP address`,
    ),
  'host-port-mode': (container, { networkMode }) =>
    mappingsOf(container).map(
      ({ hostPort, containerPort }) =>
        ['host', 'awsvpc'].includes(networkMode ?? '') &&
        hostPort !== undefined &&
        hostPort !== 0 &&
        hostPort !== containerPort &&
        `with the network mode ${networkMode}, hostPort must equal containerPort`,
    ),
  'ports-without-network': (container, { networkMode }) => [
    networkMode === 'none' && mappingsOf(container).length > 0 && 'port mappings do not go with the network mode none',
  ],
  'port-range': (container) =>
    mappingsOf(container).map(
      ({ containerPort = 0, hostPort = 0 }) =>
        (containerPort < 1 || containerPort > 65535 || hostPort < 0 || hostPort > 65535) &&
        `${hostPort}:${containerPort} is no pair of ports`,
    ),
  'port-protocol': (container) =>
    mappingsOf(container).map(
      ({ protocol = 'tcp' }) => !['tcp', 'udp'].includes(protocol) && `no protocol ${protocol}`,
    ),
  'host-port-reserved': (container) => portProblems(mappingsOf(container)),
};

function dependencyProblem(
  { containerName, condition }: { containerName?: string | undefined; condition?: string | undefined },
  { containerDefinitions = [] }: RegisterTaskDefinitionCommandInput,
): string | undefined {
  const target = containerDefinitions.find(({ name }) => name === containerName);
  if (target === undefined) return `it depends on ${containerName}, which is not in its task`;
  if (condition === 'HEALTHY' && target.healthCheck === undefined)
    return `it waits for ${containerName} to be healthy, which has no health check`;
  const isEnd = condition === 'COMPLETE' || condition === 'SUCCESS';
  return isEnd && target.essential !== false
    ? `it waits for the end of ${containerName}, which is essential`
    : undefined;
}

function portProblems(mappings: readonly PortMapping[]): (string | undefined)[] {
  return mappings.map(({ hostPort = 0, protocol }) => {
    if (protocol !== 'udp' && reservedPorts.includes(hostPort))
      return `host port ${hostPort} is reserved for the instance itself`;
    return isEphemeral(hostPort) ? `host port ${hostPort} is in the ephemeral range 32768–60999` : undefined;
  });
}
