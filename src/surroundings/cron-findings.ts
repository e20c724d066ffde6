import { quote } from '../shell.ts';
import { type Schedule, scheduleOf } from './calendar.ts';
import { forInstance, startsAgain, type Translated } from './docker-command.ts';
import { type Noticed, type Scene, writeFile } from './finding-with-setup.ts';
import type { CronJob } from './surroundings.ts';

/** The AMI has no cron, and ECS names containers anew: every job needs a timer, and those about containers a search. */
export const cronFindings = (scene: Scene): Noticed[] => [
  ...scene.around.jobs.filter(({ command, dockerLines }) => [command, ...dockerLines].some(startsAgain)).map(starting),
  ...jobFindings(scene),
];

const jobFindings = ({ around, names }: Scene): Noticed[] =>
  around.jobs.map((job, index): Noticed => {
    if (/\b(certbot|acme\.sh|dehydrated|lego)\b/.test(job.command)) return renewal(job);
    const translated = forInstance(job.command, names);
    const script = job.dockerLines.map((line) => forInstance(line, names));
    if (isCleaning(translated)) return cleaning(job);
    const schedule = scheduleOf(job.schedule, job.timeZone || around.timeZone);
    if (script.length > 0) return inScript(job, script, schedule);
    if (!translated.isAboutDocker) return plain(job, schedule);
    return onContainer(job, translated, schedule, `ecsodus-${slug(job.file)}-${index + 1}`);
  });

const subjectOf = ({ file, schedule }: CronJob): string =>
  file.endsWith('/crontab') || /\/cron\.d\/|\/spool\//.test(file) ? `${file} ${schedule}` : file;

const slug = (file: string): string => (file.split('/').at(-1) ?? '').replace(/[^A-Za-z0-9_-]/g, '-');

const starting = (job: CronJob): Noticed => ({
  level: 'blocker',
  code: 'cron-starts',
  subject: subjectOf(job),
  message: `A cron job starts containers ("${job.command}"): it would start them in the freeze, or beside those on ECS.`,
  remedy: `Comment it out in ${job.file} on the source, and plan again; after a rollback, take the mark away.`,
});

const renewal = (job: CronJob): Noticed => ({
  level: 'warning',
  code: 'certificate-renewal',
  subject: subjectOf(job),
  message: `A cron job renews certificates ("${job.command}"); the certificates are copied where a container mounts them, the renewal is not (the AMI has no cron).`,
  remedy:
    'Renew on the instance once DNS points there (http-01 works only then): a container that runs certbot or acme.sh on a timer, or certificates of AWS Certificate Manager on a load balancer.',
});

const isCleaning = ({ command, isAboutDocker, problems }: Translated): boolean =>
  isAboutDocker && problems.length === 0 && /docker (system|image|container|builder) prune/.test(command);

const cleaning = (job: CronJob): Noticed => ({
  level: 'info',
  code: 'cron-prune',
  subject: subjectOf(job),
  message: `The cron job "${job.command}" is not needed: the ECS agent removes stopped containers and unused images itself.`,
});

function plain(job: CronJob, schedule: Schedule | undefined): Noticed {
  return {
    level: 'warning',
    code: 'cron-job',
    subject: subjectOf(job),
    message: `The host runs "${job.command}" (${job.schedule}); it is not moved, and the AMI has no cron.`,
    remedy: `If it is needed, make a systemd timer of it in "instance.setup" (${shownSchedule(job, schedule)}) and bring its program along; what belongs to the droplet alone needs nothing.`,
  };
}

function inScript(job: CronJob, script: readonly Translated[], schedule: Schedule | undefined): Noticed {
  const lines = script.map(({ command }) => `  ${command}`).join('\n');
  const problems = script.flatMap(({ problems: each }) => each);
  return {
    level: 'warning',
    code: 'cron-container',
    subject: subjectOf(job),
    message: `The script of "${job.command}" calls containers by names that they lose on ECS; nor has the AMI a cron.${said(problems)}`,
    remedy: `Bring the script to the instance with a systemd timer (${shownSchedule(job, schedule)}) and change its lines to:\n${lines}`,
  };
}

