import { describe, expect, test } from 'vitest';
import { scheduleOf } from '../../../src/surroundings/calendar.ts';
import { dockerLinesOf, parseCrontab, scriptJob } from '../../../src/surroundings/crontab.ts';

/** Every expression here was shown to `systemd-analyze calendar`, which accepts it. */
test.each([
  ['* * * * *', '*-*-* *:*:00'],
  ['*/5 * * * *', '*-*-* *:00/5:00'],
  ['*/7 * * * *', '*-*-* *:00/7:00'],
  ['30 3 * * *', '*-*-* 03:30:00'],
  ['0 */6 * * *', '*-*-* 00/6:00:00'],
  ['15,45 8-18 * * 1-5', 'Mon,Tue,Wed,Thu,Fri *-*-* 08..18:15,45:00'],
  ['10-30/10 * * * *', '*-*-* *:10,20,30:00'],
  ['5-41/18 * * * *', '*-*-* *:05,23,41:00'],
  ['5-10 1 * * *', '*-*-* 01:05..10:00'],
  ['0 0 1 * *', '*-*-01 00:00:00'],
  ['0 0 */2 * *', '*-*-01/2 00:00:00'],
  ['0 4 * * 0', 'Sun *-*-* 04:00:00'],
  ['0 4 * * 7', 'Sun *-*-* 04:00:00'],
  ['0 4 * * fri-sun', 'Sun,Fri,Sat *-*-* 04:00:00'],
  ['0 4 * * 5-7', 'Sun,Fri,Sat *-*-* 04:00:00'],
  ['0 4 * * 0-3', 'Sun,Mon,Tue,Wed *-*-* 04:00:00'],
  ['0 4 * * */2', 'Sun,Tue,Thu,Sat *-*-* 04:00:00'],
  ['0 4 */10 * MON', 'Mon *-*-01/10 04:00:00'],
  ['0 4 * jan,Jul *', '*-01,07-* 04:00:00'],
  ['0 0 29 2 *', '*-02-29 00:00:00'],
  ['@daily', '*-*-* 00:00:00'],
  ['@midnight', '*-*-* 00:00:00'],
  ['@hourly', '*-*-* *:00:00'],
  ['@weekly', 'Sun *-*-* 00:00:00'],
  ['@monthly', '*-*-01 00:00:00'],
  ['@yearly', '*-01-01 00:00:00'],
  ['@annually', '*-01-01 00:00:00'],
])('OnCalendar of %s', (cron, expected) => {
  expect(scheduleOf(cron)).toEqual({ onCalendar: [expected] });
});

test('days of the month and of the week that are both given are either-or', () => {
  expect(scheduleOf('0 4 1,15 * 1')).toEqual({ onCalendar: ['*-*-01,15 04:00:00', 'Mon *-*-* 04:00:00'] });
});

test('@reboot is a delay after boot; a time zone stands at the end', () => {
  expect(scheduleOf('@reboot')).toEqual({ onBootSec: 60 });
  expect(scheduleOf('0 4 * * *', 'Europe/Berlin')).toEqual({ onCalendar: ['*-*-* 04:00:00 Europe/Berlin'] });
});

test.each([
  '5/10 * * * *',
  '0~30 * * * *',
  '0 0 L * *',
  '0 0 * * 1#2',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * 13 *',
  '* * * * 8',
  '20-10 * * * *',
  '*/0 * * * *',
  '* * * *',
  '* * * * * *',
  '* * * foo *',
  '@fortnightly',
  '',
])('what no timer can say: %j', (cron) => {
  expect(scheduleOf(cron)).toBeUndefined();
});

describe('crontab', () => {
  const debian = `# /etc/crontab: system-wide crontab
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin

# m h dom mon dow user	command
17 *	* * *	root    cd / && run-parts --report /etc/cron.hourly
25 6	* * *	root	test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )
47 6	* * 7	root	test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.weekly; }
`;
  const centos = 'SHELL=/bin/bash\nMAILTO=root\n01 * * * * root run-parts /etc/cron.hourly\n';

  test('the distributions’ own hold no job', () => {
    expect(parseCrontab('/etc/crontab', debian, true)).toEqual([]);
    expect(parseCrontab('/etc/crontab', centos, true)).toEqual([]);
    expect(parseCrontab('/etc/cron.d/e2scrub_all', '30 3 * * 0 root test -e /run', true)).toEqual([]);
  });

  test('a line that somebody added', () => {
    const jobs = parseCrontab('/etc/crontab', `${debian}*/5 * * * * root docker exec blog php cron.php\n`, true);
    expect(jobs).toEqual([
      {
        file: '/etc/crontab',
        schedule: '*/5 * * * *',
        command: 'docker exec blog php cron.php',
        environment: ['PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin'],
        timeZone: '',
        holdsSecret: false,
        dockerLines: [],
      },
    ]);
  });

  test('a user’s own has no column for the user; assignments count for what follows', () => {
    const text =
      '@daily /root/a.sh\nCRON_TZ="Europe/Paris"\nPGPASSWORD=hunter2secret\n-0 4 * * 1 /root/b.sh  x\nnonsense\n';
    const jobs = parseCrontab('/var/spool/cron/crontabs/root', text, false);
    expect(jobs).toMatchObject([
      { schedule: '@daily', command: '/root/a.sh', timeZone: '', holdsSecret: false, environment: [] },
      {
        schedule: '0 4 * * 1',
        command: '/root/b.sh  x',
        timeZone: 'Europe/Paris',
        holdsSecret: true,
        environment: ['PGPASSWORD=[redacted]'],
      },
    ]);
  });

  test('scripts of cron.daily: stock ones, those run-parts passes over, and one with Docker in it', () => {
    expect(scriptJob('/etc/cron.daily/logrotate', 'x')).toEqual([]);
    expect(scriptJob('/etc/cron.daily/old.bak', 'x')).toEqual([]);
    expect(scriptJob('/etc/cron.daily/backup', '#!/bin/sh\ndocker exec db true\necho docker\n')).toMatchObject([
      { schedule: '@daily', command: '/etc/cron.daily/backup', dockerLines: ['docker exec db true'] },
    ]);
  });
});

describe('secrets in jobs', () => {
  const job = (command: string) => parseCrontab('/etc/cron.d/x', `0 0 * * * root ${command}`, true)[0];

  test.each([
    ['docker exec db mysqldump -uroot -phunter2 shop', 'docker exec db mysqldump -uroot -p[redacted] shop'],
    ["sh -c 'mariadb-dump -phunter2 shop > /x'", "sh -c 'mariadb-dump -p[redacted] shop > /x'"],
    ['PGPASSWORD=hunter2 pg_dump shop', 'PGPASSWORD=[redacted] pg_dump shop'],
  ])('%s', (command, expected) => {
    expect(job(command)).toMatchObject({ command: expected, holdsSecret: true });
  });

  test.each([
    'docker exec blog php cron.php',
    'mkdir -p /backup && tar czf /backup/x.tgz /srv',
    `docker exec db sh -c 'mysqldump "$DB"'  >  /backup/$(date +\\%F).sql`,
  ])('nothing to hide: %s', (command) => {
    expect(job(command)).toMatchObject({ command, holdsSecret: false });
  });

  test('the lines of a script', () => {
    const script = '#!/bin/sh\n# docker exec old x\n  docker exec db mysqldump -phunter2\ntrue\ndocker-compose up -d\n';
    expect(dockerLinesOf(script)).toEqual({
      lines: ['docker exec db mysqldump -p[redacted]', 'docker-compose up -d'],
      holdsSecret: true,
    });
  });
});
