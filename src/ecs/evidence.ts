import type { Container } from '../inventory.ts';
import { reveal } from '../secret.ts';
import { hostsIn, wordsIn } from './hosts-in-text.ts';
import { recordOf, textsOf } from './json.ts';
import { labelOf, linkAliases } from './network-names.ts';

/** One reason to believe that a container calls another. */
export interface Evidence {
  /** Where it stands; never a value, which may be secret. */
  readonly where: string;
  /** A host in a URL, `name:port`, a link: not to be doubted. A mere word may mean something else. */
  readonly strong: boolean;
  /** The name it calls; a link, or compose's depends_on, says none. */
  readonly host?: string;
  /** The port that is called, where it is said. */
  readonly port?: number;
  /** The variable that says the port, where one does: it can be given another. */
  readonly variable?: string;
}

/** What a container's settings say of hosts, by the host's name. */
export type Spoken = ReadonlyMap<string, readonly Evidence[]>;

/** Every name that may be a host's in environment, command arguments and mounted configuration files. */
export function spokenBy(container: Container): Spoken {
  const spoken = new Map<string, Evidence[]>();
  const note = (name: string, evidence: Evidence) =>
    spoken.set(name, [...(spoken.get(name) ?? []), { ...evidence, host: name }]);
  for (const text of textsIn(container)) {
    const hosts = hostsIn(text.text);
    for (const { host, port } of hosts) note(host, { where: text.where, strong: true, ...portOf(port, text.variable) });
    if (!text.mayBeWord) continue;
    const named = new Set(hosts.map(({ host }) => host));
    for (const word of wordsIn(text.text)) if (!named.has(word)) note(word, evidenceOfWord(text, container));
  }
  for (const { name, file, port, strong } of container.mentions) note(name, { where: file, strong, ...portOf(port) });
  return spoken;
}

const portOf = (port: number | undefined, variable?: string) =>
  port === undefined ? {} : { port, ...(variable !== undefined && { variable }) };

/** `DB_HOST=db` names a host, and `DB_PORT=3306` beside it the port. */
function evidenceOfWord({ where, variable }: Text, { env }: Container): Evidence {
  if (!hostVariable.test(where)) return { where, strong: false };
  const sibling = variable === undefined ? undefined : env.findLast(({ name }) => name === portVariable(variable));
  const port = Number(reveal(sibling?.value ?? ''));
  return { where, strong: true, ...(port > 0 && portOf(port, sibling?.name)) };
}

/** Why `caller` is thought to call the container with these names. */
export function evidenceOf(caller: Container, callee: Container, names: readonly string[], spoken: Spoken): Evidence[] {
  const linked = linkAliases(caller, callee).map((alias) => ({ where: `link ${alias}`, strong: true }));
  const depends = dependency(caller, callee) === undefined ? [] : [{ where: 'compose depends_on', strong: true }];
  return [...linked, ...depends, ...names.flatMap((name) => spoken.get(name) ?? [])];
}

interface Text {
  readonly where: string;
  readonly text: string;
  readonly mayBeWord: boolean;
  readonly variable?: string;
}

function textsIn({ env, inspect }: Container): Text[] {
  const config = recordOf(inspect.Config);
  const [, ...args] = [...textsOf(config.Entrypoint), ...textsOf(config.Cmd)]; // the first is the program
  return [
    ...env.map(({ name, value }) => ({
      where: name,
      variable: name,
      text: reveal(value ?? ''),
      mayBeWord: !namesNoHost(name),
    })),
    ...args.map((text, index) => ({ where: `argument ${index + 1}`, text, mayBeWord: true })),
  ];
}

/** `MYSQL_DATABASE=blog` says nothing about a container called blog. */
const namesNoHost = (variable: string): boolean =>
  /(^|_)(DATABASE|DB|DBNAME|NAME|USER|USERNAME|LOGIN|PASSWORD|PASS|PREFIX|SCHEMA|ENV|MODE|ROLE|TITLE|PATH|DRIVER|CLIENT|CONNECTION|TYPE)$/i.test(
    variable,
  );

const hostVariable = /(HOST|HOSTNAME|HOSTS|SERVER|SERVERS|ADDR|ADDRESS|ENDPOINT|UPSTREAM|BACKEND|BROKER|BROKERS)$/i;

const portVariable = (variable: string): string =>
  variable.replace(hostVariable, (host) => (host === host.toLowerCase() ? 'port' : 'PORT'));

/** What compose says `caller` waits for, with its condition: `db:service_healthy:false,cache:service_started:true`. */
export function dependency(caller: Container, callee: Container): string | undefined {
  const service = labelOf(callee, 'com.docker.compose.service');
  if (service === '' || projectOf(caller) === '' || projectOf(caller) !== projectOf(callee)) return undefined;
  const entries = labelOf(caller, 'com.docker.compose.depends_on')
    .split(',')
    .map((entry) => entry.split(':'));
  const found = entries.find(([name]) => name === service);
  return found && (found[1] ?? 'service_started');
}

/** The compose project of a container; empty where it is of none. */
export const projectOf = (container: Container): string => labelOf(container, 'com.docker.compose.project');
