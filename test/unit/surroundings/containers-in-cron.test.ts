import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Workload } from '../../../src/design.ts';
import { parseCrontab } from '../../../src/surroundings/crontab.ts';
import { forInstance } from '../../../src/surroundings/docker-command.ts';
import { ecsNames } from '../../../src/surroundings/ecs-names.ts';
import { container } from '../ecs/builders.ts';
import { around } from './scene.ts';

const compose = (project: string, service: string) => ({
  Labels: { 'com.docker.compose.project': project, 'com.docker.compose.service': service },
});
const containers = [
  container({ name: 'web' }),
  container({ name: 'shop.db', over: { id: 'abcdef012345'.padEnd(64, '0') } }),
  container({ name: 'blog_app_1', config: compose('blog', 'app') }),
  container({ name: 'a_cache_1', config: compose('a', 'cache') }),
  container({ name: 'b_cache_1', config: compose('b', 'cache') }),
];
const workload = (name: string, taskDefinition: Workload['taskDefinition']): Workload => ({
  name,
  containers: [name],
  why: [],
  taskDefinition,
  secrets: [],
  ports: [],
  sampledMemory: [],
});

const names = ecsNames(
  containers,
  containers.map(({ name }) => {
    const clean = name.replace('.', '-');
    return workload(name, { family: `${clean}-task`, containerDefinitions: [{ name: clean }] });
  }),
);

const find = (name: string, family = `${name}-task`) =>
  `docker ps -q --filter label=com.amazonaws.ecs.container-name=${name} --filter label=com.amazonaws.ecs.task-definition-family=${family}`;

describe('a command as it has to read on the instance', () => {
  test.each([
    ['docker exec web php cron.php', `docker exec $(${find('web')}) php cron.php`],
    ['/usr/bin/docker exec -i -u www-data web ls web', `/usr/bin/docker exec -i -u www-data $(${find('web')}) ls web`],
    ['docker exec --user=root "web" ls', `docker exec --user=root $(${find('web')}) ls`],
    ['docker exec abcdef012345 ls', `docker exec $(${find('shop-db')}) ls`],
    ['docker exec shop.db dump | gzip >/b/x.gz', `docker exec $(${find('shop-db')}) dump | gzip >/b/x.gz`],
    [
      'cd /x && docker exec web a; docker exec shop.db b',
      `cd /x && docker exec $(${find('web')}) a; docker exec $(${find('shop-db')}) b`,
    ],
    ["sh -c 'docker exec web a'", `sh -c 'docker exec $(${find('web')}) a'`],
    ['docker kill -s HUP web', `docker kill -s HUP $(${find('web')})`],
    ['docker restart -t 5 web shop.db', `docker stop -t 5 $(${find('web')}) $(${find('shop-db')})`],
    ['docker cp shop.db:/dump /backup', `docker cp $(${find('shop-db')}):/dump /backup`],
    ['docker exec $(docker ps -q -f name=web) ls', `docker exec $(${find('web').replace('--filter', '-f')}) ls`],
    ['docker-compose -f /srv/c.yml exec -T app ls', `docker exec -i $(${find('blog_app_1')}) ls`],
    ['docker compose exec app ls', `docker exec $(${find('blog_app_1')}) ls`],
    ['docker compose -p b restart cache', `docker stop $(${find('b_cache_1')})`],
  ])('%s', (command, expected) => {
    const { command: translated, problems } = forInstance(command, names);
    expect(translated.replace(/ {2,}/g, ' ')).toBe(expected);
    expect(problems).toEqual([]);
  });

  test.each([
    ['docker run --rm backup', 'docker run:'],
    ['docker start web', 'docker start:'],
    ['docker exec nobody ls', 'nobody is no container'],
    ['docker compose exec cache ls', 'docker compose exec:'],
    ['docker compose up -d', 'docker compose up:'],
  ])('by hand: %s', (command, problem) => {
    expect(forInstance(command, names).problems).toEqual([expect.stringContaining(problem)]);
  });

  test.each(['ls /var/lib/docker', 'echo docker', 'true'])('not about containers: %s', (command) => {
    expect(forInstance(command, names).command).toBe(command);
  });
});

const jobs = (line: string) => parseCrontab('/etc/cron.d/blog', `PATH=/usr/bin:/bin\n${line}\n`, true);

