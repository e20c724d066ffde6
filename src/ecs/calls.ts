import type { Container } from '../inventory.ts';
import { dependency, type Evidence, evidenceOf, projectOf, type Spoken, spokenBy } from './evidence.ts';
import { groupedBy } from './grouped-by.ts';
import { textsOf } from './json.ts';
import { linkAliases, linksOf, namesFor, namesOnNetwork } from './network-names.ts';
import { userNetworks } from './network-rules.ts';

/** One container calls another by these names. */
export interface Call {
  readonly caller: Container;
  readonly callee: Container;
  readonly names: readonly string[];
  /** Empty where nothing is known of the caller, and it is linked to whatever was there before it. */
  readonly evidence: readonly Evidence[];
}

/** Every call that the source's configuration shows, of callers in the order given. */
export function callsOf(containers: readonly Container[]): Call[] {
  const names = nameServer(containers);
  return containers.flatMap((caller) => {
    const spoken = spokenBy(caller);
    const resolve = names.resolverOf(caller);
    return containersCalled(caller, spoken, names, resolve).flatMap((callee) =>
      callBetween(caller, callee, spoken, resolve),
    );
  });
}

export const isStrong = ({ evidence }: Call): boolean => evidence.some(({ strong }) => strong);

function callBetween(caller: Container, callee: Container, spoken: Spoken, resolve: Resolve): Call[] {
  const linked = linkAliases(caller, callee);
  const names = namesFor(caller, callee).filter((name) => linked.includes(name) || resolve(name).includes(callee));
  const evidence = names.length === 0 ? [] : evidenceOf(caller, callee, names, spoken);
  return evidence.length === 0 ? [] : [{ caller, callee, names, evidence: [...new Set(evidence)] }];
}

/** Those that a name it speaks of leads to, that it is linked to, or that compose lets it wait for; oldest first. */
function containersCalled(caller: Container, spoken: Spoken, names: NameServer, resolve: Resolve): Container[] {
  const called = new Set([
    ...[...spoken.keys()].flatMap(resolve),
    ...linksOf(caller).flatMap(({ target }) => names.byName.get(target) ?? []),
    ...names.ofProject(projectOf(caller)).filter((callee) => dependency(caller, callee) !== undefined),
  ]);
  return names.all.filter((container) => called.has(container) && container !== caller);
}

/** Docker's DNS, as it answers on the source. */
interface NameServer {
  readonly all: readonly Container[];
  readonly byName: ReadonlyMap<string, Container>;
  readonly ofProject: (project: string) => readonly Container[];
  readonly resolverOf: (caller: Container) => Resolve;
}

/** Who answers to a name; of several, those of the caller's own compose project. */
type Resolve = (name: string) => readonly Container[];

function nameServer(all: readonly Container[]): NameServer {
  const projects = groupedBy(all, projectOf);
  const zones = groupedBy(all.flatMap(answersOf), ({ network, name }) => `${network} ${name}`);
  const resolverOf = (caller: Container): Resolve => {
    const networks = Object.keys(userNetworks(caller));
    const elsewhere = hostsFile(caller);
    const project = projectOf(caller);
    return (name) => {
      if (elsewhere.includes(name)) return [];
      const answers = networks.flatMap((network) => zones.get(`${network} ${name}`) ?? []);
      const found = [...new Set(answers.map(({ container }) => container))];
      const near = found.filter((each) => project !== '' && projectOf(each) === project);
      return near.length > 0 ? near : found;
    };
  };
  return {
    all,
    byName: new Map(all.map((container) => [container.name, container])),
    ofProject: (project) => (project === '' ? [] : (projects.get(project) ?? [])),
    resolverOf,
  };
}

const answersOf = (container: Container) =>
  Object.entries(userNetworks(container)).flatMap(([network, endpoint]) =>
    [...new Set(namesOnNetwork(endpoint, container))].map((name) => ({ network, name, container })),
  );

/** `--add-host` counts before Docker's DNS: such a name leads where it says, to no container. */
const hostsFile = ({ inspect }: Container): string[] =>
  textsOf(inspect.HostConfig.ExtraHosts).map((entry) => entry.split(/[:=]/)[0] ?? '');

/** Reads `edge-proxy → web (SHOP_URL)`. */
export const shownCall = (call: Call): string => {
  const why = whyOf(call);
  return `${call.caller.name} → ${call.callee.name}${why === '' ? '' : ` (${why})`}`;
};

const whyOf = ({ evidence }: Call): string => [...new Set(evidence.map(({ where }) => where))].join(', ');

/** Reads `web calls db (DB_HOST)`. */
export const whyCalled = (call: Call): string => `${call.caller.name} calls ${call.callee.name} (${whyOf(call)})`;