function onContainer(job: CronJob, translated: Translated, schedule: Schedule | undefined, unit: string): Noticed {
  const about = {
    level: 'warning',
    code: 'cron-container',
    subject: subjectOf(job),
    message: `The host runs "${job.command}" (${job.schedule}) on containers, which lose their names on ECS; nor has the AMI a cron.`,
  } as const;
  const trouble = [
    ...translated.problems,
    ...(schedule === undefined ? [`systemd has no word for the schedule ${job.schedule}`] : []),
    ...(/(^|[^\\])%/.test(job.command) ? ['a % that is not \\% makes standard input of what follows'] : []),
  ];
  if (job.holdsSecret) {
    const remedy = `It holds a secret, and user-data is no place for one: let the command read it from the container's own environment (docker exec NAME sh -c 'mysqldump -p"$MYSQL_ROOT_PASSWORD" …'), then plan again.`;
    return { ...about, remedy: `${remedy}${said(trouble)}` };
  }
  if (schedule === undefined || trouble.length > 0) {
    return {
      ...about,
      message: `${about.message}${said(trouble)}`,
      remedy: `Make a systemd timer of it in "instance.setup" (${shownSchedule(job, schedule)}), which finds containers by label: ${translated.command}`,
    };
  }
  const setup = timerLines(unit, job, translated.command, schedule);
  const paths = /[<>]\s*\/(?!dev\/)|\s\/(?!dev\/)\S*$/.test(job.command)
    ? ' Paths of the host in it must exist on the instance: bind mounts lie in /data/binds.'
    : '';
  return { ...about, remedy: `A timer that finds the container by its label does the same.${paths}`, setup };
}

const said = (problems: readonly string[]): string =>
  problems.length === 0 ? '' : ` By hand: ${problems.join('; ')}.`;

function shownSchedule({ schedule }: CronJob, found: Schedule | undefined): string {
  if (found === undefined) return `cron says ${schedule}, which has no direct OnCalendar`;
  return timing(found).join(', ');
}

const timing = (schedule: Schedule): string[] =>
  'onBootSec' in schedule
    ? [`OnBootSec=${schedule.onBootSec}`]
    : schedule.onCalendar.map((expression) => `OnCalendar=${expression}`);

/** A script of its own, since ExecStart has rules for $, % and quotes that a shell has not. */
function timerLines(unit: string, job: CronJob, command: string, schedule: Schedule): string {
  const script = `/usr/local/sbin/${unit}`;
  const environment = job.environment.map(exported);
  return [
    writeFile(
      script,
      ['#!/bin/sh', `# ${job.file}: ${job.schedule}`, ...environment, command.replaceAll('\\%', '%')].join('\n'),
    ),
    `chmod 755 ${script}`,
    writeFile(
      `/etc/systemd/system/${unit}.service`,
      `[Unit]\nDescription=Job of the old host, ${job.file}\nAfter=docker.service\n\n[Service]\nType=oneshot\nExecStart=${script}`,
    ),
    writeFile(
      `/etc/systemd/system/${unit}.timer`,
      `[Unit]\nDescription=Job of the old host, ${job.file}\n\n[Timer]\n${timing(schedule).join('\n')}\n\n[Install]\nWantedBy=timers.target`,
    ),
    `systemctl enable --now --no-block ${unit}.timer`,
  ].join('\n');
}

/** Cron takes a value's quotes off, and looks at nothing else in it. */
function exported(entry: string): string {
  const at = entry.indexOf('=') + 1;
  return `export ${entry.slice(0, at)}${quote(entry.slice(at).replace(/^(["'])(.*)\1$/, '$2'))}`;
}
