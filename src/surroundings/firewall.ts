/** One rule of `iptables-save`: `-A chain …`. */
export interface FirewallRule {
  readonly table: string;
  readonly chain: string;
  readonly text: string;
}

export interface FirewallRules {
  readonly rules: readonly FirewallRule[];
  /** `filter INPUT` → DROP */
  readonly policies: ReadonlyMap<string, string>;
}

export function parseIptables(saved: string): FirewallRules {
  const rules: FirewallRule[] = [];
  const policies = new Map<string, string>();
  let table = '';
  for (const line of saved.split('\n').map((each) => each.trim())) {
    const [, chain = '', policy = ''] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (line.startsWith('*')) table = line.slice(1);
    else if (chain !== '') policies.set(`${table} ${chain}`, policy);
    else if (line.startsWith('-A ')) rules.push({ table, chain: line.split(' ')[1] ?? '', text: line });
  }
  return { rules, policies };
}

/** A new TCP connection from somewhere in the world to a published port, before Docker sends it to the container. */
export interface Packet {
  readonly hostPort: number;
  readonly containerPort: number;
}

/**
 * Whether the world cannot reach a published port: Docker's own rules accept it unless something in DOCKER-USER, or
 * before Docker in the tables raw and mangle, drops it. A rule for particular senders is none for the world; one that
 * cannot be judged (rate limits, marks, sets) counts as not matching.
 */
export const isClosed = (firewall: FirewallRules, { hostPort, containerPort }: Packet): boolean =>
  verdict(firewall, 'raw', 'PREROUTING', hostPort, hostPort) === 'drop' ||
  verdict(firewall, 'mangle', 'PREROUTING', hostPort, hostPort) === 'drop' ||
  verdict(firewall, 'filter', 'DOCKER-USER', containerPort, hostPort) === 'drop';

type Verdict = 'accept' | 'drop' | 'return';

const final: Readonly<Record<string, Verdict>> = {
  DROP: 'drop',
  REJECT: 'drop',
  TARPIT: 'drop',
  ACCEPT: 'accept',
  RETURN: 'return',
};

/** Of one chain, and those it jumps to; `port` is the destination as it is there, `original` as the stranger wrote it. */
function verdict(
  firewall: FirewallRules,
  table: string,
  chain: string,
  port: number,
  original: number,
  depth = 0,
): Verdict {
  const inChain = firewall.rules.filter((rule) => rule.table === table && rule.chain === chain);
  for (const { text } of inChain.filter((rule) => matches(rule.text, port, original))) {
    const target = /-[jg] (\S+)/.exec(text)?.[1] ?? '';
    const said = final[target];
    if (said !== undefined) return said;
    const inner = depth < 10 ? verdict(firewall, table, target, port, original, depth + 1) : 'return';
    if (inner !== 'return') return inner;
  }
  return 'return';
}

/** Conditions that a stranger's first packet meets or not; any that is not known here is not met. */
function matches(rule: string, port: number, original: number): boolean {
  let rest = rule
    .replace(/^-A \S+/, '')
    .replace(/ -[jg] .*$/, '')
    .replace(/ -m comment --comment ("[^"]*"|\S+)/, '');
  const take = (pattern: RegExp, holds: (value: string) => boolean): boolean => {
    let met = true;
    rest = rest.replace(pattern, (_, not: string | undefined, value: string) => {
      met &&= holds(value) !== (not !== undefined);
      return '';
    });
    return met;
  };
  const among = (list: string, wanted: number) =>
    list.split(',').some((each) => {
      const [low = '', high = low] = each.split(':');
      return wanted >= Number(low) && wanted <= Number(high || 65535);
    });
  const met = [
    take(/ (! )?-i (\S+)/g, (device) => !/^(docker|br-|lo|veth|tun|wg|tailscale)/.test(device)),
    take(/ (! )?-o (\S+)/g, (device) => /^(docker|br-|\+)/.test(device)),
    take(/ (! )?-p (\S+)/g, (protocol) => protocol === 'tcp' || protocol === '6' || protocol === 'all'),
    take(/ (! )?-s (\S+)/g, (range) => range === '0.0.0.0/0'),
    take(/ (! )?-d (\S+)/g, (range) => range === '0.0.0.0/0'),
    take(/ (! )?--dports? (\S+)/g, (list) => among(list, port)),
    take(/ (! )?--ctorigdstport (\S+)/g, (list) => among(list, original)),
    take(/ (! )?--(?:ctstate|state) (\S+)/g, (states) => states.split(',').includes('NEW')),
    take(/ (! )?--ctdir (\S+)/g, (direction) => direction === 'ORIGINAL'),
    take(/ (! )?--tcp-flags (\S+ SYN)/g, () => true),
    take(/ (! )?(--syn)/g, () => true),
  ];
  const unknown = rest.replace(/ -m (tcp|conntrack|state|multiport)\b/g, '').trim();
  return met.every(Boolean) && unknown === '';
}
