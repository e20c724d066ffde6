import type { HostEntry, PortMapping } from '@aws-sdk/client-ecs';
import type { PortRewrite } from '../design.ts';
import type { AccountingRow, Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { type Call, isStrong, whyOf } from './calls.ts';
import { dependency } from './evidence.ts';
import { type Allotment, allotPorts, calledPorts, claimsOf, saysPort, type WantedPorts } from './host-ports.ts';
import { bridgeAddress, networkModeOf } from './network-rules.ts';
import { publishedMappings } from './ports.ts';

/** What a container needs for names that lead by a host port of the instance. */
export interface Route {
  readonly extraHosts: readonly HostEntry[];
  /** Not published on the source: for calls only. */
  readonly portMappings: readonly PortMapping[];
  readonly rewrites: readonly PortRewrite[];
  readonly accounting: readonly AccountingRow[];
}

interface Asked {
  readonly calls: readonly Call[];
  /** Those of them that links lead. None leads into another task, or closes a circle. */
  readonly links: readonly Call[];
  readonly containers: readonly Container[];
  readonly ports?: WantedPorts | undefined;
}

/**
 * §5: from one task to another a name can lead to the bridge's address only, where its port must be published. So what is
 * called is published, closed to the world; where two want one port, those that can be called at another are.
 */
export function routesFor(asked: Asked): { routeOf: (container: Container) => Route; findings: Finding[] } {
  const { links, containers, ports } = asked;
  const calls = asked.calls.filter((call) => !links.includes(call));
  const allotted = allotPorts(claimsOf(calls.filter(deservesPort)), containers, ports);
  const judged = calls.map((call) => judge(call, allotted));
  const reached = judged.filter(({ missing }) => missing.length === 0);
  const routeOf = (container: Container): Route => ({
    extraHosts: namesThatLead(
      reached.filter(({ call }) => call.caller === container).map(({ call }) => call),
      links.flatMap(({ caller, names }) => (caller === container ? names : [])),
    ),
    portMappings: opened(container, allotted),
    rewrites: reached.flatMap(({ call, at }) => (call.caller === container ? at.flatMap(rewritesFor(call)) : [])),
    accounting: opened(container, allotted).map((mapping) => openedRow(container, mapping, calls)),
  });
  return {
    routeOf,
    findings: [
      ...judged.map(({ call, at, missing }) =>
        missing.length === 0 ? across(call, at) : unreachable(call, missing, containers),
      ),
      ...allotted.flatMap(secondPort),
      ...wishFindings(allotted, containers, ports),
    ],
  };
}

/** A mere word opens no port of the instance; where the port is open already, the name may lead there. */
const deservesPort = (call: Call): boolean =>
  isStrong(call) || calledPorts(call).every((each) => isOpen(call, each.port));

const isOpen = ({ callee }: Call, port: number): boolean =>
  publishedMappings(callee).some((each) => each.containerPort === port && each.hostPort === port);

type Reached = Allotment & { readonly hostPort: number };

interface Judged {
  readonly call: Call;
  readonly at: readonly Reached[];
  /** Why it does not reach it. */
  readonly missing: readonly string[];
}

/** A call that names its ports needs them all; one that does not is served where one of the exposed ports is to be had. */
function judge(call: Call, allotted: readonly Allotment[]): Judged {
  const own = allotted.filter(({ claim }) => claim.calls.includes(call));
  const at = own.filter((each): each is Reached => each.hostPort !== undefined);
  const refused = own.flatMap((each) =>
    each.hostPort === undefined ? [`port ${each.claim.port}, whose number ${each.holder} has on the instance`] : [],
  );
  if (networkModeOf(call.caller) !== 'bridge')
    return { call, at, missing: ['extra hosts, which its network mode excludes'] };
  if (own.length === 0)
    return {
      call,
      at,
      missing: [isStrong(call) ? 'its port, which is not known' : 'its port, which is not published'],
    };
  const isSaid = own.some(({ claim }) => claim.said);
  return { call, at, missing: isSaid || at.length === 0 ? refused : [] };
}

const opened = (container: Container, allotted: readonly Allotment[]): PortMapping[] =>
  allotted.flatMap((each) =>
    each.claim.callee === container && each.hostPort !== undefined && each.isNew
      ? [{ containerPort: each.claim.port, hostPort: each.hostPort, protocol: each.claim.protocol }]
      : [],
  );

/** One name leads to one address: what a link of its task has is not taken from it. */
const namesThatLead = (calls: readonly Call[], linked: readonly string[]): HostEntry[] =>
  [...new Set(calls.flatMap(({ names }) => names))]
    .filter((name) => !linked.includes(name))
    .map((hostname) => ({ hostname, ipAddress: bridgeAddress }));

const rewritesFor =
  ({ names, evidence }: Call) =>
  ({ claim, hostPort }: Reached): PortRewrite[] =>
    hostPort === claim.port
      ? []
      : [
          ...new Set(evidence.filter((each) => saysPort(each, claim.port)).flatMap(({ variable }) => variable ?? [])),
        ].map((variable) => ({ variable, hosts: names, from: claim.port, to: hostPort }));

function openedRow({ name }: Container, mapping: PortMapping, calls: readonly Call[]): AccountingRow {
  const { containerPort, hostPort, protocol } = mapping;
  const callers = calls
    .filter((call) => call.callee.name === name && calledPorts(call).some(({ port }) => port === containerPort))
    .map(({ caller }) => caller.name);
  return {
    container: name,
    setting: `HostConfig.PortBindings.${containerPort}/${protocol}`,
    value: 'not published',
    outcome: 'approximated',
    target: `portMappings: ${hostPort}:${containerPort}/${protocol}`,
    note: `published on the instance for ${[...new Set(callers)].join(', ')}, which called it on a network of the source; closed in the security group`,
  };
}

const subjectOf = ({ caller, callee }: Call): string => `${caller.name}/${callee.name}`;

function across(call: Call, at: readonly Reached[]): Finding {
  const ports = at.map(({ claim, hostPort }) =>
    hostPort === claim.port ? `${hostPort}` : `${hostPort} in place of ${claim.port}`,
  );
  const variables = [...new Set(at.flatMap(rewritesFor(call)).map(({ variable }) => variable))];
  return {
    level: 'info',
    code: 'call-across',
    subject: subjectOf(call),
    message: [
      `${call.caller.name} calls ${call.callee.name} (${whyOf(call)}) where no link leads: ${call.names.join(', ')} become ${bridgeAddress} in it, host port ${ports.join(', ')}${at.some(({ isNew }) => isNew) ? ', opened for that on the instance and closed in the security group' : ''}.`,
      ...(variables.length > 0 ? [`The port in ${variables.join(', ')} is changed in its definition.`] : []),
      ...(dependency(call.caller, call.callee) === undefined
        ? []
        : ['ECS starts the two in no order: it must bear to start first.']),
    ].join(' '),
    remedy: 'For another host port see "ports:", for one task of both "workloads:" in ecsodus.yaml.',
  };
}

function unreachable(call: Call, missing: readonly string[], containers: readonly Container[]): Finding {
  const { caller, callee } = call;
  const port = calledPorts(call)[0]?.port ?? '<port>';
  const free = typeof port === 'number' ? port + 1 : '<host port>';
  const isKnown = containers.includes(callee) && typeof port === 'number';
  return {
    level: isStrong(call) ? 'blocker' : 'warning',
    code: 'call-unreachable',
    subject: subjectOf(call),
    message: `${caller.name} calls ${callee.name} (${whyOf(call)}) where no link leads, and cannot reach ${missing.join('; ')}.`,
    remedy: [
      isKnown
        ? `Let ${caller.name} take the port from a variable on the source (then it gets another, or the one that "ports: {${callee.name}: {${port}: ${free}}}" in ecsodus.yaml says)`
        : `Expose the port on the source (--expose, or in the URL that ${caller.name} calls)`,
      'put both into one workload ("workloads:")',
      `or accept this and let ECS Service Connect carry the name afterwards.`,
    ].join('; '),
  };
}

/** §7: whether ECS takes one container port on two host ports was never tried. */
function secondPort(allotment: Allotment): Finding[] {
  const { callee, port, protocol } = allotment.claim;
  const [first] = publishedMappings(callee).filter(
    (each) => each.containerPort === port && each.protocol === protocol && each.hostPort,
  );
  if (allotment.hostPort === undefined || !allotment.isNew || first === undefined) return [];
  return [
    {
      level: 'warning',
      code: 'two-host-ports',
      subject: callee.name,
      message: `Its port ${port} is published at ${first.hostPort}, and now at ${allotment.hostPort} too, for those who called it by name; ECS has not been seen to take two host ports for one.`,
      remedy: `Publish it at ${allotment.hostPort} alone on the source if ECS refuses.`,
    },
  ];
}

/** What `ports:` asks for and does not get. */
function wishFindings(
  allotted: readonly Allotment[],
  containers: readonly Container[],
  ports: WantedPorts = {},
): Finding[] {
  const wishes = Object.entries(ports).flatMap(([name, each]) =>
    Object.entries(each).map(([port, hostPort]) => ({ name, port: Number(port), hostPort })),
  );
  return wishes.flatMap(({ name, port, hostPort }): Finding[] => {
    const got = allotted.find(({ claim }) => claim.callee.name === name && claim.port === port);
    if (got?.hostPort === hostPort) return [];
    const isThere = containers.some((each) => each.name === name);
    const why = isThere
      ? got === undefined
        ? 'nothing in another workload is seen to call it'
        : `it cannot be had: taken, reserved, or said by a caller where it cannot be changed`
      : 'no such container is running';
    return [
      {
        level: 'blocker',
        code: 'ports',
        subject: `${name}/${port}`,
        message: `"ports:" wants ${name} to be called at host port ${hostPort} for ${port}, but ${why}.`,
        remedy: 'Mend "ports:" in ecsodus.yaml.',
      },
    ];
  });
}
