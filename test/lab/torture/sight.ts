import type { ContainerDefinition, ECS } from '@aws-sdk/client-ecs';
import type { PlanDocument } from '../../../src/report/plan-document.ts';
import { type Host, inHost } from '../host.ts';
import type { Pair } from './explain.ts';
import { type Json, normalise } from './normalise.ts';

/** A container of one host, by the name it had on the source. */
export interface Seen {
  readonly name: string;
  readonly inspect: Json;
}

const label = 'com.amazonaws.ecs.';

/** What runs on a host, by `docker inspect`. */
async function inspectAll(host: Host, filter = ''): Promise<Json[]> {
  const { stdout, stderr, code } = await inHost(host, ['sh', '-c', `docker inspect $(docker ps -q ${filter})`]);
  if (code !== 0) throw new Error(`docker inspect on ${host.name}: ${stderr}`);
  return JSON.parse(stdout) as Json[];
}

export async function seeSource(host: Host): Promise<Seen[]> {
  return (await inspectAll(host)).map((inspect) => ({ name: String(inspect.Name).slice(1), inspect }));
}

/** What ECS runs on the target, by the names that the plan says its definitions stand for. */
export async function seeTarget(host: Host, plan: PlanDocument): Promise<Seen[]> {
  const found = await inspectAll(host, `--filter label=${label}task-arn`);
  return found.map((inspect) => {
    const labels = field(inspect, 'Config', 'Labels') as Readonly<Record<string, string>>;
    const workload = plan.workloads.find(({ name }) => name === labels[`${label}task-definition-family`]);
    const index = workload?.taskDefinition.containerDefinitions?.findIndex(
      ({ name }) => name === labels[`${label}container-name`],
    );
    return { name: workload?.containers[index ?? -1] ?? `unplanned ${inspect.Name}`, inspect };
  });
}

export const field = (inspect: Json, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Json | null | undefined)?.[key], inspect);

/** The container's definition as ECS has it, not as the plan says it. */
async function registered(ecs: ECS, { inspect }: Seen): Promise<ContainerDefinition> {
  const labels = field(inspect, 'Config', 'Labels') as Readonly<Record<string, string>>;
  const taskDefinition = `${labels[`${label}task-definition-family`]}:${labels[`${label}task-definition-version`]}`;
  const { taskDefinition: found } = await ecs.describeTaskDefinition({ taskDefinition });
  const name = labels[`${label}container-name`];
  return found?.containerDefinitions?.find((container) => container.name === name) ?? {};
}

/** Both sides of each container that ran on the source, ready to be compared; `missing` are those the target does not run. */
export async function pairUp(
  source: readonly Seen[],
  target: readonly Seen[],
  plan: PlanDocument,
  ecs: ECS,
): Promise<{ pairs: Pair[]; missing: string[] }> {
  const found = source.map((before) => ({ before, after: target.find(({ name }) => name === before.name) }));
  const pairs = found.flatMap(async ({ before, after }) =>
    after === undefined
      ? []
      : [
          {
            container: before.name,
            source: normalise(before.inspect, naming(source)),
            target: normalise(after.inspect, naming(target)),
            definition: await registered(ecs, after),
            rows: plan.accounting.filter(({ container }) => container === before.name),
            names: namesWithin(before, source),
          },
        ],
  );
  return {
    pairs: (await Promise.all(pairs)).flat(),
    missing: found.filter(({ after }) => after === undefined).map(({ before }) => before.name),
  };
}

const naming = (all: readonly Seen[]) => ({
  nameOf: (idOrName: string) =>
    all.find(({ inspect }) => inspect.Id === idOrName || inspect.Name === `/${idOrName}`)?.name ?? idOrName,
});

/** The names under which a container reached others, by Docker's DNS on its networks and by its links. */
function namesWithin(container: Seen, all: readonly Seen[]): string[] {
  const aliasOf = (link: unknown) => String(link).split(':').at(-1)?.split('/').at(-1) ?? '';
  const own = Object.entries(networksOf(container)).filter(([name]) => !['bridge', 'host', 'none'].includes(name));
  const others = all.filter((other) => other !== container);
  return [
    ...(list(field(container.inspect, 'HostConfig', 'Links')) as string[]).flatMap((link) => [
      aliasOf(link),
      link.split(':')[0]?.slice(1) ?? '',
    ]),
    ...own.flatMap(([network, { Links }]) => [
      ...list(Links).map(aliasOf),
      ...others
        .filter((other) => network in networksOf(other))
        .flatMap((other) => [other.name, ...(list(networksOf(other)[network]?.Aliases) as string[])]),
    ]),
  ];
}

const networksOf = ({ inspect }: Seen) =>
  (field(inspect, 'NetworkSettings', 'Networks') ?? {}) as Readonly<Record<string, Json>>;

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
