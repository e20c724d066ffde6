import { redactText } from '../ecs/secrets.ts';
import { startsAgain } from './docker-command.ts';
import type { Noticed, Scene } from './finding-with-setup.ts';
import type { HostUnit } from './surroundings.ts';

/** Cloud images and DigitalOcean's agents put these where an administrator's own would be. */
const stock =
  /^(snap[.-].*|droplet-agent|do-agent|dbus-.*|syslog|cloud-.*|docker|containerd|ecs|walinuxagent|sshd?-keygen.*|sshd?|getty@.*|multipathd|iscsi.*|lvm2-.*|vmtoolsd|rc-local|chronyd?|ntpd?|display-manager|apt-daily.*|ecsodus-.*)\.(service|timer)$/;

export function parseUnit(path: string, text: string, enabled: readonly string[]): HostUnit[] {
  const name = path.split('/').at(-1) ?? '';
  if (stock.test(name)) return [];
  const settings = text
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.trim());
  const wanted = /^(ExecStart|OnCalendar|OnBootSec|OnUnitActiveSec)\s*=\s*(\S.*)$/;
  const does = settings.flatMap((line) => {
    const [, key = '', value = ''] = wanted.exec(line) ?? [];
    if (key === '') return [];
    const shown = redactText(value.replace(/^[@:+!|-]+/, ''));
    return [key === 'ExecStart' ? shown : `${key}=${shown}`];
  });
  return [{ name, enabled: enabled.includes(name), does: does.join('; ') }];
}

/** Timers of packages that every host has. */
const stockTimers =
  /^(apt-daily|apt-daily-upgrade|logrotate|man-db|fstrim|e2scrub_all|systemd-.*|motd-news|ua-.*|update-notifier-.*|dpkg-db-backup|apport-.*|anacron|mdadm.*|mdcheck.*|mdmonitor.*|plocate-updatedb|mlocate-updatedb|updatedb|snapd\..*|unbound-anchor|dnf-.*|dnf-makecache|raid-check|sysstat.*|phpsessionclean|exim4-base|fwupd-.*|xfs_scrub.*|podman-.*|shadow|secureboot-.*|ecsodus-.*)\.timer$/;

const renewal = /^(snap\.)?(certbot|acme|lego|dehydrated).*\.timer$/;

export function unitFindings({ around }: Scene): Noticed[] {
  const own = new Set(around.units.map(({ name }) => name));
  const driven = new Set(
    around.units
      .filter(({ enabled, name }) => enabled && name.endsWith('.timer'))
      .map(({ name }) => name.replace('.timer', '.service')),
  );
  const others = around.enabled.filter((name) => name.endsWith('.timer') && !stockTimers.test(name) && !own.has(name));
  return [
    ...around.units
      .filter(({ enabled, name }) => enabled || driven.has(name))
      .map((unit) => unitFinding(unit, driven.has(unit.name))),
    ...[...new Set(others)].map(timerFinding),
  ];
}

/** With its ExecStop and Restart taken away, the unit ends without a word to its containers, and nothing starts it again. */
const letGo = (unit: string): string =>
  `systemctl disable ${unit}; mkdir -p /etc/systemd/system/${unit}.d && printf '[Service]\\nRestart=no\\nExecStop=\\nExecStopPost=\\n' > /etc/systemd/system/${unit}.d/released.conf && systemctl daemon-reload`;

const takeBack = (unit: string): string =>
  `rm /etc/systemd/system/${unit}.d/released.conf && systemctl daemon-reload && systemctl enable ${unit}`;

function unitFinding({ name, does, enabled }: HostUnit, isDriven: boolean): Noticed {
  const about = { subject: name, code: 'host-unit' } as const;
  if (startsAgain(does) || /(^|\/|\s)docker\s(.*\s)?(run|create)\b/.test(does)) {
    return {
      ...about,
      code: 'container-unit',
      // A container that a timer runs beside the others, for a backup, is none that moves.
      level: enabled || startsAgain(does) ? 'blocker' : 'warning',
      message: `The unit ${name} starts containers itself ("${does}"). Left as it is, it starts them again beside those on ECS: when the source boots, or as soon as they are stopped; and where stopping it is “docker compose down”, the freeze would delete them.`,
      remedy: `On the source, give the containers a restart policy (docker update --restart unless-stopped NAME), so that Docker keeps them, and let go of the unit without running its ExecStop: ${isDriven ? `systemctl disable --now ${name.replace('.service', '.timer')}; ` : ''}${letGo(name)}. To have it back after a rollback: ${takeBack(name)}`,
    };
  }
  return {
    ...about,
    level: 'warning',
    message: `The host runs a unit of its own, ${name}${does === '' ? '' : ` ("${does}")`}; it is not moved.`,
    remedy:
      'If it is needed, put the unit into "instance.setup" in ecsodus.yaml and bring its program along, or make a container of it on the source.',
  };
}

const timerFinding = (name: string): Noticed =>
  renewal.test(name)
    ? {
        level: 'warning',
        code: 'certificate-renewal',
        subject: name,
        message: `The timer ${name} renews certificates; they are copied where a container mounts them, the renewal is not.`,
        remedy:
          'Renew on the instance once DNS points there (http-01 works only then): a container that runs certbot on a timer, or certificates of AWS Certificate Manager on a load balancer.',
      }
    : {
        level: 'info',
        code: 'host-timer',
        subject: name,
        message: `The host has the timer ${name}, which came with a package; it is not moved.`,
      };
