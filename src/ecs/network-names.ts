import type { Container } from '../inventory.ts';
import { type Json, recordOf, textOf, textsOf } from './json.ts';
import { userNetworks } from './network-rules.ts';

/** What of a container says how it is called. */
type Known = Pick<Container, 'name' | 'id' | 'inspect'>;

/** The names under which `callee` answers to `caller` on the source; none where it does not. The container's own comes first. */
export function namesFor(caller: Known, callee: Known): string[] {
  const names = [...namesOnNetworks(caller, callee), ...linkAliases(caller, callee)];
  return [...new Set(names.length === 0 ? [] : [callee.name, ...names])];
}

function namesOnNetworks(caller: Known, callee: Known): string[] {
  const theirs = userNetworks(callee);
  return Object.keys(userNetworks(caller)).flatMap((network) => {
    const endpoint = theirs[network];
    return endpoint === undefined ? [] : namesOnNetwork(endpoint, callee);
  });
}

/**
 * What Docker's DNS answers to for a container on one user-defined network: its name and aliases, without the short id,
 * which engines up to API 1.44 put among them (§0).
 */
export const namesOnNetwork = (endpoint: Json, { name, id }: Pick<Container, 'name' | 'id'>): string[] => [
  name,
  ...[...textsOf(endpoint.Aliases), ...textsOf(endpoint.DNSNames)].filter((alias) => alias !== id.slice(0, 12)),
];

/** Links on the default bridge, `/db:/web/database`, and on user-defined networks, `db:database`. */
export const linkAliases = (container: Known, callee: { readonly name: string }): string[] => [
  ...new Set(linksOf(container).flatMap(({ target, alias }) => (target === callee.name ? [alias] : []))),
];

/** By the name of the linked container, which inspect always gives. */
export const linksOf = ({ inspect }: Pick<Container, 'inspect'>): { target: string; alias: string }[] =>
  [inspect.HostConfig, ...Object.values(inspect.NetworkSettings.Networks)]
    .flatMap((each) => textsOf(recordOf(each).Links))
    .map((link) => {
      const [target = '', alias = target] = link.split(':');
      return { target: target.replace(/^\//, ''), alias: alias.split('/').at(-1) ?? '' };
    });

export const labelOf = ({ inspect }: Container, label: string): string =>
  textOf(recordOf(recordOf(inspect.Config).Labels)[label]);
