import type { HostEntry, PortMapping } from '@aws-sdk/client-ecs';
import type { PortRewrite } from '../design.ts';
import { type AccountingRow, type Finding, withoutBlocker } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { type Call, isStrong } from './calls.ts';
import { groupedBy } from './grouped-by.ts';
import {
  type Allotment,
  allotPorts,
  calledPorts,
  claimsOf,
  type Reached,
  rewritesFor,
  type WantedPorts,
} from './host-ports.ts';
import { bridgeAddress, networkModeOf } from './network-rules.ts';
import { publishedMappings } from './ports.ts';
import { across, secondPort, unreachable, wishFindings } from './route-findings.ts';

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
  /** Callers that do not run. */
  readonly idle?: readonly Container[];
  readonly ports?: WantedPorts | undefined;
}

/**
 * §5: from one task to another a name can lead to the bridge's address only, where its port must be published. So what is
 * called is published, closed to the world; where two want one port, those that can be called at another are.
 */
export function routesFor(asked: Asked): Routes {
  const { links, containers, idle = [], ports } = asked;
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
  const routes = new Map([...containers, ...idle].map((container) => [container, route(container)]));
  const toSay = ({ call, at, missing }: Judged): Finding => {
    const finding = missing.length === 0 ? across(call, at) : unreachable(call, missing);
    return idle.includes(call.caller) ? withoutBlocker(finding) : finding;
  };
  return {
    routeOf: (container) => routes.get(container) ?? noRoute,
    unreached: judged
      .filter(({ missing }) => missing.length > 0)
      .map(({ call }) => call)
      .filter(isStrong),
    findings: [...judged.map(toSay), ...allotted.flatMap(secondPort), ...wishFindings(allotted, containers, ports)],
  };
}

/** A mere word opens no port of the instance; where the port is open already, the name may lead there. */
const deservesPort = (call: Call): boolean =>
  isStrong(call) || calledPorts(call).every((each) => isOpen(call, each.port));

const isOpen = ({ callee }: Call, port: number): boolean =>
  publishedMappings(callee).some((each) => each.containerPort === port && each.hostPort === port);

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
