/** A scheme is not looked for within a word: a key of many thousand letters would be read as often as it has letters. */
const url = /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*):\/\/([^\s/?#"'<>]*)\S*/gi;

/** `http://a:80,http://b:80` are two URLs; `mongodb://a,b/x` is one. */
const apart = (text: string): string => text.replace(/[,;](?=[a-z][a-z0-9+.-]*:\/\/)/gi, ' ');

/** Whole words that stand neither in a URL nor in a path, nor are part of a longer host name. */
export const wordsIn = (text: string): Set<string> =>
  new Set(
    [
      ...apart(text)
        .replace(url, ' ')
        .matchAll(/(?<![\w./-])[A-Za-z0-9][\w.-]*(?![\w/])/g),
    ].map(([word]) => word.replace(/\.+$/, '')),
  );

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

const schemePort = (scheme: string): number | undefined =>
  schemePorts[scheme.replace(/^.*\+|\+.*$/g, '').toLowerCase()];

/** Hosts that stand where only a host can stand: in a URL, or before a port. */
export function hostsIn(text: string): { host: string; port?: number }[] {
  const inUrls = [...apart(text).matchAll(url)].flatMap(([, scheme = '', authority = '']) =>
    authority
      .slice(authority.lastIndexOf('@') + 1)
      .split(',')
      .map((each) => hostAndPort(each, schemePort(scheme))),
  );
  const beforePorts = [
    ...apart(text)
      .replace(url, ' ')
      .matchAll(/(?<![\w.:/-])([A-Za-z0-9][\w.-]*):(\d{2,5})(?![\w:.])/g),
  ];
  return [...inUrls, ...beforePorts.map(([, host = '', port]) => ({ host, port: Number(port) }))];
}

function hostAndPort(authority: string, usual: number | undefined): { host: string; port?: number } {
  const [host = '', digits] = authority.split(':');
  const port = digits ? Number(digits) : usual;
  return port === undefined ? { host } : { host, port };
}

/**
 * The value of a variable in which these hosts are called at another port: `db:3306`, a URL that names no port, or the port
 * alone. Undefined where that cannot be written for sure.
 */
export function withPort(value: string, hosts: readonly string[], from: number, to: number): string | undefined {
  if (value === String(from)) return String(to);
  const calls = (text: string, port: number) =>
    hostsIn(text).filter((each) => hosts.includes(each.host) && each.port === port).length;
  const written = hosts.reduce((text, host) => writePort(text, host, from, to), value);
  return calls(value, from) > 0 && calls(written, from) === 0 && calls(written, to) >= calls(value, from)
    ? written
    : undefined;
}

function writePort(text: string, host: string, from: number, to: number): string {
  const escaped = host.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const inUrl = new RegExp(
    `(?<![a-z0-9+.-])(([a-z][a-z0-9+.-]*)://(?:[^\\s/?#"'<>]*[@,])?)${escaped}(?![\\w.:-])`,
    'gi',
  );
  return text
    .replace(new RegExp(`(?<![\\w.-])${escaped}:${from}(?!\\d)`, 'g'), `${host}:${to}`)
    .replace(inUrl, (found, before: string, scheme: string) =>
      schemePort(scheme) === from ? `${before}${host}:${to}` : found,
    );
}
