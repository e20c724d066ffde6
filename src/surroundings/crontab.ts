import { redactText } from '../ecs/secrets.ts';
import type { CronJob } from './surroundings.ts';

const nicknames = /^@(reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)$/;

/** The distribution's own, should no package manager have said so. */
const stockFiles = new Set(
  '0hourly .placeholder anacron atop certbot e2scrub_all mdadm php popularity-contest raid-check sysstat zfsutils-linux'
    .split(' ')
    .map((name) => `/etc/cron.d/${name}`),
);
const stockScripts = new Set(
  `.placeholder 0anacron apport apt-compat aptitude bsdmainutils dpkg exim4-base fake-hwclock locate logrotate man-db man-db.cron mdadm
   mlocate ntp passwd plocate popularity-contest samba sysstat ubuntu-advantage-tools update-notifier-common`.split(
    /\s+/,
  ),
);

/**
 * The jobs of a crontab. `withUser`: system crontabs have a column for the user. What the distribution itself runs
 * (run-parts, anacron) is left out; a line that is no job is too. Secrets are redacted.
 */
export function parseCrontab(file: string, text: string, withUser: boolean): CronJob[] {
  if (stockFiles.has(file)) return [];
  let scope: Scope = { environment: [], timeZone: '', holdsSecret: false };
  const jobs: CronJob[] = [];
  for (const line of text.split('\n').map((each) => each.trim())) {
    const [, name, value = ''] = /^([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) scope = assigned(scope, name, value);
    else if (line !== '' && !line.startsWith('#')) jobs.push(...parseJob(line, withUser, file, scope));
  }
  return jobs;
}

/** What the assignments further up say of a job. */
type Scope = Pick<CronJob, 'environment' | 'timeZone' | 'holdsSecret'>;

function assigned(scope: Scope, name: string, value: string): Scope {
  if (name === 'CRON_TZ' || name === 'TZ') return { ...scope, timeZone: value.replace(/["']/g, '') };
  if (name === 'MAILTO' || name === 'SHELL' || name === 'HOME') return scope;
  const entry = `${name}=${value}`;
  const shown = redactText(entry);
  return {
    ...scope,
    environment: [...scope.environment, shown],
    holdsSecret: scope.holdsSecret || shown !== entry,
  };
}

function parseJob(line: string, withUser: boolean, file: string, scope: Scope): CronJob[] {
  const words = line.startsWith('-') ? line.slice(1) : line; // SUSE: not logged
  const columns = (nicknames.test(words.split(/\s/, 1)[0] ?? '') ? 1 : 5) + (withUser ? 1 : 0);
  const match = new RegExp(`^((?:\\S+\\s+){${columns}})(.+)$`).exec(words);
  if (match === null || isStock(match[2] ?? '')) return [];
  const fields = (match[1] ?? '').trim().split(/\s+/);
  const schedule = fields.slice(0, withUser ? -1 : undefined).join(' ');
  const command = redactText(match[2] ?? '');
  return [
    { file, schedule, command, ...scope, holdsSecret: scope.holdsSecret || command !== match[2], dockerLines: [] },
  ];
}

const isStock = (command: string): boolean =>
  /(run-parts|anacron).*\/etc\/cron\.|\/usr\/sbin\/anacron|debian-sa1|\/usr\/lib\/php.*sessionclean|e2scrub|checkarray/.test(
    command,
  );

/** A script in /etc/cron.daily and its like; run-parts passes over names with a dot. */
export function scriptJob(file: string, text: string): CronJob[] {
  const [, period = '', name = ''] = /^\/etc\/cron\.(hourly|daily|weekly|monthly)\/(.+)$/.exec(file) ?? [];
  if (period === '' || stockScripts.has(name) || name.includes('.')) return [];
  const { lines, holdsSecret } = dockerLinesOf(text);
  return [
    { file, schedule: `@${period}`, command: file, environment: [], timeZone: '', holdsSecret, dockerLines: lines },
  ];
}

/** The lines of a script that call Docker, without secrets and comments. */
export function dockerLinesOf(text: string): { readonly lines: readonly string[]; readonly holdsSecret: boolean } {
  const found = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => !line.startsWith('#') && /(^|[^\w.-])docker(-compose)?\s/.test(line));
  const lines = found.map(redactText);
  return { lines, holdsSecret: lines.some((line, index) => line !== found[index]) };
}
