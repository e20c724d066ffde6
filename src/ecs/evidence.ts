import type { Container } from '../inventory.ts';
import { reveal } from '../secret.ts';
import { recordOf, textsOf } from './json.ts';
import { labelOf, linkAliases } from './network-names.ts';

/** One reason to believe that a container calls another. */
export interface Evidence {
  /** Where it stands; never a value, which may be secret. */
  readonly where: string;
  /** A host in a URL, `name:port`, a link: not to be doubted. A mere word may mean something else. */
  readonly strong: boolean;
  /** The port that is called, where it stands beside the name. */
  readonly port?: number;
}

/** Why `caller` is thought to call the container with these names. */
export function evidenceOf(caller: Container, callee: Container, names: readonly string[]): Evidence[] {
  const found = texts(caller).flatMap(({ where, text, mayBeWord }) => inText(where, text, mayBeWord, names));
  const mentioned = caller.mentions
    .filter(({ name }) => names.includes(name))
    .map(({ file }) => ({ where: file, strong: true }));
  const linked = linkAliases(caller, callee).map((alias) => ({ where: `link ${alias}`, strong: true }));
  const depends = dependency(caller, callee) === undefined ? [] : [{ where: 'compose depends_on', strong: true }];
  return [...linked, ...depends, ...found, ...mentioned];
}

interface Text {
  readonly where: string;
  readonly text: string;
  readonly mayBeWord: boolean;
}

function texts({ env, inspect }: Container): Text[] {
  const config = recordOf(inspect.Config);
  const [, ...args] = [...textsOf(config.Entrypoint), ...textsOf(config.Cmd)]; // the first is the program
  return [
    ...env.map(({ name, value }) => ({ where: name, text: reveal(value ?? ''), mayBeWord: !namesNoHost(name) })),
    ...args.map((text, index) => ({ where: `argument ${index + 1}`, text, mayBeWord: true })),
  ];
}

/** `MYSQL_DATABASE=blog` says nothing about a container called blog. */
const namesNoHost = (variable: string): boolean =>
  /(^|_)(DATABASE|DB|DBNAME|NAME|USER|USERNAME|LOGIN|PASSWORD|PASS|PREFIX|SCHEMA|ENV|MODE|ROLE|TITLE|PATH|DRIVER|CLIENT|CONNECTION|TYPE)$/i.test(
    variable,
  );

function inText(where: string, text: string, mayBeWord: boolean, names: readonly string[]): Evidence[] {
  const hosts = hostsIn(text).filter(({ host }) => names.includes(host));
  if (hosts.length > 0) return hosts.map(({ port }) => ({ where, strong: true, ...(port !== undefined && { port }) }));
  const rest = text.replace(url, ' ');
  return mayBeWord && names.some((name) => hasWord(rest, name)) ? [{ where, strong: hostVariable.test(where) }] : [];
}

const hostVariable = /(HOST|HOSTNAME|HOSTS|SERVER|SERVERS|ADDR|ADDRESS|ENDPOINT|UPSTREAM|BACKEND|BROKER|BROKERS)$/i;

const url = /([a-z][a-z0-9+.-]*):\/\/([^\s/?#"'<>]*)\S*/gi;

/** Ports that a URL need not name. */
const schemePorts: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  ws: 80,
  wss: 443,
  mysql: 3306,
  mariadb: 3306,
  postgres: 5432,
  postgresql: 5432,
  redis: 6379,
  mongodb: 27017,
  amqp: 5672,
  memcached: 11211,
};

/** Hosts that stand where only a host can stand: in a URL, or before a port. */
export function hostsIn(text: string): { host: string; port?: number }[] {
  const inUrls = [...text.matchAll(url)].flatMap(([, scheme = '', authority = '']) =>
    authority
      .slice(authority.lastIndexOf('@') + 1)
      .split(',')
      .map((each) => hostAndPort(each, schemePorts[scheme.replace(/^.*\+|\+.*$/g, '').toLowerCase()])),
  );
  const beforePorts = [...text.replace(url, ' ').matchAll(/(?<![\w.:/-])([A-Za-z0-9][\w.-]*):(\d{2,5})(?![\w:.])/g)];
  return [...inUrls, ...beforePorts.map(([, host = '', port]) => ({ host, port: Number(port) }))];
}

function hostAndPort(authority: string, schemePort: number | undefined): { host: string; port?: number } {
  const [host = '', digits] = authority.split(':');
  const port = digits ? Number(digits) : schemePort;
  return port === undefined ? { host } : { host, port };
}

const hasWord = (text: string, name: string): boolean =>
  new RegExp(`(?<![\\w./-])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w/-]|\\.\\w)`).test(text);

/** What compose says `caller` waits for, with its condition: `db:service_healthy:false,cache:service_started:true`. */
export function dependency(caller: Container, callee: Container): string | undefined {
  const [project, service] = [
    labelOf(callee, 'com.docker.compose.project'),
    labelOf(callee, 'com.docker.compose.service'),
  ];
  if (project === '' || service === '' || project !== labelOf(caller, 'com.docker.compose.project')) return undefined;
  const entries = labelOf(caller, 'com.docker.compose.depends_on')
    .split(',')
    .map((entry) => entry.split(':'));
  const found = entries.find(([name]) => name === service);
  return found && (found[1] ?? 'service_started');
}
