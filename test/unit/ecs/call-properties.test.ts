import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Design } from '../../../src/design.ts';
import { checkDefinition } from '../../../src/ecs/definition-checks.ts';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import type { Container } from '../../../src/inventory.ts';
import { container, inventory, settings } from './builders.ts';

const runs = { seed: Number(process.env.PROPERTY_SEED ?? 1), numRuns: Number(process.env.PROPERTY_RUNS ?? 200) };

/** Containers on two networks, of no project or one of three; each calls some at one of few ports, in its environment or a file. */
const topology = fc.integer({ min: 2, max: 24 }).chain((size) =>
  fc.array(
    fc.record({
      networks: fc.constantFrom<string[][]>(['x'], ['y'], ['x', 'y']),
      project: fc.constantFrom('', 'one', 'two', 'three'),
      published: fc.constantFrom('own', 'other', 'nowhere'),
      calls: fc.array(
        fc.record({ to: fc.nat(size - 1), port: fc.constantFrom(80, 8080), by: fc.constantFrom('variable', 'file') }),
        { maxLength: 3 },
      ),
    }),
    { minLength: size, maxLength: size },
  ),
);

type Topology = typeof topology extends fc.Arbitrary<infer T> ? T : never;

const nameOf = (index: number): string => `c${index}`;

/** One container at most has port 80 at its own number, as Docker would have it. */
const bindings = (published: string, index: number) => {
  const hostPort = published === 'own' && index === 0 ? 80 : 8100 + index;
  return published === 'nowhere' ? {} : { PortBindings: { '80/tcp': [{ HostPort: `${hostPort}` }] } };
};

const containersOf = (nodes: Topology): Container[] =>
  nodes.map(({ networks, project, published, calls }, index) =>
    container({
      name: nameOf(index),
      networks: Object.fromEntries(networks.map((network) => [network, []])),
      env: calls.flatMap(({ to, port, by }, at) =>
        by === 'variable' ? [`URL${at}=http://${nameOf(to)}:${port}/`] : [],
      ),
      config: project === '' ? {} : { Labels: { 'com.docker.compose.project': project } },
      host: bindings(published, index),
      over: {
        mentions: calls.flatMap(({ to, port, by }) =>
          by === 'file' ? [{ name: nameOf(to), port, file: '/srv/conf', strong: true }] : [],
        ),
      },
    }),
  );

/** Each call that no blocker names, with both ends as ECS would have them. */
function callsIn(nodes: Topology, design: Design) {
  const definitions = new Map(
    design.workloads.flatMap(({ taskDefinition: { containerDefinitions = [] } }) =>
      containerDefinitions.map((definition) => [definition.name, definition] as const),
    ),
  );
  const isBlocked = (subject: string) =>
    design.findings.some((each) => each.level === 'blocker' && `${each.code}:${each.subject}` === subject);
  return nodes.flatMap(({ calls, networks }, index) =>
    calls
      .map(({ to, port, by }, at) => ({ to: nameOf(to), port, by, variable: `URL${at}`, peer: nodes[to] }))
      .filter(({ peer }) => networks.some((network) => peer?.networks.includes(network)))
      .filter(({ to }) => to !== nameOf(index) && !isBlocked(`call-unreachable:${nameOf(index)}/${to}`))
      .map((call) => ({ ...call, caller: definitions.get(nameOf(index)), callee: definitions.get(call.to) })),
  );
}

/** By the caller's own words: 8080 in a file, whatever became of the URL in a variable. */
function portSaid({ by, port, caller, variable }: ReturnType<typeof callsIn>[number]): number {
  const value = caller?.environment?.find(({ name }) => name === variable)?.value ?? '';
  return by === 'file' ? port : Number(new URL(value).port || 80);
}

const holds = (check: (nodes: Topology, design: Design) => void) =>
  fc.assert(
    fc.property(topology, (nodes) => check(nodes, designMigration(inventory(containersOf(nodes)), settings))),
    runs,
  );

const timeout = 120_000;

it(
  'every name that is called leads to whom it led, at the port that the caller says, or a blocker says that it does not',
  () => {
    const seen = { linked: 0, across: 0, moved: 0 };
    holds((nodes, design) => {
      for (const call of callsIn(nodes, design)) {
        const { to, caller, callee, port } = call;
        if (caller?.links?.includes(`${to}:${to}`)) {
          seen.linked++;
          expect(portSaid(call)).toBe(port);
          continue;
        }
        seen.across++;
        if (portSaid(call) !== port) seen.moved++;
        expect(caller?.extraHosts).toContainEqual({ hostname: to, ipAddress: '172.17.0.1' });
        expect(callee?.portMappings).toContainEqual({ containerPort: port, hostPort: portSaid(call), protocol: 'tcp' });
      }
    });
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(100);
  },
  timeout,
);

it(
  'no container is lost, no host port is had twice, and ECS would take it all',
  () => {
    holds((nodes, design) => {
      const tasks = design.workloads.map(({ taskDefinition }) => taskDefinition);
      const definitions = tasks.flatMap(({ containerDefinitions = [] }) => containerDefinitions);
      const ports = definitions.flatMap(({ portMappings = [] }) => portMappings.map(({ hostPort }) => hostPort));
      expect(definitions.map(({ name }) => name).sort()).toEqual(nodes.map((_, index) => nameOf(index)).sort());
      expect(new Set(ports).size).toBe(ports.length);
      expect(tasks.flatMap(checkDefinition)).toEqual([]);
    });
  },
  timeout,
);
