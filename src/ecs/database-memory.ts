import type { Container, DatabaseMemory } from '../inventory.ts';
import { recordOf, textsOf } from './json.ts';

const [kib, mib, gib, tib] = [1024, 1024 ** 2, 1024 ** 3, 1024 ** 4];

/** Suffixes as each program reads them, in lower case; '' is the unit of a bare number. */
const mysqlUnits = { '': 1, k: kib, m: mib, g: gib, t: tib };
const postgresUnits = { '': 8 * kib, b: 1, kb: kib, mb: mib, gb: gib, tb: tib };
const redisUnits = { '': 1, b: 1, k: 1000, kb: kib, m: 1e6, mb: mib, g: 1e9, gb: gib };
const mongoUnits = { '': gib };
const jvmUnits = { '': 1, k: kib, m: mib, g: gib, t: tib };

interface Known {
  /** As databases and their manuals call it. */
  readonly setting: string;
  /** In arguments and environment; the number is the first group, its unit the second. */
  readonly argument: RegExp;
  /** A line of a configuration file. */
  readonly line: RegExp;
  readonly units: Readonly<Record<string, number>>;
  /** What the whole program uses once the setting is used up: `bytes * factor + overhead`. */
  readonly factor: number;
  readonly overheadBytes: number;
  /** Whose configuration file it may be: in the image's name, the command, or where data is mounted. */
  readonly program: RegExp;
}

/**
 * Settings that say how much memory a database takes once it is warm, whatever it used while we looked. Beside it:
 * MySQL's and PostgreSQL's connections and catalogues, Redis's fragmentation and copy-on-write while it saves, the JVM's
 * metaspace, threads and buffers.
 */