describe('findings', () => {
  test('a job on a container becomes a timer, as lines that a shell takes', () => {
    const found = around(
      { jobs: jobs('*/5 2 * * * root docker exec web date +\\%F'), timeZone: 'Europe/Berlin' },
      containers,
    );
    expect(found.codes).toEqual(['warning cron-container:/etc/cron.d/blog */5 2 * * *']);
    expect(found.setup).toContain('OnCalendar=*-*-* 02:00/5:00 Europe/Berlin');
    expect(found.setup).toContain(`\nexport PATH=/usr/bin:/bin\ndocker exec $(${find('web', 'web')}) date +%F\n`);
    expect(found.setup).toContain('ExecStart=/usr/local/sbin/ecsodus-blog-1');
    expect(found.setup).toContain('systemctl enable --now --no-block ecsodus-blog-1.timer');
    expect(spawnSync('bash', ['-n'], { input: found.setup, encoding: 'utf8' }).stderr).toBe('');
    expect(found.findings[0]?.remedy).toContain(found.setup);
    expect(found.findings.at(-1)).toMatchObject({ level: 'info', code: 'instance-setup' });
    expect(found.findings.at(-1)?.remedy).toContain('    systemctl enable --now --no-block ecsodus-blog-1.timer');
  });

  test('a secret is neither shown nor offered', () => {
    const found = around({ jobs: jobs('@daily root docker exec shop.db mysqldump -phunter2 x >/b.sql') }, containers);
    expect(found.codes).toEqual(['warning cron-container:/etc/cron.d/blog @daily']);
    expect(found.setup).toBe('');
    expect(JSON.stringify(found.findings)).not.toContain('hunter2');
  });

  test.each([
    ['0~9 * * * * root docker exec web x', 'no word for the schedule 0~9 * * * *'],
    ['0 * * * * root docker exec -i web cat%hello', 'standard input'],
    ['0 * * * * root docker run --rm backup', 'docker run: nothing'],
  ])('said, and not offered: %s', (line, words) => {
    const found = around({ jobs: jobs(line) }, containers);
    expect(found.setup).toBe('');
    expect(found.findings[0]?.message).toContain(words);
  });

  test.each([
    ['* * * * * root docker start web', true],
    ['@reboot root cd /srv && /usr/local/bin/docker-compose -f a.yml up -d', true],
    ['0 4 * * * root certbot -q renew && docker restart web', true],
    ['0 4 * * * root sh -c "docker compose restart web"', true],
    ['0 4 * * * root docker exec web x; echo up', false],
    ['0 4 * * * root docker run --rm backup', false],
    ['0 4 * * * root docker exec web service nginx start', false],
    ['0 4 * * * root docker --host unix:///run/docker.sock container start web', true],
    ['0 4 * * * root /opt/docker-start-page', false],
  ])('what starts containers again stands in the way: %s', (line, wanted) => {
    const { codes } = around({ jobs: jobs(line) }, containers);
    expect(codes.some((code) => code.startsWith('blocker cron-starts:/etc/cron.d/blog'))).toBe(wanted);
  });

  test('other jobs: renewal, cleaning, a script of the host', () => {
    const lines = [
      '0 */12 * * * root certbot -q renew',
      '0 5 * * * root docker system prune -f',
      '0 6 * * * root /usr/local/bin/report.sh',
    ];
    expect(around({ jobs: jobs(lines.join('\n')) }, containers).codes).toEqual([
      'warning certificate-renewal:/etc/cron.d/blog 0 */12 * * *',
      'info cron-prune:/etc/cron.d/blog 0 5 * * *',
      'warning cron-job:/etc/cron.d/blog 0 6 * * *',
    ]);
  });

  test('a script that calls containers: its lines as they must become', () => {
    const [job] = jobs('0 6 * * * root /usr/local/bin/backup.sh');
    const found = around({ jobs: job ? [{ ...job, dockerLines: ['docker exec shop.db dump'] }] : [] }, containers);
    expect(found.codes).toEqual(['warning cron-container:/etc/cron.d/blog 0 6 * * *']);
    expect(found.findings[0]?.remedy).toContain(`OnCalendar=*-*-* 06:00:00`);
    expect(found.findings[0]?.remedy).toContain(`\n  docker exec $(${find('shop-db', 'shop-db')}) dump`);
  });
});
