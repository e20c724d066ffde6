import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import type { Call } from './calls.ts';
import { dependency } from './evidence.ts';
import { isEmpty, recordOf } from './json.ts';
import type { Wait } from './wiring.ts';

/** ECS names of a task's containers, by their names on the source. */
export type DefinitionNames = ReadonlyMap<string, string>;

/** §1.4: on docker0 names resolve by links only, one for each name: `db:db`, `db:database`. */
export function linksFor(calls: readonly Call[], names: DefinitionNames): Partial<ContainerDefinition> {
  const links = distinctAliases(calls).map(({ callee, alias }) => `${names.get(callee.name)}:${alias}`);
  return links.length === 0 ? {} : { links };
}

/** `isChecked`: whether that container's own definition has a health check, without which HEALTHY is refused (§2). */
export function dependsOn(
  waits: readonly Wait[],
  names: DefinitionNames,
  isChecked: (container: Container) => boolean,
): Partial<ContainerDefinition> {
  const dependencies = waits.map((wait) => ({
    containerName: names.get(wait.callee.name),
    condition: waitsForHealth(wait) && isChecked(wait.callee) ? ('HEALTHY' as const) : ('START' as const),
  }));
  return dependencies.length === 0 ? {} : { dependsOn: dependencies };
}

const waitsForHealth = ({ caller, callee }: Wait): boolean => dependency(caller, callee) === 'service_healthy';

/** §1.6: ECS reads no health check of an image, so there is nothing to wait for where the container has none of its own. */
export const healthFindings = (waits: readonly Wait[], isChecked: (container: Container) => boolean): Finding[] =>
  waits
    .filter((wait) => waitsForHealth(wait) && !isChecked(wait.callee))
    .map(({ caller, callee }) => ({
      level: 'warning',
      code: 'waits-for-start',
      subject: `${caller.name}/${callee.name}`,
      message: `Compose let ${caller.name} wait until ${callee.name} was healthy; ECS knows no health check of ${callee.name}, and lets it wait for the start only.`,
      remedy: `Write the image’s health check into the compose file of the source ("healthcheck:") if ${caller.name} does not bear to be first.`,
    }));

const isLinkAlias = (alias: string): boolean => /^[A-Za-z0-9_-]{1,255}$/.test(alias);

/** One alias leads to one container: the first that has it. */
function distinctAliases(calls: readonly Call[]): { callee: Container; alias: string }[] {
  const all = calls.flatMap(({ callee, names }) => names.filter(isLinkAlias).map((alias) => ({ callee, alias })));
  return all.filter(({ alias }, index) => all.findIndex((other) => other.alias === alias) === index);
}

/** What links do not do, for one caller. */
export function linkFindings(caller: Container, calls: readonly Call[]): Finding[] {
  const kept = distinctAliases(calls);
  const wrong = calls.flatMap(({ callee, names }) =>
    names
      .filter((alias) => !kept.some((each) => each.alias === alias && each.callee === callee))
      .map((alias) => `${alias} (${callee.name})`),
  );
  const injected = injectedVariables(kept).filter((variable) => !caller.env.some(({ name }) => name === variable));
  return [
    ...(wrong.length > 0 ? [unresolved(caller.name, wrong)] : []),
    ...(injected.length > 0 ? [variables(caller.name, injected)] : []),
  ];
}

/** Docker sets ALIAS_PORT where the linked container exposes a port. An application may read DB_PORT as a number. */
const injectedVariables = (links: readonly { callee: Container; alias: string }[]): string[] =>
  links
    .filter(({ callee }) => !isEmpty(recordOf(callee.inspect.Config).ExposedPorts))
    .map(({ alias }) => `${alias.toUpperCase().replace(/-/g, '_')}_PORT`);

const unresolved = (subject: string, names: readonly string[]): Finding => ({
  level: 'warning',
  code: 'link-name',
  subject,
  message: `These names no longer resolve in it, since a link needs letters, digits, _ and - and one container for each name: ${names.join(', ')}.`,
  remedy: 'Call the container by its own name.',
});

/** Docker puts these into every container with links; what the container sets itself wins. */
const variables = (subject: string, names: readonly string[]): Finding => ({
  level: 'warning',
  code: 'link-variables',
  subject,
  message: `Links also put variables like ${names.join(', ')} (tcp://address:port) into its environment, and the linked container’s own as …_ENV_….`,
  remedy:
    'Should the application read one of them as something else, a port number perhaps, set that variable on the container.',
});