const knownSettings: readonly Known[] = [
  {
    setting: 'innodb_buffer_pool_size',
    argument: /--innodb[-_]buffer[-_]pool[-_]size[= ]["']?(\d+)([a-z]?)/gi,
    line: /^\s*(?:loose[-_])?innodb[-_]buffer[-_]pool[-_]size\s*=\s*["']?(\d+)([a-z]?)/gim,
    units: mysqlUnits,
    factor: 1.1,
    overheadBytes: 256 * mib,
    program: /mysql|maria|percona/i,
  },
  {
    setting: 'shared_buffers',
    argument: /(?:-c ?|--)shared[-_]buffers=["']?(\d+)([a-z]*)/gi,
    line: /^\s*shared_buffers\s*=?\s*'?(\d+)\s*([a-z]*)/gim,
    units: postgresUnits,
    factor: 1.1,
    overheadBytes: 128 * mib,
    program: /postgres|postgis|timescale|pgvector/i,
  },
  {
    setting: 'maxmemory',
    argument: /--maxmemory[= ]["']?(\d+)([a-z]*)/gi,
    line: /^\s*maxmemory\s+["']?(\d+)([a-z]*)/gim,
    units: redisUnits,
    factor: 1.25,
    overheadBytes: 32 * mib,
    program: /redis|valkey|keydb/i,
  },
  {
    setting: 'wiredTigerCacheSizeGB',
    argument: /--wiredTigerCacheSizeGB[= ]["']?(\d+(?:\.\d+)?)()/gi,
    line: /^\s*(?:cacheSizeGB\s*:|wiredTigerCacheSizeGB\s*=)\s*(\d+(?:\.\d+)?)()/gim,
    units: mongoUnits,
    factor: 1.25,
    overheadBytes: 256 * mib,
    program: /mongo/i,
  },
  {
    setting: '-Xmx',
    argument: /(?<=^|[\s"'])-Xmx(\d+)([a-z]?)/gi,
    line: /^-Xmx(\d+)([a-z]?)/gim,
    units: jvmUnits,
    factor: 1.25,
    overheadBytes: 128 * mib,
    program: /java|j[dr]k|jre|elastic|opensearch|logstash|solr|kafka|cassandra|neo4j|jenkins|tomcat/i,
  },
];

/** The files in which a program looks for them, by shell pattern. What else is in them is not read. */
export const configurationFiles = [
  '*.cnf',
  'postgresql.conf',
  'postgresql.auto.conf',
  'redis*.conf',
  'valkey*.conf',
  'mongod.conf',
  'jvm.options',
  '*.options',
];

/** Lines that may hold such a setting, as an extended regular expression for grep. */
export const configurationLines =
  '^[[:space:]]*(loose[-_])?(innodb[-_]buffer[-_]pool[-_]size|shared_buffers|maxmemory[[:space:]]|cacheSizeGB|wiredTigerCacheSizeGB|-Xmx)';

/** Later settings override earlier ones, so the last counts. 0 means no limit, and says nothing. */
function lastIn(
  text: string,
  pattern: RegExp,
  { setting, units }: Known,
  where: (at: number) => string,
): DatabaseMemory[] {
  const found = [...text.matchAll(pattern)].flatMap((match): DatabaseMemory[] => {
    const bytes = Number(match[1]) * (units[(match[2] ?? '').toLowerCase()] ?? Number.NaN);
    return bytes > 0 ? [{ setting, bytes, where: where(match.index) }] : [];
  });
  return found.slice(-1);
}

const programOf = ({ imageName, inspect }: Pick<Container, 'imageName' | 'inspect'>): string =>
  [imageName, ...argumentsOf(inspect), ...(inspect.Mounts ?? []).map(({ Destination }) => Destination)].join(' ');

const argumentsOf = (inspect: Container['inspect']): string[] => {
  const { Entrypoint, Cmd } = recordOf(inspect.Config);
  return [...textsOf(Entrypoint), ...textsOf(Cmd)];
};

/** Whether it may have configuration files worth reading. */
export const runsDatabase = (container: Pick<Container, 'imageName' | 'inspect'>): boolean =>
  knownSettings.some(({ program }) => program.test(programOf(container)));

/** What one configuration file of a container says; nothing where the container does not run that program. */
export const settingsInFile = (
  container: Pick<Container, 'imageName' | 'inspect'>,
  file: string,
  text: string,
): DatabaseMemory[] =>
  knownSettings
    .filter(({ program }) => program.test(programOf(container)))
    .flatMap((known) => lastIn(text, known.line, known, () => file));

function settingsInCommand({ inspect }: Container): DatabaseMemory[] {
  const words = argumentsOf(inspect);
  const text = words.join(' ');
  return knownSettings.flatMap((known) => lastIn(text, known.argument, known, (at) => `argument ${wordAt(words, at)}`));
}

/** Counted from 1, the program's own name included. */
function wordAt(words: readonly string[], at: number): number {
  let end = 0;
  return (
    words.findIndex((word) => {
      end += word.length + 1;
      return at < end;
    }) + 1
  );
}

/** Most values do not: one look instead of one for each setting. */
const mayHoldSetting = /buffer|maxmemory|wiredtiger|-Xmx/i;

/** `JAVA_OPTS`, `ES_JAVA_OPTS`, `REDIS_ARGS` … hold arguments as well. Secret ones are not looked at. */
const settingsInEnvironment = ({ env }: Container): DatabaseMemory[] =>
  env.flatMap(({ name, value }) =>
    typeof value === 'string' && mayHoldSetting.test(value)
      ? knownSettings.flatMap((known) => lastIn(value, known.argument, known, () => `Config.Env.${name}`))
      : [],
  );

/** By setting, the one that counts: an argument overrides the environment, and that a file; of files the last one read. */
export function databaseSettings(container: Container): readonly DatabaseMemory[] {
  const all = [...container.databaseMemory, ...settingsInEnvironment(container), ...settingsInCommand(container)];
  return [...new Map(all.map((each) => [each.setting, each])).values()];
}

/** What a database uses once warm, in bytes, by the setting that asks for most. */
export function warmMemory(
  container: Container,
): { readonly bytes: number; readonly setting: DatabaseMemory; readonly rule: string } | undefined {
  const found = databaseSettings(container).flatMap((setting) => {
    const known = knownSettings.find((each) => each.setting === setting.setting);
    if (known === undefined) return [];
    const rule = `× ${known.factor} + ${known.overheadBytes / mib} MiB`;
    return [{ bytes: setting.bytes * known.factor + known.overheadBytes, setting, rule }];
  });
  return found.sort((a, b) => b.bytes - a.bytes)[0];
}
