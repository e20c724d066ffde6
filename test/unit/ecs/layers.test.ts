import { describe, expect, it, test } from 'vitest';
import { looksOf } from '../../../src/ecs/layer-looks.ts';
import { isUntouched, type LayerChange, type LayerSight, summariseLayer } from '../../../src/ecs/layers.ts';

describe('what looks like noise', () => {
  it.each(
    `/.dockerenv /etc/resolv.conf /etc/hosts /etc/hostname /etc/mtab /dev/console /proc/x /sbin/docker-init /usr/sbin/docker-init
    /tmp/x /tmp/sess_0123456789abcdef0123456789 /var/tmp/y /run/nginx.pid /run/mysqld/mysqld.sock /var/run/x /var/lock/y
    /usr/local/apache2/logs/httpd.pid /app/server.sock /app/job.lock /app/.index.html.swp /etc/.pwd.lock
    /var/log/nginx/access.log /var/log/dpkg.log.1.gz /app/logs/production.log /app/npm-debug.log
    /var/cache/apt/pkgcache.bin /var/cache/man/index.db /root/.cache/pip/x /home/node/.npm/_logs/x /app/__pycache__/a.cpython-311.pyc /app/b.pyc
    /var/www/html/wp-content/cache/page.html /app/storage/framework/views/x.php /app/tmp/pids/server.x
    /var/lib/apt/lists/deb.debian.org_x /etc/ld.so.cache /root/.bash_history /root/.viminfo /var/lib/php/sessions/sess_x
    /var/lib/nginx/body /var/lib/nginx/proxy/1 /var/cache/nginx/client_temp/1 /usr/local/openresty/nginx/proxy_temp/1
    /etc/passwd /etc/shadow- /etc/group /etc/localtime /etc/timezone`.split(/\s+/),
  )('%s', (path) => expect(looksOf(path)).toBe('noise'));

  it.each(
    `/var/www/html/wp-content/uploads/2026/a.jpg /var/www/html/index.php /data/x /srv/x /home/app/x /root/x /opt/app/config.json
    /var/lib/mysql/ibdata1 /var/lib/mysql/blog/posts.ibd /app/db.sqlite3 /app/db.sqlite3-wal /tmp/site.sqlite /var/lib/redis/dump.rdb /run/app/state.db
    /etc/nginx/nginx.conf /etc/cron.d/backup /etc/debian_version /usr/bin/vim /var/lib/dpkg/status /var/spool/cron/crontabs/root
    /data/leveldb/000003.log /var/lib/app/journal.log /app/Gemfile.lock /app/composer.lock /app/package-lock.json
    /etc/hostsfile /runner/x /tmpfiles/x /var/logs /var/lib/nginx/cert.pem /etc/passwd.db /app/pid /etc/ssl/certs/ours.pem`.split(
      /\s+/,
    ),
  )('but not %s', (path) => expect(looksOf(path)).toBe('data'));
});

const kinds = { C: 0, A: 1, D: 2 } as const;

/** `A /path 12`, or `A /path/` for a directory, as `docker diff` and `find` would say together. */
function sight(lines: readonly string[], over: Partial<LayerSight> = {}): LayerSight {
  const parsed = lines.map((line) => /^([ACD]) (.*?)(\/?)(?: (\d+))?$/.exec(line) ?? []);
  return {
    changes: parsed.map(([, kind, path]): LayerChange => ({ Path: path ?? '', Kind: kinds[kind as 'A'] })),
    files: new Map(
      parsed.map(([, , path, slash, bytes]) => [path ?? '', { directory: slash === '/', bytes: Number(bytes ?? 0) }]),
    ),
    mountPoints: [],
    apart: [],
    ...over,
  };
}

const summary = (lines: readonly string[], over: Partial<LayerSight> = {}) =>
  summariseLayer(sight(lines, over)).map(
    ({ path, kind, bytes, entries, directory, looks }) =>
      `${looks} ${kind} ${path}${directory ? '/' : ''} ${bytes} ${entries}`,
  );

