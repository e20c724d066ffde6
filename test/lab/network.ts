import { readdir } from 'node:fs/promises';
import { attempt, run } from './command.ts';
import { lockPath } from './lab.ts';
import { withLock } from './lock.ts';

/** Names in the kernel's lists. A lab's name has no dot, so no lab's names begin with another's. */
export const netnsOf = (lab: string, host: string): string => `ecsodus.${lab}.${host}`;

const bridgeNetns = (lab: string): string => netnsOf(lab, 'bridge');
const linkName = (address: string): string => `h${address.split('.')[3]}`;

const macOf = (address: string): string =>
  ['02', 'ec', ...address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':');

/**
 * The bridge lives in a namespace of its own, where no dockerd of the machine filters what it forwards. Its own
 * address, .3, is the registry's. The operator's link, the only part on the machine itself, carries the lab's name as
 * its alias. Answers with the subnet's prefix: the first of 10.213.N that no interface uses.
 */
export async function makeNetwork(lab: string): Promise<string> {
  const bridge = bridgeNetns(lab);
  await run(['ip', 'netns', 'add', bridge]);
  await ip(bridge, 'link set lo up');
  await ip(bridge, 'link add br0 type bridge');
  const prefix = await withLock(lockPath('.network'), async () => {
    const number = await freeNumber();
    const link = `ecsodus${number}`;
    await run(['ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'operator', 'netns', bridge]);
    await run(['ip', 'link', 'set', link, 'alias', netnsOf(lab, ''), 'up']);
    await run(['ip', 'addr', 'add', `10.213.${number}.1/24`, 'dev', link]);
    return `10.213.${number}`;
  });
  await ip(bridge, `addr add ${prefix}.3/24 dev br0`);
  await ip(bridge, 'link set br0 up');
  await ip(bridge, 'link set operator master br0 up');
  return prefix;
}

async function freeNumber(): Promise<number> {
  const addresses = await run(['ip', '-4', '-o', 'addr', 'show']);
  for (let number = 0; number < 256; number++) if (!addresses.includes(` 10.213.${number}.`)) return number;
  throw new Error('no free network 10.213.N.0/24: too many labs are up');
}

export async function removeNetwork(lab: string): Promise<void> {
  const links: { ifname: string; ifalias?: string }[] = JSON.parse(await run(['ip', '-j', 'link', 'show']));
  for (const { ifname, ifalias } of links)
    if (ifalias === netnsOf(lab, '')) await attempt(['ip', 'link', 'del', ifname]);
  for (const name of await labNetns(lab)) await run(['ip', 'netns', 'del', name]);
}

async function labNetns(lab: string): Promise<readonly string[]> {
  const names = await readdir('/run/netns').catch(() => []);
  return names.filter((name) => name.startsWith(netnsOf(lab, '')));
}

/** A namespace whose eth0 hangs on the lab's bridge. No default route: nothing is sent outside the lab. */
export async function plugIn(lab: string, host: string, address: string): Promise<string> {
  const netns = netnsOf(lab, host);
  const link = linkName(address);
  await run(['ip', 'netns', 'add', netns]);
  await ip(bridgeNetns(lab), `link add ${link} type veth peer name eth0 netns ${netns}`);
  // The same at each boot: neighbours would go on talking to the old one for half a minute.
  await ip(netns, `link set eth0 address ${macOf(address)}`);
  await ip(bridgeNetns(lab), `link set ${link} master br0 up`);
  await ip(netns, 'link set lo up');
  await ip(netns, `addr add ${address}/24 dev eth0`);
  await ip(netns, 'link set eth0 up');
  return `/run/netns/${netns}`;
}

/** The link goes first: the kernel would take its time over it, and the host's next boot wants its name. */
export async function unplug(lab: string, host: string, address: string): Promise<void> {
  await attempt(['ip', '-n', bridgeNetns(lab), 'link', 'del', linkName(address)]);
  await attempt(['ip', 'netns', 'del', netnsOf(lab, host)]);
}

/**
 * Drops all that goes to a host and comes from it, without a word to either side. ARP still passes: through a router, as
 * between two clouds, one never learns that the other is gone. It lasts over a reboot of the host, until `mendLink`.
 */
export async function cutLink(host: Place): Promise<void> {
  await mendLink(host);
  for (const rule of linkRules(host.address)) await run([...filter(host.lab), '-A', ...rule]);
}

export async function mendLink({ lab, address }: Place): Promise<void> {
  for (const rule of linkRules(address)) await attempt([...filter(lab), '-D', ...rule]);
}

/** From here to the operator and the registry, and to no other host: a source in a network that lets nothing else out. */
export async function shutIn({ lab, address }: Place): Promise<void> {
  await run([
    ...filter(lab),
    '-A',
    'FORWARD',
    '-i',
    linkName(address),
    '-o',
    '!',
    'operator',
    '-p',
    '!',
    'ARP',
    '-j',
    'DROP',
  ]);
}

interface Place {
  readonly lab: string;
  readonly address: string;
}

const filter = (lab: string): readonly string[] => ['nsenter', `--net=${bridgeNetnsPath(lab)}`, 'ebtables-nft'];

/** Through the bridge, and to and from the bridge itself, where the registry and the resolver are. */
function linkRules(address: string): readonly (readonly string[])[] {
  const drop = ['-p', '!', 'ARP', '-j', 'DROP'];
  const from = ['-i', linkName(address), ...drop];
  const to = ['-o', linkName(address), ...drop];
  return [
    ['FORWARD', ...from],
    ['FORWARD', ...to],
    ['INPUT', ...from],
    ['OUTPUT', ...to],
  ];
}

export const bridgeNetnsPath = (lab: string): string => `/run/netns/${bridgeNetns(lab)}`;

const ip = (netns: string, command: string): Promise<string> => run(['ip', '-n', netns, ...command.split(' ')]);
