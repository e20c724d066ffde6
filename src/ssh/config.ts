import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import SSHConfig from 'ssh-config';
import { MigrationError } from '../errors.ts';
import { readWithIncludes } from './include.ts';

/** A host with every setting of ssh_config worked out. */
export interface HostConfig {
  /** As the operator typed it, for messages. */
  readonly alias: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** In the order to try them; they may not exist where ssh_config names them. */
  readonly identityFiles: readonly string[];
  /** Offer no other key of the agent than those in `identityFiles`. */
  readonly identitiesOnly: boolean;
  /** Socket of the ssh-agent. */
  readonly agent: string | undefined;
  /** The first is where a confirmed key is written. */
  readonly knownHostsFiles: readonly string[];
  /** Looked up in known_hosts instead of name and port. */
  readonly hostKeyAlias: string | undefined;
  /** Jump hosts, the nearest to the operator first. */
  readonly jumps: readonly HostConfig[];
}

/** What resolving needs to know of the operator's machine. */
export interface Environment {
  readonly home: string;
  readonly user: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly exists: (file: string) => boolean;
}

const thisMachine = (): Environment => ({
  home: homedir(),
  user: userInfo().username,
  variables: process.env,
  exists: existsSync,
});

/** Resolves `[user@]host[:port]` through an ssh_config file; a missing file counts as empty only where it is the default. */
export async function readHostConfig(destination: string, file?: string): Promise<HostConfig> {
  const machine = thisMachine();
  const text = await readWithIncludes(file ?? join(machine.home, '.ssh', 'config'), file !== undefined);
  return resolveHost(text, destination, machine);
}

type Settings = Readonly<Record<string, readonly string[]>>;

/** Pure, `Match exec` aside, which runs as in OpenSSH. Keywords as in ssh_config(5). */
export function resolveHost(text: string, destination: string, machine: Environment, depth = 0): HostConfig {
  if (depth > 8)
    throw new MigrationError('ssh-config-loop', `ProxyJump of ${destination} leads back to itself.`, {
      hint: 'Mend ProxyJump in your ssh_config.',
    });
  const target = parseDestination(destination);
  const settings = compute(text, target);
  const one = (key: string) => settings[key]?.[0];
  const user = target.user ?? one('user') ?? machine.user;
  const port = target.port ?? Number(one('port') ?? 22);
  const hostName = (one('hostname') ?? '%h').replaceAll('%h', target.host).replaceAll('%%', '%');
  const expand = expander(machine, { h: hostName, n: target.host, p: String(port), r: user });
  refuseProxyCommand(settings, destination);
  return {
    alias: destination,
    hostName,
    port,
    user,
    identityFiles: identityFiles(settings, machine).map(expand),
    identitiesOnly: one('identitiesonly')?.toLowerCase() === 'yes',
    agent: agentSocket(one('identityagent'), machine, expand),
    knownHostsFiles: knownHostsFiles(settings).map(expand),
    hostKeyAlias: one('hostkeyalias'),
    jumps: jumps(one('proxyjump'), (hop) => resolveHost(text, hop, machine, depth + 1)),
  };
}

interface Destination {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** `[ssh://][user@]host[:port]`; an IPv6 address with a port is in brackets. */
function parseDestination(destination: string): Destination {
  const match =
    /^(?:ssh:\/\/)?(?:(?<user>.+)@)?(?:\[(?<ip>[^\]]+)\]|(?<host>[^:@]+|[0-9a-fA-F:]+(?:%\w+)?))(?::(?<port>\d+))?$/.exec(
      destination.trim(),
    );
  const { user, ip, host, port } = match?.groups ?? {};
  const name = ip ?? host;
  if (!name || name.startsWith('-')) {
    throw new MigrationError('ssh-destination', `"${destination}" is not a host to log in to.`, {
      hint: 'Write a host alias of your ssh_config, or user@host.',
    });
  }
  return { host: name, ...(user && { user }), ...(port && { port: Number(port) }) };
}

/** First value wins per keyword, whatever its case; IdentityFile collects. */
function compute(text: string, { host, user }: Destination): Settings {
  const config = SSHConfig.parse(text);
  const computed = config.compute(user === undefined ? { Host: host } : { Host: host, User: user }, {
    ignoreCase: true,
  });
  return Object.fromEntries(Object.entries(computed).map(([key, value]) => [key, [value].flat()]));
}

function refuseProxyCommand(settings: Settings, destination: string): void {
  const command = settings.proxycommand?.[0];
  if (command === undefined || command.toLowerCase() === 'none' || settings.proxyjump?.[0] !== undefined) return;
  throw new MigrationError(
    'ssh-proxy-command',
    `${destination} is reached through ProxyCommand, which is not supported.`,
    {
      hint: `Use "ProxyJump <host>" for ${destination} in your ssh_config, or a file of its own with --ssh-config.`,
    },
  );
}

const defaultIdentities = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa'];

function identityFiles(settings: Settings, machine: Environment): readonly string[] {
  const named = settings.identityfile;
  if (named) return named.filter((file) => file.toLowerCase() !== 'none');
  return defaultIdentities.filter((file) => machine.exists(file.replace('~', machine.home)));
}

function agentSocket(identityAgent: string | undefined, { variables }: Environment, expand: (text: string) => string) {
  if (identityAgent?.toLowerCase() === 'none') return undefined;
  if (identityAgent === undefined || identityAgent === 'SSH_AUTH_SOCK') return variables.SSH_AUTH_SOCK || undefined;
  return identityAgent.startsWith('$') ? variables[identityAgent.slice(1)] : expand(identityAgent);
}

/** The operator's own files first, then the machine's, as in OpenSSH. */
function knownHostsFiles(settings: Settings): readonly string[] {
  const own = settings.userknownhostsfile ?? ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'];
  const global = settings.globalknownhostsfile ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];
  return [...own, ...global].flatMap(words).filter((file) => file.toLowerCase() !== 'none');
}

const words = (value: string): readonly string[] => value.split(/\s+/).filter((word) => word !== '');

/** The first hop is reached by its own ProxyJump, later hops through the one before, as in OpenSSH. */
function jumps(value: string | undefined, resolve: (hop: string) => HostConfig): readonly HostConfig[] {
  if (value === undefined || value.toLowerCase() === 'none') return [];
  const hops = value.split(',').map((hop) => resolve(hop.trim()));
  return [...(hops[0]?.jumps ?? []), ...hops];
}

/** `~`, `${VARIABLE}` and the %-tokens that files of ssh_config may hold. */
function expander(machine: Environment, tokens: Readonly<Record<string, string>>) {
  const values: Readonly<Record<string, string>> = { ...tokens, d: machine.home, u: machine.user, '%': '%' };
  return (text: string): string =>
    text
      .replace(/^~(?=\/|$)/, machine.home)
      .replace(/\$\{(\w+)\}/g, (_, name: string) => machine.variables[name] ?? '')
      .replace(/%([a-zA-Z%])/g, (whole, letter: string) => values[letter] ?? whole);
}
