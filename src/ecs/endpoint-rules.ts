import { isEmpty, type Json, numberOf, recordOf, textOf, textsOf } from './json.ts';
import { userNetworks } from './network-rules.ts';
import { approximated, blocked, lost, type Rule, type Subject, type Verdict, warning } from './verdict.ts';

/** §1.4: no DNS on docker0, and the agent creates containers with an empty NetworkingConfig: no alias, address or MAC. */
export const networks: Rule = (value, subject) => {
  const own = userNetworks(subject.container);
  return Object.entries(recordOf(value)).flatMap(([name, network]) => {
    const endpoint = recordOf(network);
    const listed = subject.networks.get(name) ?? {};
    if (name in own) return [onBridge(name, listed), ...ofEndpoint(name, endpoint, listed, subject)];
    return name === 'bridge' ? [...ofEndpoint(name, endpoint, {}, subject)] : [];
  });
};

const oneNetwork = 'on docker0, with all other containers of the instance';

/** What becomes of the network itself. */
function onBridge(at: string, listed: Json): Verdict {
  const driver = textOf(listed.Driver) || 'bridge';
  const extra = { at, value: textOf(listed.Driver) || 'driver not known' };
  if (driver === 'macvlan' || driver === 'ipvlan') {
    const message = `On ${at} (${driver}) it has an address of its own in the network around the source; on ECS it is behind the instance’s.`;
    const remedy =
      'Publish the ports it is called at on a bridge network of the source, and call it at the host’s address.';
    return blocked('network-driver', message, remedy, extra);
  }
  if (driver === 'overlay') {
    const message = `${at} is an overlay network: containers of other hosts on it are out of reach.`;
    const finding = warning('network-driver', message, 'Reach them at ports their hosts publish.');
    return approximated({}, `${oneNetwork}; containers of other hosts are out of reach`, { ...extra, finding });
  }
  if (driver !== 'bridge') {
    const message = `${at} is a network of the driver ${driver}, which does more than docker0.`;
    const finding = warning('network-driver', message, 'Find out what the driver is there for, and make up for it.');
    return approximated({}, `${oneNetwork}; without what ${driver} does`, { ...extra, finding });
  }
  if (listed.Internal === true) {
    const message = `${at} is internal: nothing on it reaches the world outside. On ECS it does.`;
    const remedy =
      'Where that matters, drop what it sends in the instance’s DOCKER-USER chain, or run it with --network none.';
    const finding = warning('internal-network', message, remedy);
    return approximated({}, `${oneNetwork}; it can reach the outside now`, { ...extra, finding });
  }
  return approximated({}, `${oneNetwork}; the names it calls become links or extra hosts`, extra);
}

function* ofEndpoint(network: string, endpoint: Json, listed: Json, { container }: Subject): Generator<Verdict> {
  const at = (key: string, value: unknown) => ({ at: `${network}.${key}`, value });
  const given = [container.id.slice(0, 12), container.name];
  const aliases = textsOf(endpoint.Aliases).filter((alias) => !given.includes(alias));
  if (aliases.length > 0)
    yield approximated({}, 'those that others are seen to call become links', at('Aliases', aliases));
  const links = textsOf(endpoint.Links);
  if (links.length > 0)
    yield approximated({}, 'those to containers of its task become links of it', at('Links', links));
  yield* addresses(network, endpoint);
  if (speaksIpv6(endpoint, listed)) {
    const value = textOf(endpoint.GlobalIPv6Address) || 'EnableIPv6';
    const message = `On ${network} it speaks IPv6; docker0 of the instance has IPv4 only.`;
    const remedy = 'Set "ipv6" and "fixed-cidr-v6" in the instance’s daemon.json where it must speak IPv6.';
    yield lost('ipv6', message, remedy, at('GlobalIPv6Address', value));
  }
  if (isRequestedMac(endpoint))
    yield lost(
      'mac-address',
      ownMac,
      'Check licences and DHCP entries that know the old address.',
      at('MacAddress', endpoint.MacAddress),
    );
  if (!isEmpty(endpoint.DriverOpts)) {
    const message = `It has driver options on ${network}; ECS cannot set them.`;
    yield lost('network-options', message, 'Check that it works without.', at('DriverOpts', endpoint.DriverOpts));
  }
  if (numberOf(endpoint.GwPriority) !== 0)
    yield approximated({}, 'docker0 is its only network, and so its gateway', at('GwPriority', endpoint.GwPriority));
}

export const ownMac = 'ECS gives every container a MAC address of its own.';

function* addresses(network: string, { IPAMConfig }: Json): Generator<Verdict> {
  const { IPv4Address, IPv6Address, LinkLocalIPs } = recordOf(IPAMConfig);
  const fixed = [textOf(IPv4Address), textOf(IPv6Address), ...textsOf(LinkLocalIPs)].filter((ip) => ip !== '');
  if (fixed.length === 0) return;
  const message = `It has the fixed address ${fixed.join(', ')} on ${network}; ECS gives addresses out itself.`;
  const remedy = 'Let those who call it by that address call it by name.';
  yield lost('fixed-address', message, remedy, { at: `${network}.IPAMConfig`, value: fixed.join(', ') });
}

const speaksIpv6 = ({ GlobalIPv6Address }: Json, { EnableIPv6 }: Json): boolean =>
  textOf(GlobalIPv6Address) !== '' || EnableIPv6 === true;

/**
 * Since API 1.44 inspect does not tell a MAC address that was asked for from one that was given. Given ones are
 * `02:42:` and the IPv4 address, or random with the bit that says "locally administered": what is neither was asked for.
 */
function isRequestedMac({ MacAddress, IPAddress }: Json): boolean {
  const mac = textOf(MacAddress).toLowerCase();
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) return false;
  if ((Number.parseInt(mac.slice(0, 2), 16) & 2) === 0) return true;
  const ofAddress = textOf(IPAddress)
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':');
  return mac.startsWith('02:42:') && /^[\d.]+$/.test(textOf(IPAddress)) && mac !== `02:42:${ofAddress}`;
}
