import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { WantedImage, Workload, WorkloadSecret } from '../design.ts';
import type { AccountingRow, Finding } from '../finding.ts';
import type { Container, Image } from '../inventory.ts';
import { namesOf } from '../names.ts';
import { type CallOrder, callsWithin } from './calls.ts';
import { type Described, describeContainer } from './container-definition.ts';
import { taskUnits } from './cpu.ts';
import { callsAcross } from './cross-calls.ts';
import type { Group } from './grouping.ts';
import { imageFor } from './images.ts';
import { type Json, recordOf } from './json.ts';
import { type DefinitionNames, dependsOn, linkFindings, linksOf } from './links.ts';
import { databaseReservation, isSampled } from './memory.ts';
import { mergePieces } from './merge.ts';
import { networkModeOf } from './network-rules.ts';
import { cleanName, type Places, readsSocket } from './places.ts';
import { valueFromOf, workloadSecrets } from './stored-secrets.ts';
import { mergeTaskParts, platformOf } from './task-parts.ts';
import type { Subject } from './verdict.ts';

export interface Settings {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** Host name of the registry that images are pushed to. */
  readonly registry: string;
  readonly secrets: 'ssm' | 'secrets-manager' | 'plain';
  readonly workloads?: Readonly<Record<string, readonly string[]>> | undefined;
  /** By container and port: the host port at which other workloads reach it. */
  readonly ports?: Readonly<Record<string, Readonly<Record<string, number>>>> | undefined;
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
  /** All containers that move. */
  readonly moved: readonly Container[];
}

/** A group half made: its containers described, their calls to one another in order. */
export interface Draft extends CallOrder {
  readonly group: Group;
  readonly secrets: readonly WorkloadSecret[];
  readonly names: DefinitionNames;
  readonly described: ReadonlyMap<Container, Described>;
}

export function draft(group: Group, site: Site): Draft {
  const { settings } = site;
  const secrets = workloadSecrets(settings, group.name, group.members, site.images);
  const described = new Map(
    group.members.map((member) => [member, describeContainer(subjectOf(member, group, secrets, site))]),
  );
  return { group, secrets, names: definitionNames(group.members), described, ...callsWithin(group) };
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
    moved: site.moved.map(({ name }) => name),
    socketReaders: site.moved.filter(readsSocket).map(({ name }) => name),
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

export function finish(draft: Draft, drafts: readonly Draft[], site: Site): Finished {
  const { group, order, described, secrets } = draft;
  const { settings } = site;
  const elsewhere = drafts.filter((other) => other !== draft);
  const across = new Map(order.map((container) => [container, acrossOf(container, elsewhere)]));
  const all = order.flatMap((container) => described.get(container) ?? []);
  const task = mergeTaskParts(
    group.name,
    all.map(({ tasks }) => tasks),
  );
  const platform = platformOf(
    group.name,
    order.map((container) => site.images.find(({ id }) => id === container.imageId)),
  );
  const workload: Workload = {
    name: group.name,
    containers: order.map(({ name }) => name),
    taskDefinition: {
      family: group.name,
      ...platform.task,
      ...task.task,
      ...(secrets.length > 0 && { executionRoleArn: executionRole(settings) }),
      containerDefinitions: order.map((container) =>
        definitionOf(container, draft, site, across.get(container)?.piece ?? {}),
      ),
    },
    secrets,
    ports: [...new Set(all.flatMap(({ tasks }) => tasks).flatMap(({ ports = [] }) => ports))].sort((a, b) => a - b),
    sampledMemory: order.filter(isSampled).map(({ name }) => draft.names.get(name) ?? name),
    databaseMemory: Object.fromEntries(
      order.filter(isSampled).flatMap((each) => {
        const least = databaseReservation(each);
        return least === undefined ? [] : [[draft.names.get(each.name) ?? each.name, least]];
      }),
    ),
  };
  return {
    workload,
    accounting: all.flatMap(({ accounting }) => accounting),
    findings: [
      ...all.flatMap(({ findings }) => findings),
      ...draft.findings,
      ...task.findings,
      ...platform.findings,
      ...order.flatMap((caller) =>
        linkFindings(
          caller,
          draft.calls.filter((call) => call.caller === caller),
        ),
      ),
      ...[...across.values()].flatMap(({ findings }) => findings),
    ],
  };
}

const executionRole = ({ partition, account, name }: Settings): string =>
  `arn:${partition}:iam::${account}:role/${namesOf(name).executionRole}`;

const acrossOf = (container: Container, drafts: readonly Draft[]) => {
  const portsOf = (callee: Container) =>
    drafts.flatMap(({ described }) => described.get(callee)?.definition.portMappings ?? []);
  return callsAcross(
    container,
    drafts.flatMap(({ order }) => order),
    portsOf,
  );
};

function definitionOf(
  container: Container,
  draft: Draft,
  site: Site,
  across: Partial<ContainerDefinition>,
): ContainerDefinition {
  const calls = draft.calls.filter(({ caller }) => caller === container);
  const isChecked = (callee: Container) => draft.described.get(callee)?.definition.healthCheck !== undefined;
  return {
    name: draft.names.get(container.name),
    image: imageFor(container, site.wanted)?.reference,
    ...mergePieces([
      draft.described.get(container)?.definition ?? {},
      linksOf(calls, draft.names),
      dependsOn(calls, draft.names, isChecked),
      across,
    ]),
  };
}
