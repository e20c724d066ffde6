import { readdir } from 'node:fs/promises';
import { attempt, run } from './command.ts';
import type { Lab } from './lab.ts';

/** Names in the kernel's lists. A lab's name has no dot, so no lab's names begin with another's. */
export const netnsOf = (lab: string, host: string): string => `ecsodus.${lab}.${host}`;

const bridgeNetns = (lab: string): string => netnsOf(lab, 'bridge');
const operatorLink = (prefix: string): string => `ecsodus${prefix.split('.')[2]}`;
const octet = (address: string): string => address.split('.')[3] ?? '';

/** The first /24 of 10.213 that no interface and no other lab uses. */
export async function freePrefix(others: readonly Lab[]): Promise<string> {
  const { stdout } = await attempt(['ip', '-4', '-o', 'addr', 'show']);
  const taken = new Set(others.map((lab) => lab.prefix));
  for (let number = 0; number < 256; number++) {
    const prefix = `10.213.${number}`;
    if (!taken.has(prefix) && !stdout.includes(`${prefix}.`)) return prefix;
  }
  throw new Error('no free network 10.213.N.0/24: too many labs are up');
}

/**
 * The bridge lives in a namespace of its own, where no dockerd of the machine filters what it forwards.
 * Its own address is the registry's.
 */
export async function makeNetwork(lab: string, prefix: string): Promise<void> {
  const bridge = bridgeNetns(lab);
  const link = operatorLink(prefix);
  await run(['ip', 'netns', 'add', bridge]);
  await ip(bridge, 'link set lo up');
  await ip(bridge, 'link add br0 type bridge');
  await ip(bridge, `addr add ${prefix}.3/24 dev br0`);
  await ip(bridge, 'link set br0 up');
  await run(['ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'operator', 'netns', bridge]);
  await ip(bridge, 'link set operator master br0 up');
  await run(['ip', 'addr', 'add', `${prefix}.1/24`, 'dev', link]);
  await run(['ip', 'link', 'set', link, 'up']);
}

export async function removeNetwork(lab: string, prefix: string | undefined): Promise<void> {
  if (prefix) await attempt(['ip', 'link', 'del', operatorLink(prefix)]);
  for (const name of await labNetns(lab)) await run(['ip', 'netns', 'del', name]);
}

export async function labNetns(lab: string): Promise<readonly string[]> {
  const names = await readdir('/run/netns').catch(() => []);
  return names.filter((name) => name.startsWith(netnsOf(lab, '')));
}

/** A namespace whose eth0 hangs on the lab's bridge. No default route: nothing is sent outside the lab. */
export async function plugIn(lab: string, host: string, address: string): Promise<string> {
  const netns = netnsOf(lab, host);
  const link = `h${octet(address)}`;
  await run(['ip', 'netns', 'add', netns]);
  await ip(bridgeNetns(lab), `link add ${link} type veth peer name eth0 netns ${netns}`);
  await ip(bridgeNetns(lab), `link set ${link} master br0 up`);
  await ip(netns, 'link set lo up');
  await ip(netns, `addr add ${address}/24 dev eth0`);
  await ip(netns, 'link set eth0 up');
  return `/run/netns/${netns}`;
}

/** Deleting the namespace takes both ends of the link with it, once nothing runs there any more. */
export async function unplug(lab: string, host: string): Promise<void> {
  await attempt(['ip', 'netns', 'del', netnsOf(lab, host)]);
}

export const bridgeNetnsPath = (lab: string): string => `/run/netns/${bridgeNetns(lab)}`;

const ip = (netns: string, command: string): Promise<string> => run(['ip', '-n', netns, ...command.split(' ')]);
