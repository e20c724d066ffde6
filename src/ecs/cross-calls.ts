import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { type Call, callBetween } from './calls.ts';
import { recordOf } from './json.ts';
import { bridgeAddress, networkModeOf } from './network-rules.ts';

/** What a container needs to reach those of other workloads. */
export interface AcrossWorkloads {
  readonly piece: Partial<ContainerDefinition>;
  readonly findings: readonly Finding[];
}

/**
 * §5: from task to task a name can lead to the bridge's address only, so the port must be published under its own number.
 */
export function callsAcross(
  caller: Container,
  others: readonly Container[],
  portsOf: (container: Container) => ContainerDefinition['portMappings'],
): AcrossWorkloads {
  const calls = others.flatMap((callee) => callBetween(caller, callee) ?? []);
  const judged = calls.map((call) => ({ call, missing: missingPorts(call, portsOf(call.callee) ?? []) }));
  const reached = judged.filter(({ missing }) => missing.length === 0).map(({ call }) => call);
  const extraHosts = reached.flatMap(({ names }) => names.map((hostname) => ({ hostname, ipAddress: bridgeAddress })));
  return {
    piece: extraHosts.length === 0 ? {} : { extraHosts },
    findings: judged.map(({ call, missing }) => (missing.length === 0 ? across(call) : unreachable(call, missing))),
  };
}

/** Ports that are called, or may be, and not published under their own number. */
function missingPorts(
  { callee, evidence }: Call,
  published: NonNullable<ContainerDefinition['portMappings']>,
): string[] {
  if (networkModeOf(callee) === 'host') return [];
  const called = evidence.flatMap(({ port }) => (port === undefined ? [] : [port]));
  const exposed = Object.keys(recordOf(recordOf(callee.inspect.Config).ExposedPorts)).map((port) =>
    Number.parseInt(port, 10),
  );
  const wanted = [...new Set(called.length > 0 ? called : exposed)];
  if (wanted.length === 0) return ['its port, which is not known'];
  return wanted
    .filter((port) => !published.some((each) => each.containerPort === port && each.hostPort === port))
    .map(String);
}

const subjectOf = ({ caller, callee }: Call): string => `${caller.name}/${callee.name}`;

const reasons = ({ evidence }: Call): string => [...new Set(evidence.map(({ where }) => where))].join(', ');

const across = (call: Call): Finding => ({
  level: 'info',
  code: 'call-across',
  subject: subjectOf(call),
  message: `${call.caller.name} calls ${call.callee.name} (${reasons(call)}) in another workload: ${call.names.join(', ')} lead to ${bridgeAddress}, where its port is published.`,
});

const unreachable = (call: Call, missing: readonly string[]): Finding => ({
  level: call.evidence.some(({ strong }) => strong) ? 'blocker' : 'warning',
  code: 'call-unreachable',
  subject: subjectOf(call),
  message: `${call.caller.name} calls ${call.callee.name} (${reasons(call)}) in another workload, but ${missing.join(', ')} is not published under the same number.`,
  remedy: `Put both into one workload ("workloads:" in ecsodus.yaml), or publish the port under its own number on the source.`,
});
