import { isEmpty, listOf, sameJson, shown, textsOf } from '../ecs/json.ts';
import { type DaemonRule, daemonRules } from './daemon-settings.ts';
import { type Noticed, type Scene, writeFile } from './finding-with-setup.ts';

/** What each key of the source's daemon.json, or flag of its dockerd, means for the instance. */
export function daemonFindings({ around: { daemon } }: Scene): Noticed[] {
  if (daemon === undefined) {
    return [
      {
        level: 'warning',
        code: 'daemon-json',
        subject: 'daemon.json',
        message: '/etc/docker/daemon.json on the source could not be read as JSON, so what it sets is not known.',
        remedy: 'Mend it there (python3 -m json.tool /etc/docker/daemon.json says where), then plan again.',
      },
    ];
  }
  const found = Object.entries(daemon).filter(([key, value]) => !isUsual(key, value));
  const carried = Object.fromEntries(found.flatMap(([key, value]) => carriedValue(key, value)));
  const lines = daemonLines(carried);
  return found.map(([key, value]) => daemonFinding(key, value, key in carried ? lines : undefined));
}

const ruleOf = (key: string): DaemonRule | undefined =>
  Object.hasOwn(daemonRules, key) ? daemonRules[key] : undefined;

const isUsual = (key: string, value: unknown): boolean =>
  (value !== false && isEmpty(value)) ||
  (ruleOf(key)?.usual ?? []).some((usual) => sameJson(usual, value) && typeof usual === typeof value);

function daemonFinding(key: string, value: unknown, setup: string | undefined): Noticed {
  const rule = ruleOf(key);
  const about = { code: 'daemon-json', subject: key };
  if (rule === undefined) {
    return {
      ...about,
      level: 'warning',
      message: `The source’s Docker has the setting ${key} in daemon.json, which ecsodus does not know.`,
      remedy:
        'See what it does (dockerd --help), and put it into /etc/docker/daemon.json by "instance.setup" if the containers need it.',
    };
  }
  const remedy =
    rule.remedy ??
    (rule.carried && setup === undefined ? 'The instance’s own are used: these answer on the source only.' : undefined);
  return {
    ...about,
    level: rule.level,
    message: `The source’s Docker has ${key} = ${shown(value).slice(0, 200)}: ${rule.means}.`,
    ...(remedy !== undefined && { remedy }),
    ...(setup !== undefined && { setup }),
  };
}

/** DNS servers that answer on the droplet only stay there. */
function carriedValue(key: string, value: unknown): [string, unknown][] {
  if (ruleOf(key)?.carried !== true) return [];
  if (key !== 'dns') return [[key, value]];
  const reachable = textsOf(listOf(value)).filter(
    (server) => !/^(67\.207\.67\.|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.)/.test(server),
  );
  return reachable.length === 0 ? [] : [[key, reachable]];
}

/**
 * Docker refuses a setting that its command line has too, and Amazon Linux gives it --default-ulimit there. It may run
 * already when user-data does; to wait for it there would be a deadlock (§4).
 */
function daemonLines(settings: Readonly<Record<string, unknown>>): string {
  const ulimits =
    'default-ulimits' in settings
      ? [`if [ -f /etc/sysconfig/docker ]; then sed -i 's/--default-ulimit[= ][^ "]*//g' /etc/sysconfig/docker; fi`]
      : [];
  return [
    'mkdir -p /etc/docker',
    writeFile('/etc/docker/daemon.json', JSON.stringify(settings, undefined, 2)),
    ...ulimits,
    'systemctl try-restart --no-block docker',
  ].join('\n');
}
