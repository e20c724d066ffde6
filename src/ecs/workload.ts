import type { ContainerDefinition, PortMapping } from '@aws-sdk/client-ecs';
import type { WantedImage, Workload, WorkloadSecret } from '../design.ts';
import type { AccountingRow, Finding } from '../finding.ts';
import type { Container, Image } from '../inventory.ts';
import { namesOf } from '../names.ts';
import { type Described, describeContainer } from './container-definition.ts';
import { taskUnits } from './cpu.ts';
import type { Group, Overrides } from './grouping.ts';
import type { WantedPorts } from './host-ports.ts';
import { imageFor } from './images.ts';
import { type Json, recordOf } from './json.ts';
import { type DefinitionNames, dependsOn, healthFindings, linkFindings, linksFor } from './links.ts';
import { databaseReservation, isSampled } from './memory.ts';
import { mergePieces } from './merge.ts';
import { networkModeOf } from './network-rules.ts';
import { type OwnName, ownNameOf } from './own-names.ts';
import { cleanName, type Places } from './places.ts';
import type { Route } from './routes.ts';
import { valueFromOf, workloadSecrets } from './stored-secrets.ts';
import { mergeTaskParts, platformOf } from './task-parts.ts';
import type { Subject } from './verdict.ts';
import type { Wiring } from './wiring.ts';
import { wiringFindings } from './wiring-findings.ts';

export interface Settings {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** Host name of the registry that images are pushed to. */
  readonly registry: string;
  readonly secrets: 'ssm' | 'secrets-manager' | 'plain';
  /** Names of containers that stay on the source. */
  readonly leave?: readonly string[] | undefined;
  readonly workloads?: Overrides | undefined;
  /** By container and port: the host port at which other workloads reach it. */
  readonly ports?: WantedPorts | undefined;
  readonly outsideVolumes?: Readonly<Record<string, OutsideVolumes>> | undefined;
  /** EC2 instance type, where one is named, and the lines that its first boot runs. */
  readonly instance?: { readonly type?: string | undefined; readonly setup?: string | undefined } | undefined;
}

/** `volume`: absolute paths within the container that become datasets. */
export type OutsideVolumes = 'commit' | 'ignore' | { readonly volume: readonly string[] };

/** What all workloads are made with. */
export interface Site {
  readonly settings: Settings;
  readonly images: readonly Image[];
  readonly wanted: readonly WantedImage[];
  readonly places: Places;
  readonly networks: ReadonlyMap<string, Json>;
  readonly cpu: ReadonlyMap<string, number>;
  /** Names of all containers that move. */
  readonly moved: readonly string[];
  /** Names of those that read the engine's socket. */
  readonly socketReaders: readonly string[];
  readonly routeOf: (container: Container) => Route;
}

function subjectOf(container: Container, { members }: Group, secrets: readonly WorkloadSecret[], site: Site): Subject {
  const image = site.images.find(({ id }) => id === container.imageId);
  const host = recordOf(container.inspect.HostConfig);
  const alone = members.length === 1;
  const units = site.cpu.get(container.name) ?? 0;
  return {
    container,
    image,
    config: recordOf(container.inspect.Config),
    host,
    imageConfig: recordOf(image?.config),
    alone,
    networkMode: networkModeOf(container),
    cpu: alone ? Math.min(units, taskUnits(host) ?? units) : units,
    places: site.places,
    networks: site.networks,
    mates: members.flatMap(({ name, id }) => [name, id]),
    moved: site.moved,
    rewrites: site.routeOf(container).rewrites,
    socketReaders: site.socketReaders,
    storedAt: (variable) => {
      const secret = secrets.find((each) => each.container === container.name && each.variable === variable);
      return secret && { store: secret.store, valueFrom: valueFromOf(secret, site.settings) };
    },
  };
}

/** Docker's names may hold dots, ECS's may not (§2). */
function definitionNames(members: readonly Container[]): DefinitionNames {
  const names = new Map<string, string>();
  for (const { name, id } of members) {
    const clean = cleanName(name);
    names.set(name, [...names.values()].includes(clean) ? `${clean.slice(0, 242)}-${id.slice(0, 12)}` : clean);
  }
  return names;
}

export interface Finished {
  readonly workload: Workload;
  readonly accounting: readonly AccountingRow[];
  readonly findings: readonly Finding[];
}

