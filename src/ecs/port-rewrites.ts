import type { PortRewrite } from '../design.ts';
import type { EnvVariable } from '../inventory.ts';
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

const rewriteText = (name: string, value: string, rewrites: readonly PortRewrite[]): string =>
  rewrites
    .filter(({ variable }) => variable === name)
    .reduce((text, { hosts, from, to }) => withPort(text, hosts, from, to) ?? text, value);
