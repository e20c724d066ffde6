import { type Host, inShell, labHost } from './host.ts';
import { describeTree, factsThatDiffer } from './nasty/describe.ts';

/** The stack's data, on the droplet and on the target. */
const datasets = {
  '/var/lib/docker/volumes/db-data/_data': '/data/volumes/db-data',
  '/var/lib/docker/volumes/blog-uploads/_data': '/data/volumes/blog-uploads',
  '/srv/static/www': '/data/binds/srv/static/www',
  '/srv/proxy/nginx': '/data/binds/srv/proxy/nginx',
};

/** What differs in data that stand still on both sides; the database's only do so in a freeze. */
export async function dataDifferences(lab: string, which: 'all' | 'but the database'): Promise<string[]> {
  const [source, target] = await Promise.all([labHost(lab, 'droplet'), labHost(lab, 'instance')]);
  const found: string[] = [];
  for (const [here, there] of Object.entries(datasets)) {
    if (which !== 'all' && here.includes('db-data')) continue;
    const [one, other] = await Promise.all([describeTree(source, here), describeTree(target, there)]);
    if (one.size < 5) found.push(`${here}: nothing to compare`);
    found.push(...factsThatDiffer(one, other).map((fact) => `${here}: ${fact}`));
  }
  return found;
}

/** Containers, images, volumes, rules and files of the source: everything that must be as it was. */
export async function seeSource(lab: string): Promise<ReadonlySet<string>> {
  const host = await labHost(lab, 'droplet');
  const facts = (await inShell(host, sourceScript)).trimEnd().split('\n');
  const rules = (await inShell(host, 'iptables-save')).split('\n').filter((line) => line.startsWith('-A'));
  // Docker gives addresses anew at each start, in the order of starting: in rules they are called by their containers.
  const names = (await inShell(host, addressScript))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '));
  const named = (rule: string) =>
    names.reduce(
      (text, [at = '', name]) =>
        at === '' ? text : text.replaceAll(`${at}/32`, `<${name}>`).replaceAll(`${at}:`, `<${name}>:`),
      rule,
    );
  return new Set([...facts, ...rules.map((rule) => `rule ${named(rule)}`)]);
}

const addressScript = `docker ps -q | xargs -r docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}} {{.Name}}'`;

/** Tags for the push stay until `finish`, so images are known by their ids. */
const sourceScript = `set -eu
docker ps -aq --no-trunc | sort | xargs docker inspect -f 'container {{.Name}} {{.Id}} {{.Image}} {{json .HostConfig}} {{json .Config}} {{json .Mounts}}' |
  sed -E 's/"RestartPolicy":\\{[^}]*\\},?//'
docker ps -aq --no-trunc | sort | xargs docker inspect -f 'state {{.Name}} {{.State.Running}} {{.HostConfig.RestartPolicy.Name}}'
docker images -aq --no-trunc | sort -u | sed 's/^/image /'
docker volume ls --format 'volume {{.Driver}} {{.Name}}'
docker network ls --format 'network {{.Driver}} {{.Name}}'
find /etc /root/.ssh /home -xdev -type f -exec sha256sum {} + | sort | sed 's/^/file /'
find /etc /root/.ssh /home -xdev ! -type f -printf 'entry %p %y %m %l\\n' | sort`;

/** After `finish`: what `run` did to the source's containers, and no more. */
export function asFinished(before: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(
    [...before]
      .filter((fact) => !/^rule .*<\/[a-z]+>/.test(fact))
      .map((fact) => fact.replace(/^(state \S+) true \S+$/, '$1 false no')),
  );
}

/** Anything of ours that still runs, lets in, or waits on a host. */
export const leftOn = async (host: Host): Promise<string[]> =>
  (await inShell(host, leftScript))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `${host.name === 'droplet' ? 'source' : 'target'}: ${line}`);

const leftScript = `
for pid in $(pgrep -f '/ecsodus/' || :); do
  [ "$pid" = $$ ] || tr '\\0\\n' '  ' < /proc/$pid/cmdline 2>/dev/null | cut -c 1-200 | sed 's/^/process /'; echo
done
iptables-save | grep ecsodus | sed 's/^/rule /'
ls -d /run/ecsodus/*/* /var/lib/ecsodus/*/guard /usr/local/libexec/ecsodus/* 2>/dev/null
ls /etc/systemd/system | grep ecsodus-guard
grep -h ecsodus: /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys | cut -d ' ' -f 4-
find /var/lib/ecsodus /data/.ecsodus '(' -name '*.new' -o -name '*.partial' ')' 2>/dev/null
:`;
