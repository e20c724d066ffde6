import type { PortMapping } from '@aws-sdk/client-ecs';
import type { PortRewrite } from '../design.ts';
import type { Container } from '../inventory.ts';
import { reveal } from '../secret.ts';
import type { Call } from './calls.ts';
import type { Evidence } from './evidence.ts';
import { withPort } from './hosts-in-text.ts';
import { recordOf } from './json.ts';
import { reservedPorts } from './network-checks.ts';
import { networkModeOf } from './network-rules.ts';
import { isEphemeral, publishedMappings } from './ports.ts';

/** By container and port: the host port at which others are to reach it. */
export type WantedPorts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** One port of a container that others call by the host. */
export interface Claim {
  readonly callee: Container;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly calls: readonly Call[];
  /** Whether the callers' own settings say the port; else it is one that the callee exposes. */
  readonly said: boolean;
}

/** What came of a claim: where the port is reached, or who has it. */
export type Allotment = { readonly claim: Claim } & (
  | { readonly hostPort: number; readonly isNew: boolean }
  | { readonly hostPort?: never; readonly holder: string }
);

/** An allotment that was granted. */
export type Reached = Allotment & { readonly hostPort: number };

/** Ports that are called by the host, each once. */
export function claimsOf(calls: readonly Call[]): Claim[] {
  const claims = new Map<string, Claim>();
  for (const call of calls) {
    for (const { port, protocol, said } of calledPorts(call)) {
      const key = `${call.callee.name} ${port}/${protocol}`;
      const before = claims.get(key);
      claims.set(key, {
        callee: call.callee,
        port,
        protocol,
        calls: [...(before?.calls ?? []), call],
        said: said && (before?.said ?? true),
      });
    }
  }
  return [...claims.values()];
}

/** The ports that the caller names; where it names none, those that the callee exposes, if ECS can map them. */
export function calledPorts({ callee, evidence }: Call): Pick<Claim, 'port' | 'protocol' | 'said'>[] {
  const exposed = Object.keys(recordOf(recordOf(callee.inspect.Config).ExposedPorts)).map((each) => {
    const [port, protocol] = each.split('/');
    return { port: Number(port), protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const) };
  });
  const said = [...new Set(evidence.flatMap(({ port }) => port ?? []))].map((port) => ({
    port,
    protocol: exposed.find((each) => each.port === port)?.protocol ?? ('tcp' as const),
    said: true,
  }));
  if (said.length > 0) return said;
  return exposed.filter(({ port }) => port > 0 && !isEphemeral(port)).map((each) => ({ ...each, said: false }));
}

/**
 * Gives every claim a host port (§5): its own number where it can be had, since a name leads to an address and not to a port;
 * another one where all callers' variables can be given it. Those that cannot move come first.
 */
export function allotPorts(
  claims: readonly Claim[],
  containers: readonly Container[],
  wanted: WantedPorts = {},
): Allotment[] {
  const published = new Map(containers.map((container) => [container, publishedMappings(container)]));
  const holders = portHolders(published);
  const choices = claims.map(
    (claim): Choice => ({
      claim,
      wish: wanted[claim.callee.name]?.[claim.port],
      published: fixedPorts(claim, published.get(claim.callee) ?? []),
      can: canMove(claim),
    }),
  );
  const allotted = new Map<Claim, Allotment>();
  for (const choice of [...choices].sort((a, b) => rank(a) - rank(b))) {
    const { claim, wish } = choice;
    const hostPort = hostPortFor(choice, holders);
    const holder = holders.get(`${wish ?? claim.port}/${claim.protocol}`) ?? 'nothing that ECS can map';
    if (hostPort === undefined) allotted.set(claim, { claim, holder });
    else {
      const isNew = networkModeOf(claim.callee) !== 'host' && !choice.published.includes(hostPort);
      allotted.set(claim, { claim, hostPort, isNew });
      holders.set(`${hostPort}/${claim.protocol}`, claim.callee.name);
    }
  }
  return claims.flatMap((claim) => allotted.get(claim) ?? []);
}

interface Choice {
  readonly claim: Claim;
  /** What `ports:` asks for. */
  readonly wish: number | undefined;
  /** Fixed host ports at which the container publishes the port already. */
  readonly published: readonly number[];
  /** Whether all callers can be given another port. */
  readonly can: boolean;
}

/** Those that cannot move come first. */
function rank({ claim, wish, published, can }: Choice): number {
  if (wish !== undefined) return 0;
  return published.includes(claim.port) ? 1 : can ? 3 : 2;
}

function hostPortFor(
  { claim, wish, published, can }: Choice,
  holders: ReadonlyMap<string, string>,
): number | undefined {
  const isFree = (port: number) =>
    port > 0 && port < 65536 && !isEphemeral(port) && !holders.has(`${port}/${claim.protocol}`);
  const isHeld = (port: number) => published.includes(port) || isFree(port);
  if (networkModeOf(claim.callee) === 'host') return claim.port;
  if (networkModeOf(claim.callee) === 'none') return undefined;
  if (wish !== undefined) return isHeld(wish) && (wish === claim.port || can) ? wish : undefined;
  if (published.includes(claim.port)) return claim.port;
  if (can && published[0] !== undefined) return published[0];
  if (isFree(claim.port)) return claim.port;
  return can ? nextFree(claim.port, isFree) : undefined;
}

const nextFree = (port: number, isFree: (port: number) => boolean): number | undefined => {
  const from = port < 32_000 ? port : 10_000;
  return Array.from({ length: 32_768 - from }, (_, index) => from + index).find(isFree);
};

const fixedPorts = ({ port, protocol }: Claim, mappings: readonly PortMapping[]): number[] =>
  mappings.flatMap((each) =>
    each.containerPort === port && (each.protocol ?? 'tcp') === protocol && each.hostPort ? [each.hostPort] : [],
  );

/** Who has a host port: `8080/tcp`. */
function portHolders(published: ReadonlyMap<Container, readonly PortMapping[]>): Map<string, string> {
  const taken = [...published].flatMap(([{ name }, mappings]) =>
    mappings.map(({ hostPort, protocol = 'tcp' }) => [`${hostPort}/${protocol}`, name] as const),
  );
  return new Map([...reservedPorts.map((port) => [`${port}/tcp`, 'the instance itself'] as const), ...taken]);
}

/** Whether every place that says the port is a variable, in which another can be written. */
const canMove = (claim: Claim): boolean =>
  claim.said &&
  claim.calls.every((call) =>
    call.evidence.every((each) => !saysPort(each, claim.port) || isMovable(call, each, claim.port)),
  );

/** What names a host and no port means one that we do not see: the program's own default. */
const saysPort = ({ host, strong, port }: Evidence, wanted: number): boolean =>
  host !== undefined && strong && (port ?? wanted) === wanted;

const isMovable = ({ caller, names }: Call, { variable, port }: Evidence, from: number): boolean => {
  const value = caller.env.findLast(({ name }) => name === variable)?.value;
  return port === from && value !== undefined && withPort(reveal(value), names, from, anyOther) !== undefined;
};

const anyOther = 65_535;

/** What a call's variables have to say in place of the port's own number. */
export const rewritesFor =
  ({ names, evidence }: Call) =>
  ({ claim, hostPort }: Reached): PortRewrite[] =>
    hostPort === claim.port
      ? []
      : [
          ...new Set(evidence.filter((each) => saysPort(each, claim.port)).flatMap(({ variable }) => variable ?? [])),
        ].map((variable) => ({ variable, hosts: names, from: claim.port, to: hostPort }));