describe('a layer in short', () => {
  it.each<[string, string[], string[], Partial<LayerSight>?]>([
    ['nothing', [], []],
    [
      'directories that only lead somewhere',
      ['C /var/', 'C /var/www/', 'C /var/www/a.php 7'],
      ['data changed /var/www/a.php 7 1'],
    ],
    ['an empty directory is no data', ['C /opt/', 'A /opt/app/', 'A /opt/app/data/'], []],
    ['what was deleted', ['C /etc/', 'D /etc/motd'], ['data deleted /etc/motd 0 1']],
    [
      'an added directory stands for what is in it',
      ['C /srv/', 'A /srv/up/', 'A /srv/up/a 3', 'A /srv/up/b/', 'A /srv/up/b/c 4'],
      ['data added /srv/up/ 7 2'],
    ],
    [
      'and apart from that for the noise in it',
      ['A /srv/', 'A /srv/up/', 'A /srv/up/a 3', 'A /srv/up/x.pid 1', 'A /srv/up/y.pid 1'],
      ['data added /srv/ 3 1', 'noise added /srv/ 2 2'],
    ],
    [
      'the directory that is to be lifted stands by itself',
      ['A /srv/', 'A /srv/up/', 'A /srv/up/a 3', 'A /srv/up/b/', 'A /srv/up/b/c 4', 'A /srv/other 9'],
      ['data added /srv/ 9 1', 'data added /srv/up/ 7 2'],
      { apart: ['/srv/up'] },
    ],
    [
      'also where the image has it',
      ['C /srv/', 'C /srv/up/', 'C /srv/up/a 3', 'C /srv/up/b/', 'A /srv/up/b/c 4'],
      ['data changed /srv/up/ 7 2'],
      { apart: ['/srv/up'] },
    ],
    [
      'mount points, what leads to them, and what they cover are left out',
      [
        'C /var/',
        'A /var/lib/',
        'A /var/lib/blog/',
        'A /var/lib/blog/up/',
        'A /file 0',
        'A /var/lib/blog/up/old 5',
        'A /var/lib/blogger 6',
      ],
      ['data added /var/lib/ 6 1'],
      { mountPoints: ['/var/lib/blog/up', '/file'] },
    ],
    [
      'the largest first',
      ['A /a 1', 'A /b 3', 'A /c 2'],
      ['data added /b 3 1', 'data added /c 2 1', 'data added /a 1 1'],
    ],
  ])('%s', (_, lines, expected, over) => expect(summary(lines, over)).toEqual(expected));

  test('where the storage driver says nothing of the files, what has something below it is a directory', () => {
    const changes = [
      { Path: '/srv', Kind: 0 },
      { Path: '/srv/a', Kind: 1 },
    ];
    expect(summariseLayer({ ...sight([]), changes }).map(({ path }) => path)).toEqual(['/srv/a']);
  });

  test('100,000 paths all over are few entries, and none is forgotten', () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `C /usr/d${index % 5000}/f${index} 10`);
    const entries = summariseLayer(sight(['C /big 999999', ...lines]));
    expect(entries.length).toBeLessThan(210);
    expect(entries[0]?.path).toBe('/big');
    expect(entries.at(-1)).toMatchObject({ path: '/usr', directory: true });
    expect(entries.reduce((sum, each) => sum + each.entries, 0)).toBe(100_001);
    expect(entries.reduce((sum, each) => sum + each.bytes, 0)).toBe(1_999_999);
  }, 60_000);
});

describe('a layer in which nothing was written', () => {
  const mountPoints = ['/var/lib/blog', '/etc/blog.conf'];
  it.each([
    ['an empty one', ['C //'], true],
    [
      'mount points, and what leads to them',
      ['C //', 'C /var/', 'C /var/lib/', 'A /var/lib/blog/', 'A /etc/blog.conf 0'],
      true,
    ],
    ['a file', ['C //', 'C /var/', 'A /var/a 1'], false],
    ['a directory, in whose place another may have been', ['C //', 'C /srv/'], false],
    ['what marks a file as deleted', ['C //', 'C /etc/', 'D /etc/motd'], false],
    ['one that nobody could look into', [], false],
  ])('%s: %j', (_, lines, untouched) => {
    const seen = sight(lines, { mountPoints });
    expect(isUntouched(seen.files, mountPoints)).toBe(untouched);
    if (untouched) expect(summariseLayer(seen)).toEqual([]);
  });
});
