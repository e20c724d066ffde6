import { recordOf, textsOf } from '../ecs/json.ts';
import type { Container } from '../inventory.ts';
import { publicPorts } from './ecs-names.ts';
import type { Noticed, Scene } from './finding-with-setup.ts';
import { textsOfContainer } from './references.ts';
import type { Listener } from './surroundings.ts';

/** Every host has these, and nothing of the applications depends on them. */
const stock =
  /^(sshd|init|systemd.*|dockerd.*|docker-containe.*|containerd.*|chronyd|ntpd|rpcbind|cupsd|do-agent|droplet-agent|snapd|avahi-daemon|dhclient|dnsmasq|qemu-ga|ecsodus.*)$/;

const webServer = /^(nginx|apache2|httpd|caddy|haproxy|traefik|lighttpd|varnishd|envoy|hitch|openresty|litespeed)/;
const database =
  /^(mysqld|mariadbd|postgres|postmaster|redis-server|valkey-server|mongod|memcached|beam\.smp|influxd|clickhouse|couchdb|elasticsearch|etcd)/;
const mailServer = /^(master|exim4?|sendmail|postfix|smtpd|dovecot|opensmtpd)/;
/** These often listen on a socket file only. */
const known = new RegExp(`${webServer.source}|${database.source}|^php-fpm`);

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

/** Programs that serve from the host itself: none of them moves. */
export function serverFindings(scene: Scene): Noticed[] {
  const { around, inventory } = scene;
  const published = new Set(inventory.containers.flatMap(publicPorts).map(({ hostPort }) => hostPort));
  const listeners = around.listeners.filter(
    ({ program, port }) => !stock.test(program) && !(program === '' && published.has(port)),
  );
  const programs = [...new Set(listeners.map(({ program }) => program))].sort();
  const silent = around.programs.filter((name) => known.test(name) && !programs.includes(name) && !stock.test(name));
  return [
    ...programs.map((program) =>
      serverFinding(
        program,
        listeners.filter((each) => each.program === program),
        scene,
      ),
    ),
    ...silent.map(withoutPort),
  ];
}

function serverFinding(program: string, listeners: readonly Listener[], { inventory, around }: Scene): Noticed {
  const ports = [...new Set(listeners.map(({ port }) => port))].sort((a, b) => a - b);
  const name = program === '' ? 'a program that could not be told' : program;
  const subject = program === '' ? `port ${ports.join(', ')}` : program;
  const where = ports.length === 1 ? `port ${ports[0]}` : `ports ${ports.join(', ')}`;
  const callers = callersOf(ports, inventory.containers, around.addresses);
  const calls = callers.length === 0 ? '' : ` ${callers.join(', ')} calls it.`;
  const isWeb = listeners.some(({ port, address }) => (port === 80 || port === 443) && !isLoopback(address));
  if (isWeb) {
    return {
      level: 'blocker',
      code: 'host-web-server',
      subject,
      message: `On the host itself, outside of Docker, ${name} listens on ${where}. It is not moved, so the web traffic would not follow the containers.${calls}`,
      remedy: `Run it as a container on the source, with its configuration and certificates mounted and its ports published (docker run -d --restart unless-stopped -p 80:80 -p 443:443 …), then plan again. Accept it ("host-web-server:${subject}") if that traffic is to stay on the source.`,
    };
  }
  if (database.test(program)) {
    return {
      level: callers.length > 0 ? 'blocker' : 'warning',
      code: 'host-database',
      subject,
      message: `On the host itself, outside of Docker, ${name} listens on ${where}. Neither it nor its data is moved.${calls}`,
      remedy:
        'Move it into a container with a volume on the source (dump, docker run, restore; then the containers call it by name), or to Amazon RDS or ElastiCache; then plan again.',
    };
  }
  const what = mailServer.test(program) ? 'mail server ' : '';
  return {
    level: 'warning',
    code: 'host-service',
    subject,
    message: `On the host itself, outside of Docker, the ${what}${name} listens on ${where}; it is not moved.${calls}`,
    remedy:
      what === ''
        ? 'If the containers or visitors need it, run it as a container on the source, then plan again.'
        : 'Containers that hand mail to the host must be given another server: Amazon SES, or one in a container (EC2 blocks port 25 to the outside by default).',
  };
}

const withoutPort = (program: string): Noticed => ({
  level: 'warning',
  code: database.test(program) ? 'host-database' : 'host-service',
  subject: program,
  message: `On the host itself, outside of Docker, ${program} runs without a TCP port; neither it nor its data is moved.`,
  remedy: 'If anything needs it, run it as a container on the source, then plan again.',
});

/** Containers whose settings hold one of the host's addresses with such a port. */
function callersOf(ports: readonly number[], containers: readonly Container[], addresses: readonly string[]): string[] {
  const hosts = [...addresses, 'host.docker.internal', '172.17.0.1'].map((each) => each.replaceAll('.', '\\.'));
  const call = new RegExp(`(?<![\\w.])(${hosts.join('|')})(:(${ports.join('|')}))(?!\\d)`);
  const callers = containers.filter((each) => {
    const own = textsOf(recordOf(each.inspect.HostConfig).ExtraHosts);
    const aliases = own
      .filter((entry) => /host-gateway|172\.17\.0\.1$/.test(entry))
      .map((entry) => entry.split(':')[0]);
    const named = new RegExp(
      `(?<![\\w.])(${aliases.map((name) => (name ?? '').replaceAll('.', '\\.')).join('|')}):(${ports.join('|')})(?!\\d)`,
    );
    return textsOfContainer(each).some(({ text }) => call.test(text) || (aliases.length > 0 && named.test(text)));
  });
  return callers.map(({ name }) => name);
}
