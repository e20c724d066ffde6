import type { Listener } from './surroundings.ts';

/** Processes of containers, by pid, from `123/cgroup:<container id>` lines. */
export const containerPids = (cgroups: string): ReadonlySet<string> =>
  new Set(cgroups.split('\n').map((line) => line.split('/', 1)[0] ?? ''));

/** Names by pid, from `123/comm:nginx` lines. */
export const programNames = (comms: string): ReadonlyMap<string, string> =>
  new Map(
    comms.split('\n').flatMap((line): [string, string][] => {
      const [, pid = '', name = ''] = /^(\d+)\/comm:(.*)$/.exec(line) ?? [];
      return pid === '' ? [] : [[pid, name]];
    }),
  );

/** `ss -ltnp`: what containers on the host's network listen on is theirs; docker-proxy's ports are Docker's. */
export function parseSs(text: string, ofContainers: ReadonlySet<string>): Listener[] {
  return text.split('\n').flatMap((line) => {
    const [state, , , local = '', , users = ''] = line.trim().split(/\s+/);
    const [, program = '', pid = ''] = /\(\("([^"]*)",pid=(\d+)/.exec(users) ?? [];
    if (state !== 'LISTEN' || program === 'docker-proxy' || ofContainers.has(pid)) return [];
    const at = local.lastIndexOf(':');
    const address = local
      .slice(0, at)
      .replace(/^\[|\]$|%.*$/g, '')
      .replace(/\]$/, '');
    return [{ program, address, port: Number(local.slice(at + 1)) }];
  });
}

/** /proc/net/tcp and tcp6, with `123/fd/4 socket:[inode]` lines for the owners. */
export function parseProcNet(
  text: string,
  owners: string,
  names: ReadonlyMap<string, string>,
  ofContainers: ReadonlySet<string>,
): Listener[] {
  const pids = new Map(
    owners.split('\n').map((line): [string, string] => {
      const [, pid = '', inode = ''] = /^(\d+)\/fd\/\d+ socket:\[(\d+)\]$/.exec(line) ?? [];
      return [inode, pid];
    }),
  );
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [hex = '', port = ''] = (fields[1] ?? '').split(':');
    const pid = pids.get(fields[9] ?? '') ?? '';
    const program = names.get(pid) ?? '';
    if (fields[3] !== '0A' || program === 'docker-proxy' || ofContainers.has(pid)) return [];
    return [{ program, address: addressOf(hex), port: Number.parseInt(port, 16) }];
  });
}

/** The kernel writes addresses as words in the machine's own order; of IPv6 only loopback has to be told. */
function addressOf(hex: string): string {
  if (hex.length !== 8) return /^0{24}01000000$/.test(hex) ? '::1' : '::';
  return (hex.match(/../g) ?? [])
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
}
