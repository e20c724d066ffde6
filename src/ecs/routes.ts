import type { HostEntry, PortMapping } from '@aws-sdk/client-ecs';
import type { PortRewrite } from '../design.ts';
import type { AccountingRow, Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { type Call, isStrong, whyOf } from './calls.ts';
import { dependency } from './evidence.ts';
import { groupedBy } from './grouped-by.ts';
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

interface Routes {
  readonly routeOf: (container: Container) => Route;
  /** Sure calls that get nowhere. */
  readonly unreached: readonly Call[];
  readonly findings: readonly Finding[];
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
export function routesFor(asked: Asked): Routes {
  const { links, containers, ports } = asked;
  const led = new Set(links);
  const calls = asked.calls.filter((call) => !led.has(call));
  const allotted = allotPorts(claimsOf(calls.filter(deservesPort)), containers, ports);
  const ofCall = groupedBy(
    allotted.flatMap((each) => each.claim.calls.map((call) => ({ call, each }))),
    ({ call }) => call,
  );
  const judged = calls.map((call) => judge(call, ofCall.get(call)?.map(({ each }) => each) ?? []));
  const reached = groupedBy(
    judged.filter(({ missing }) => missing.length === 0),
    ({ call }) => call.caller,
  );
  const opened = groupedBy(allotted.filter(isOpened), ({ claim }) => claim.callee);
  const linked = groupedBy(links, ({ caller }) => caller);
  const route = (container: Container): Route => {
    const calls = reached.get(container) ?? [];
    const taken = linked.get(container)?.flatMap(({ names }) => names) ?? [];
    return {
      extraHosts: namesThatLead(
        calls.map(({ call }) => call),
        taken,
      ),
      portMappings: (opened.get(container) ?? []).map(mappingOf),
      rewrites: calls.flatMap(({ call, at }) => at.flatMap(rewritesFor(call))),
      accounting: (opened.get(container) ?? []).map(openedRow),
    };
  };
  const routes = new Map(containers.map((container) => [container, route(container)]));
  return {
    routeOf: (container) => routes.get(container) ?? noRoute,
    unreached: judged
      .filter(({ missing }) => missing.length > 0)
      .map(({ call }) => call)
      .filter(isStrong),
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
function judge(call: Call, own: readonly Allotment[]): Judged {
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

const noRoute: Route = { extraHosts: [], portMappings: [], rewrites: [], accounting: [] };

const isOpened = (each: Allotment): each is Reached => each.hostPort !== undefined && each.isNew;

const mappingOf = ({ claim: { port, protocol }, hostPort }: Reached): PortMapping => ({
  containerPort: port,
  hostPort,
  protocol,
});

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

function openedRow({ claim, hostPort }: Reached): AccountingRow {
  const { callee, port, protocol, calls } = claim;
  const callers = [...new Set(calls.map(({ caller }) => caller.name))].join(', ');
  return {
    container: callee.name,
    setting: `HostConfig.PortBindings.${port}/${protocol}`,
    value: 'not published',
    outcome: 'approximated',
    target: `portMappings: ${hostPort}:${port}/${protocol}`,
    note: `published on the instance for ${callers}, which called it on a network of the source; closed in the security group`,
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
