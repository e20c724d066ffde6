import { publicPorts } from './ecs-names.ts';
import type { Noticed, Scene } from './finding-with-setup.ts';
import { type FirewallRule, isClosed, parseIptables } from './firewall.ts';

/** Chains that Docker, ufw, fail2ban, firewalld and Kubernetes make for themselves. */
const made = /^(DOCKER.*|ufw6?-.*|f2b-.*|IN_.*|FWD.*|POST_.*|PRE_.*|KUBE-.*|ts-.*)$/;

/** How the source was closed, where the target is not: the security group lets in SSH and every published port. */
export function firewallFindings({ around, inventory }: Scene): Noticed[] {
  const firewall = parseIptables(around.iptables);
  const closed = inventory.containers
    .filter(({ running }) => running)
    .flatMap((container) => publicPorts(container).map((port) => ({ ...port, container: container.name })))
    .filter((port) => isClosed(firewall, port));
  const bridges = firewall.rules.flatMap(({ text }) => /-o (\S+) -j DOCKER$/.exec(text)?.[1] ?? []);
  const ofBridges = new RegExp(
    ` (docker0|br-[0-9a-f]{12}${bridges.map((name) => `|${name.replace(/[^\w-]/g, '\\$&')}`).join('')})( |$)`,
  );
  const own = firewall.rules.filter(
    (rule) => isOwn(rule) && (rule.chain === 'DOCKER-USER' || !ofBridges.test(rule.text)),
  );
  return [
    ...closed.map(closedPort),
    ...(own.length > 0 ? [ownRules(own)] : []),
    ...ufw(firewall.policies, firewall.rules),
    ...failToBan(around.programs),
    ...otherTables(around.nftTables),
    ...cloudFirewall(around.vendor),
  ];
}

const closedPort = ({ hostPort, container }: { hostPort: number; container: string }): Noticed => ({
  level: 'blocker',
  code: 'port-closed',
  subject: `${container}:${hostPort}`,
  message: `A firewall rule of the source keeps the world from port ${hostPort}, though ${container} publishes it. ecsodus would open it in the security group.`,
  remedy: `Publish it at one address only on the source (-p 127.0.0.1:${hostPort}:…), which keeps it closed on AWS too; then plan again. Accept it ("port-closed:${container}:${hostPort}") if it may be open.`,
});

const isOwn = ({ table, chain, text }: FirewallRule): boolean =>
  (table === 'filter' || table === 'raw' || table === 'mangle' || table === 'nat') &&
  (chain === 'DOCKER-USER' || !made.test(chain)) &&
  !/ecsodus:/.test(text) &&
  !/-j (DOCKER\S*|ufw6?-\S+|f2b-\S+|KUBE-\S+|ts-\S+)/.test(text) &&
  !(table === 'nat' && /-j MASQUERADE/.test(text)) &&
  text !== '-A DOCKER-USER -j RETURN';

function ownRules(rules: readonly FirewallRule[]): Noticed {
  const shown = rules.slice(0, 5).map(({ table, text }) => `${table}: ${text}`);
  const more = rules.length > shown.length ? ` and ${rules.length - shown.length} more` : '';
  return {
    level: 'warning',
    code: 'firewall-rules',
    subject: 'iptables',
    message: `The source has firewall rules of its own, which are not moved: ${shown.join('; ')}${more}.`,
    remedy:
      'The security group lets in SSH from you and the ports that containers publish to the world, and nothing else. Put other rules into it (aws ec2 authorize-security-group-ingress), or drop rules for DOCKER-USER into "instance.setup".',
  };
}

/** Docker publishes past ufw: what ufw does not allow is open all the same (INPUT is not asked for forwarded ports). */
function ufw(policies: ReadonlyMap<string, string>, rules: readonly FirewallRule[]): Noticed[] {
  if (!policies.has('filter ufw-user-input')) return [];
  const allowed = rules
    .filter(({ chain, text }) => chain === 'ufw-user-input' && / -j (ACCEPT|ufw-user-limit-accept)$/.test(text))
    .map(({ text }) => text.replace(/^-A \S+ /, '').replace(/ -j \S+$/, ''));
  return [
    {
      level: 'info',
      code: 'ufw',
      subject: 'ufw',
      message: `ufw is on and allows: ${allowed.length === 0 ? 'nothing by rule' : [...new Set(allowed)].join('; ')}. It guards the host, not what Docker publishes; on AWS the security group guards both.`,
      remedy:
        'Programs on the host’s network are opened there by nobody: add a rule for each port that the world must reach.',
    },
  ];
}

const failToBan = (programs: readonly string[]): Noticed[] =>
  programs.some((name) => name.startsWith('fail2ban'))
    ? [
        {
          level: 'warning',
          code: 'fail2ban',
          subject: 'fail2ban',
          message: 'fail2ban bans addresses on the source; the instance has none of it.',
          remedy:
            'SSH there is open to your address only. Against attacks on the applications: AWS WAF on a load balancer, or limits in the proxy.',
        },
      ]
    : [];

/** iptables on nftables shows its rules in tables of these names. */
const iptablesTables = /^(ip|ip6|inet|arp|bridge) (filter|nat|mangle|raw|security|docker-bridges|f2b-table)$/;

function otherTables(tables: readonly string[]): Noticed[] {
  const others = tables.filter((table) => !iptablesTables.test(table));
  return others.length === 0
    ? []
    : [
        {
          level: 'warning',
          code: 'firewall-rules',
          subject: 'nftables',
          message: `The source has nftables rules of its own (${others.join(', ')}), which are not moved and were not judged: they may close ports that ecsodus opens.`,
          remedy: `Look at them (${others.map((table) => `nft list table ${table}`).join('; ')}); a port they close to the world must be published at 127.0.0.1 on the source, then plan again.`,
        },
      ];
}

const cloudFirewall = (vendor: string): Noticed[] =>
  vendor === 'DigitalOcean'
    ? [
        {
          level: 'info',
          code: 'cloud-firewall',
          subject: 'DigitalOcean',
          message:
            'A Cloud Firewall of DigitalOcean cannot be seen from the droplet. What it closes, ecsodus opens if a container publishes it to the world.',
          remedy:
            'See which it has: doctl compute firewall list. Publish what it closes at 127.0.0.1 on the source, then plan again.',
        },
      ]
    : [];
