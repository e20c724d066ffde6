import { isIPv4 } from 'node:net';
import { recordOf } from '../ecs/json.ts';
import { looksSecret } from '../ecs/secrets.ts';
import { parseHostsInFiles } from '../queries/hosts-in-files.ts';
import { parseRecords, type SurroundingsRecord } from '../queries/surroundings.ts';
import { dockerLinesOf, parseCrontab, scriptJob } from './crontab.ts';
import { parseDaemonFlags } from './daemon-settings.ts';
import { oldBridge } from './reference-notices.ts';
import { containerPids, parseProcNet, parseSs, programNames } from './sockets.ts';
import type { ContainerSystem, CronJob, Listener, Surroundings } from './surroundings.ts';
import { parseCurrentSysctls, parseSysctls } from './sysctl-findings.ts';
import { parseUnit } from './units.ts';

/** What the three queries of `readSurroundings` said; `address` is the host's as the operator reaches it. */
export function parseSurroundings(host: string, systems: string, files: string, address: string): Surroundings {
  const records = parseRecords(host);
  const textsOf = (kind: string) => records.filter((each) => each.kind === kind);
  const text = (kind: string) =>
    textsOf(kind)
      .map((each) => each.text)
      .join('\n');
  const lines = (kind: string) => linesOf(text(kind));
  const enabled = lines('enabled').filter((name) => !name.includes('*'));
  const inContainers = containerPids(text('cgroups'));
  const names = programNames(text('programs'));
  return {
    addresses: addressesOf(text('addresses'), address),
    vendor: text('vendor').trim(),
    timeZone: text('zone')
      .trim()
      .replace(/^(Etc\/)?(UTC|UCT|Zulu|Universal|GMT)$/, ''),
    jobs: jobsOf(records),
    units: textsOf('unit').flatMap(({ name, text: unit }) => parseUnit(name, unit, enabled)),
    enabled,
    listeners: listenersOf(textsOf('sockets'), text('socket-owners'), names, inContainers),
    programs: [...new Set([...names].filter(([pid]) => !inContainers.has(pid)).map(([, name]) => name))].sort(),
    certificates: lines('certificates'),
    acmeFolders: lines('acme'),
    iptables: text('iptables'),
    nftTables: lines('nft').map((line) => line.replace(/^table /, '')),
    sysctls: Object.assign({}, ...textsOf('sysctl').map((each) => parseSysctls(each.text))) as Record<string, string>,
    sysctlsNow: parseCurrentSysctls(text('sysctl-now')),
    daemon: daemonOf(text('daemon'), textsOf('dockerd').find(({ name }) => !inContainers.has(name))?.text ?? ''),
    hosts: lines('hosts').flatMap((line) => (isUsualHost(line) ? [] : [line.replace(/\s+/g, ' ')])),
    modules: lines('modules').flatMap((line) => (/^[#;]/.test(line) ? [] : [line.split(/\s/, 1)[0] ?? ''])),
    swapBytes: lines('swaps').reduce((sum, line) => sum + (Number(line.split(/\s+/)[2]) || 0) * 1024, 0),
    disks: textsOf('disk').map(({ name, text: mounts }) => ({ name, mountPoints: [...new Set(linesOf(mounts))] })),
    systems: Object.fromEntries(parseRecords(systems).map((each) => [each.name, parseSystem(each.text)])),
    hostsInFiles: parseHostsInFiles(files),
  };
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** The kernel's table shows `|-- 10.0.0.5` and below it `/32 host LOCAL`. Those of others are known: §5, §1.4. */
function addressesOf(trie: string, reached: string): string[] {
  const own = [...trie.matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n\s+\/32 host LOCAL/g)].map(([, found = '']) => found);
  const others = [oldBridge, '169.254.169.254', '67.207.67.2', '67.207.67.3'];
  return [...new Set([...own, ...(isIPv4(reached) ? [reached] : []), ...others])].filter(
    (found) => !found.startsWith('127.'),
  );
}

function jobsOf(records: readonly SurroundingsRecord[]): CronJob[] {
  const scripts = new Map(
    records.filter(({ kind }) => kind === 'script').map(({ name, text }) => [name, dockerLinesOf(text)]),
  );
  const jobs = records.flatMap(({ kind, name, text }) => {
    if (kind === 'crontab') return parseCrontab(name, text, true);
    if (kind === 'user-crontab') return parseCrontab(name, text, false);
    return kind === 'cron-script' ? scriptJob(name, text) : [];
  });
  return jobs.map((job) => {
    const called = [...scripts].filter(
      ([path, { lines }]) =>
        lines.length > 0 && new RegExp(`(^|\\s)${escapePath(path)}(\\s|$|[;&|>])`).test(job.command),
    );
    return called.length === 0 || job.dockerLines.length > 0
      ? job
      : { ...job, dockerLines: called.flatMap(([, { lines }]) => lines) };
  });
}

const escapePath = (text: string): string => text.replace(/[^\w/]/g, '\\$&');

const listenersOf = (
  records: readonly SurroundingsRecord[],
  owners: string,
  names: ReadonlyMap<string, string>,
  inContainers: ReadonlySet<string>,
): Listener[] =>
  records.flatMap(({ name, text }) =>
    name === 'ss' ? parseSs(text, inContainers) : parseProcNet(text, owners, names, inContainers),
  );

function daemonOf(json: string, commandLine: string): Record<string, unknown> | undefined {
  const flags = parseDaemonFlags(commandLine.split('\n').filter((word) => word !== ''));
  try {
    return withoutSecrets({ ...flags, ...(json.trim() === '' ? {} : recordOf(JSON.parse(json))) });
  } catch {
    return undefined;
  }
}

/** Log options and proxies may hold a password or a token. */
const withoutSecrets = (settings: Record<string, unknown>): Record<string, unknown> =>
  JSON.parse(JSON.stringify(settings), (key, value: unknown) =>
    typeof value === 'string' && looksSecret(key, value) ? '[redacted]' : value,
  ) as Record<string, unknown>;

/** Loopback, IPv6 multicast, and the host's own name. */
const isUsualHost = (line: string): boolean => /^(#|127\.|::1\s|f[ef]0[0-2]::|255\.255\.255\.255)/.test(line);

function parseSystem(text: string): ContainerSystem {
  const facts = new Map(
    linesOf(text).map((line): [string, string] => [
      line.split('=', 1)[0] ?? '',
      line.slice(line.indexOf('=') + 1).replace(/^"|"$/g, ''),
    ]),
  );
  const [, redhat] = /release (\d[\d.]*)/.exec(facts.get('redhat-release') ?? '') ?? [];
  const debian = /^\d/.test(facts.get('debian_version') ?? '') ? facts.get('debian_version') : undefined;
  const distribution = facts.get('ID') ?? (redhat ? 'centos' : debian && 'debian');
  const version = facts.get('VERSION_ID') ?? redhat ?? debian;
  const libc = /^libc-(2\.\d+)/.exec(facts.get('libc') ?? '')?.[1];
  const java = facts.get('java');
  const init = facts.get('init');
  return {
    ...(distribution && { distribution }),
    ...(version && { version }),
    ...(libc && { libc }),
    ...(java && { java }),
    ...(init && { init }),
  };
}
