import { attempt, run } from './command.ts';
import type { Host } from './host.ts';
import type { IngressRule } from './moto-state.ts';
import { netnsOf } from './network.ts';

const chain = 'LAB-SECURITY-GROUPS';

/** Before Docker's DNAT, so that published ports are filtered by the port a client sees; after conntrack. */
const jump = ['PREROUTING', '-i', 'eth0', '-p', 'tcp', '-m', 'conntrack', '--ctstate', 'NEW', '-j', chain];

/**
 * Text for `iptables-restore --noflush`: a chain of our own, replaced as a whole, that drops every new TCP connection
 * no rule lets in. What runs already and what goes out never comes to it.
 */
export function firewallText(ingress: readonly IngressRule[]): string {
  const accepted = ingress.filter(({ protocol }) => protocol === 'tcp' || protocol === '-1').map(matchOf);
  const rules = [...new Set(accepted)].sort().map((match) => `-A ${chain} ${match} -j RETURN\n`);
  return `*mangle\n:${chain} - [0:0]\n${rules.join('')}-A ${chain} -j DROP\nCOMMIT\n`;
}

/** Makes an instance's security groups real, from outside: in its network namespace only. Answers with what stands now. */
export async function keepFirewall(
  { lab, name }: Pick<Host, 'lab' | 'name'>,
  ingress: readonly IngressRule[],
  standing: string,
): Promise<string> {
  const text = firewallText(ingress);
  if (text === standing) return text;
  const inside = ['nsenter', `--net=/run/netns/${netnsOf(lab, name)}`];
  await run([...inside, 'iptables-restore', '--wait', '--noflush'], { input: text });
  const { code } = await attempt([...inside, 'iptables', '--wait', '--table', 'mangle', '--check', ...jump]);
  if (code !== 0) await run([...inside, 'iptables', '--wait', '--table', 'mangle', '--append', ...jump]);
  return text;
}

const matchOf = ({ protocol, fromPort, toPort, cidr }: IngressRule): string =>
  protocol === 'tcp' ? `-s ${cidr} -p tcp --dport ${fromPort}:${toPort}` : `-s ${cidr}`;
