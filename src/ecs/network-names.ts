import type { Container } from '../inventory.ts';
import { recordOf, textOf, textsOf } from './json.ts';
import { userNetworks } from './network-rules.ts';

/** The names under which `callee` answers to `caller` on the source; none where it does not. The container's own comes first. */
export function namesFor(caller: Container, callee: Container): string[] {
  const names = [...namesOnNetworks(caller, callee), ...linkAliases(caller, callee)];
  return [...new Set(names.length === 0 ? [] : [callee.name, ...names])];
}

/** Docker's DNS on user-defined networks: container name and aliases. */
function namesOnNetworks(caller: Container, callee: Container): string[] {
  const theirs = userNetworks(callee);
  return Object.entries(userNetworks(caller)).flatMap(([name, own]) => {
    const network = theirs[name];
    if (network === undefined) return [];
    return [callee.name, ...aliases(network, callee.id), ...networkLinks(own.Links, callee.name)];
  });
}

/** Without the short id, which engines up to API 1.44 put among them (§0). */
const aliases = (network: Readonly<Record<string, unknown>>, id: string): string[] =>
  [...textsOf(network.Aliases), ...textsOf(network.DNSNames)].filter((alias) => alias !== id.slice(0, 12));

/** `db:database` */
const networkLinks = (links: unknown, callee: string): string[] =>
  textsOf(links).flatMap((link) => {
    const [target = '', alias = target] = link.split(':');
    return target === callee ? [alias] : [];
  });

/** Links on the default bridge: `/db:/web/database`. */
export const linkAliases = ({ inspect }: Container, callee: { readonly name: string }): string[] =>
  textsOf(recordOf(inspect.HostConfig).Links).flatMap((link) => {
    const [target = '', alias = ''] = link.split(':');
    return target.replace(/^\//, '') === callee.name ? [alias.split('/').at(-1) ?? ''] : [];
  });

export const labelOf = ({ inspect }: Container, label: string): string =>
  textOf(recordOf(recordOf(inspect.Config).Labels)[label]);
