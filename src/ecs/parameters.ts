import type { WorkloadSecret } from '../design.ts';
import type { Container } from '../inventory.ts';
import { parameterName } from '../names.ts';
import { Secret } from '../secret.ts';

/**
 * One parameter for each secret variable of a workload. Containers with the same value share it; where values differ,
 * the later container's name goes before the variable.
 */
export function workloadSecrets(
  migration: string,
  workload: string,
  containers: readonly Container[],
): WorkloadSecret[] {
  const stored = new Map<string, Secret>();
  return containers.flatMap((container) =>
    secretVariables(container).map(([variable, value]) => {
      const candidates = [variable, `${container.name}_${variable}`, `${container.id.slice(0, 12)}_${variable}`];
      const names = candidates.map((candidate) => parameterName(migration, workload, parameterPart(candidate)));
      const parameter = names.find((name) => stored.get(name)?.equals(value) ?? true) ?? names[names.length - 1] ?? '';
      stored.set(parameter, value);
      return { container: container.name, variable, parameter };
    }),
  );
}

const secretVariables = ({ env }: Container): [string, Secret][] =>
  env.flatMap(({ name, value }): [string, Secret][] => (value instanceof Secret ? [[name, value]] : []));

/** What SSM allows in the last part of a parameter's name. */
const parameterPart = (variable: string): string => variable.replace(/[^A-Za-z0-9_.-]/g, '_');
