import { BlockList, isIPv4 } from 'node:net';
import { isInside } from '../ecs/host-paths.ts';
import { listOf, recordOf, textOf, textsOf } from '../ecs/json.ts';
import { bridgeAddress } from '../ecs/network-rules.ts';
import { bindMounts } from '../ecs/places.ts';
import type { Container, Inventory } from '../inventory.ts';
import { reveal } from '../secret.ts';
import type { Noticed } from './finding-with-setup.ts';
import { oldBridge, type ReferenceKind, referenceNotice } from './reference-notices.ts';

/** A setting of a container, which may hold a secret. */
interface PlacedText {
  /** Where it stands; never a value. */
  readonly where: string;
  readonly text: string;
}

/** Environment, arguments, labels and extra hosts. */
export function textsOfContainer({ env, inspect }: Container): PlacedText[] {
  const config = recordOf(inspect.Config);
  const args = [...textsOf(config.Entrypoint), ...textsOf(config.Cmd)];
  return [
    ...env.map(({ name, value }) => ({ where: name, text: reveal(value ?? '') })),
    ...args.map((text, index) => ({ where: `argument ${index}`, text })),
    ...Object.entries(recordOf(config.Labels)).map(([name, value]) => ({
      where: `label ${name}`,
      text: textOf(value),
    })),
    ...textsOf(recordOf(inspect.HostConfig).ExtraHosts).map((entry) => ({
      where: `extra host ${entry.split(':')[0]}`,
      text: entry.slice(entry.indexOf(':') + 1),
    })),
  ];
}

interface Reference {
  readonly kind: ReferenceKind;
  readonly host: string;
  readonly where: string;
}

/** What containers say of hosts that they will not find from AWS, or find to be another. One finding per container and kind. */
export function referenceFindings(inventory: Inventory): Noticed[] {
  const kindOf = judge(inventory);
  return inventory.containers
    .filter(({ running }) => running)
    .flatMap((container) => {
      const references = [...inSettings(container), ...inFiles(container, inventory)].flatMap(({ host, where }) => {
        const kind = kindOf(host);
        return kind === undefined ? [] : [{ kind, host, where }];
      });
      const kinds = [...new Set(references.map(({ kind }) => kind))];
      return kinds.map((kind) =>
        notice(
          container,
          kind,
          references.filter((each) => each.kind === kind),
        ),
      );
    });
}

function notice(container: Container, kind: ReferenceKind, references: readonly Reference[]): Noticed {
  const places = new Map<string, Set<string>>();
  for (const { where, host } of references) places.set(where, (places.get(where) ?? new Set()).add(host));
  const shown = [...places].map(([where, hosts]) => `${where} (${[...hosts].join(', ')})`);
  const more = shown.length > 8 ? ` and ${shown.length - 8} more places` : '';
  return { subject: container.name, ...referenceNotice(kind, `${shown.slice(0, 8).join(', ')}${more}`, container) };
}

const hosts = /(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}|(?:\d{1,3}\.){3}\d{1,3}/g;

/** A version such as 10.0.0.1-beta is no address; nor is a network such as 10.0.0.0/8. */
const inSettings = (container: Container): { host: string; where: string }[] =>
  textsOfContainer(container).flatMap(({ where, text }) =>
    [...text.matchAll(hosts)]
      .filter((match) => !/^[\w-]|^\/\d|^\.\d/.test(text.slice(match.index + match[0].length)))
      .map(([host]) => ({ where, host: host.toLowerCase() })),
  );

/** A file is a container's where that mounts it or a directory above it. */
function inFiles({ inspect, mentions }: Container, { surroundings }: Inventory): { host: string; where: string }[] {
  const sources = bindMounts({ inspect } as Container).map(({ Source }) => Source);
  const found = surroundings?.hostsInFiles.filter(({ file }) => sources.some((source) => isInside(file, source))) ?? [];
  return [
    ...mentions.map(({ name, file }) => ({ host: name, where: file })),
    ...found.map(({ host, file }) => ({ host: host.toLowerCase(), where: file })),
  ];
}

/** What a host means, if anything. */
function judge({ surroundings, networks }: Inventory): (host: string) => ReferenceKind | undefined {
  const own = new Set(surroundings?.addresses ?? []);
  const ofDocker = blockList(networks);
  return (host) => {
    if (!isIPv4(host)) return nameKind(host);
    if (isHarmless(host)) return undefined;
    const kind = knownAddresses[host] ?? (ofDocker.check(host) ? 'bridge' : rangeKind(host));
    return own.has(host) && (kind === undefined || kind === 'private') ? 'own' : kind;
  };
}

/** docker0's address is the same on the instance; what ends so is a network. */
const isHarmless = (address: string): boolean =>
  address === bridgeAddress || address.startsWith('127.') || /\.(0|255)$/.test(address);

const knownAddresses: Readonly<Record<string, ReferenceKind>> = {
  [oldBridge]: 'old-bridge',
  '169.254.169.254': 'metadata',
  '67.207.67.2': 'resolver',
  '67.207.67.3': 'resolver',
};

const rangeKind = (address: string): ReferenceKind | undefined => {
  if (/^172\.(1[6-9]|2\d|3[01])\./.test(address)) return 'bridge';
  return /^(10\.|192\.168\.)/.test(address) ? 'private' : undefined;
};

function nameKind(host: string): ReferenceKind | undefined {
  if (/^private-.*\.db\.ondigitalocean\.com$/.test(host)) return 'private-database';
  if (host.endsWith('.db.ondigitalocean.com')) return 'database';
  if (host === 'registry.digitalocean.com') return 'registry';
  return host.endsWith('.digitaloceanspaces.com') ? 'spaces' : undefined;
}

/** Docker's networks may lie in 192.168 and 10, too. */
function blockList(networks: Inventory['networks']): BlockList {
  const list = new BlockList();
  for (const { IPAM } of networks) {
    for (const { Subnet } of listOf(recordOf(IPAM).Config).map(recordOf)) {
      const [, address = '', bits = ''] = /^([\d.]+)\/(\d+)$/.exec(textOf(Subnet)) ?? [];
      if (isIPv4(address) && Number(bits) <= 32) list.addSubnet(address, Number(bits), 'ipv4');
    }
  }
  return list;
}