/** One task definition, and all there is to say of it. */
export function buildWorkload(group: Group, wiring: Wiring, site: Site): Finished {
  const { settings, images, routeOf } = site;
  const { order } = wiring;
  const secrets = workloadSecrets(settings, group.name, group.members, images, (each) => routeOf(each).rewrites);
  const described = order.map((container) => describeContainer(subjectOf(container, group, secrets, site)));
  const names = definitionNames(group.members);
  const ownNames = order.map(ownNameOf);
  const isChecked = (container: Container) => described[order.indexOf(container)]?.definition.healthCheck !== undefined;
  const task = mergeTaskParts(
    group.name,
    described.map(({ tasks }) => tasks),
  );
  const platform = platformOf(
    group.name,
    order.map((container) => images.find(({ id }) => id === container.imageId)),
  );
  const sampled = order.filter(isSampled).map((container) => [names.get(container.name) ?? '', container] as const);
  const workload: Workload = {
    name: group.name,
    containers: order.map(({ name }) => name),
    why: group.why,
    taskDefinition: {
      family: group.name,
      ...platform.task,
      ...task.task,
      ...(secrets.length > 0 && { executionRoleArn: executionRole(settings) }),
      containerDefinitions: definitionsOf({ described, ownNames, wiring, names, site, isChecked }),
    },
    secrets,
    ...rewritesIn(order, routeOf),
    ports: [...new Set(described.flatMap(({ tasks }) => tasks).flatMap(({ ports = [] }) => ports))].sort(
      (a, b) => a - b,
    ),
    sampledMemory: sampled.map(([name]) => name),
    databaseMemory: Object.fromEntries(
      sampled.flatMap(([name, container]) => {
        const least = databaseReservation(container);
        return least === undefined ? [] : [[name, least]];
      }),
    ),
  };
  return {
    workload,
    accounting: [
      ...described.flatMap(({ accounting }) => accounting),
      ...order.flatMap((container) => routeOf(container).accounting),
      ...ownNames.flatMap(({ accounting }) => accounting),
    ],
    findings: [
      ...described.flatMap(({ findings }) => findings),
      ...wiringFindings(group, wiring),
      ...healthFindings(wiring.waits, isChecked),
      ...ownNames.flatMap(({ findings }) => findings),
      ...task.findings,
      ...platform.findings,
      ...order.flatMap((caller) => linkFindings(caller, linksBy(caller, wiring))),
    ],
  };
}

const rewritesIn = (order: readonly Container[], routeOf: Site['routeOf']): Pick<Workload, 'rewrites'> => {
  const entries = order.map((container) => [container.name, routeOf(container).rewrites] as const);
  const made = entries.filter(([, rewrites]) => rewrites.length > 0);
  return made.length === 0 ? {} : { rewrites: Object.fromEntries(made) };
};

const executionRole = ({ partition, account, name }: Settings): string =>
  `arn:${partition}:iam::${account}:role/${namesOf(name).executionRole}`;

const linksBy = (container: Container, { links }: Wiring) => links.filter(({ caller }) => caller === container);

interface Parts {
  /** In the order in which they start. */
  readonly described: readonly Described[];
  readonly ownNames: readonly OwnName[];
  readonly wiring: Wiring;
  readonly names: DefinitionNames;
  readonly site: Site;
  /** Whether ECS has a health check of it. */
  readonly isChecked: (container: Container) => boolean;
}

function definitionsOf({ described, ownNames, wiring, names, site, isChecked }: Parts): ContainerDefinition[] {
  const { order, waits } = wiring;
  return order.map((container, index): ContainerDefinition => {
    const { extraHosts, portMappings } = site.routeOf(container);
    const { hostname } = ownNames[index] ?? {};
    const own = described[index]?.definition ?? {};
    return {
      name: names.get(container.name),
      image: imageFor(container, site.wanted)?.reference,
      ...mergePieces([
        { ...own, ...(own.portMappings && { portMappings: withoutDynamic(own.portMappings, portMappings) }) },
        linksFor(linksBy(container, wiring), names),
        dependsOn(
          waits.filter(({ caller }) => caller === container),
          names,
          isChecked,
        ),
        ...(hostname !== undefined ? [{ hostname }] : []),
        ...(extraHosts.length > 0 ? [{ extraHosts: [...extraHosts] }] : []),
        ...(portMappings.length > 0 ? [{ portMappings: [...portMappings] }] : []),
      ]),
    };
  });
}

/** A port of the engine's choice gives way to the number at which others call it. */
const withoutDynamic = (own: readonly PortMapping[], opened: readonly PortMapping[]): PortMapping[] =>
  own.filter(
    ({ hostPort, containerPort, protocol }) =>
      hostPort !== 0 || !opened.some((each) => each.containerPort === containerPort && each.protocol === protocol),
  );
