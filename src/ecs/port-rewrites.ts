import { type Design, definedBy, type PortRewrite } from '../design.ts';
import type { Container, EnvVariable } from '../inventory.ts';
import { Secret } from '../secret.ts';
import { withPort } from './hosts-in-text.ts';

/** The value that a variable has on ECS: where what it calls has another port there, with that. */
export function rewritten({ name, value }: EnvVariable, rewrites: readonly PortRewrite[]): EnvVariable['value'] {
  if (value instanceof Secret) {
    const text = rewriteText(name, value.reveal(), rewrites);
    return text === value.reveal() ? value : new Secret(text);
  }
  return value === undefined ? undefined : rewriteText(name, value, rewrites);
}

/** A container as the design has it on ECS. */
export function withRewrites<C extends Pick<Container, 'name' | 'env'>>(container: C, design: Design): C {
  const rewrites = definedBy(design).flatMap((workload) => workload.rewrites?.[container.name] ?? []);
  const env = container.env.map((variable) => ({ ...variable, value: rewritten(variable, rewrites) }));
  return { ...container, env };
}

const rewriteText = (name: string, value: string, rewrites: readonly PortRewrite[]): string =>
  rewrites
    .filter(({ variable }) => variable === name)
    .reduce((text, { hosts, from, to }) => withPort(text, hosts, from, to) ?? text, value);
