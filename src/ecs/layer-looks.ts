/** Files that hold data wherever they lie: SQLite, InnoDB, Berkeley DB, H2, LevelDB, Redis. */
const databases = /\.(sqlite3?|db3?|sdb|mdb|ibd|frm|myd|myi|h2|rdb|aof)(-wal|-journal)?$|\/(ibdata\d+|CURRENT)$/i;

/** Databases of the system's own, which it fills again by itself. */
const cachesNamedDatabase = /^\/var\/cache\/|^\/var\/lib\/(apt|dnf|yum|rpm|mlocate|plocate)\/|\/Thumbs\.db$/i;

/** What an engine puts into every container, and mounts over. */
const engines =
  /^\/(\.dockerenv|\.dockerinit|etc\/(resolv\.conf|hosts|hostname|mtab)|(usr\/)?s?bin\/docker-init)$|^\/(dev|proc|sys)(\/|$)/;

/** In no order: what makes it again, by the paths it is known by. */
const noise: readonly RegExp[] = [
  engines,
  /^\/(tmp|var\/tmp|run|var\/run|var\/lock)(\/|$)/,
  // Process ids, locks, sockets, editors' leftovers; a package manager's lock file is part of an application.
  /\.(pid|lck|sock|socket|sw[op])$|\/\.pwd\.lock$/,
  /(?<!\/(Gemfile|composer|yarn|poetry|Cargo|Pipfile|mix|flake|uv|bun|pubspec|Podfile))\.lock$/,
  // A database may call its journal a log.
  /^\/var\/log(\/|$)|^(?!\/(data|srv|mnt|home|var\/lib)\/).*\.log([.-]\d+)?(\.gz)?$/,
  /^\/var\/cache(\/|$)|\/(\.cache|\.npm|\.yarn|__pycache__|\.pytest_cache)(\/|$)|\.py[co]$/,
  /\/(wp-content\/(cache|upgrade)|storage\/framework\/(cache|sessions|views)|bootstrap\/cache|tmp\/(cache|pids|sockets))\//,
  // Package lists.
  /^\/var\/lib\/(apt|yum|dnf)(\/|$)|^\/etc\/ld\.so\.cache$/,
  /\/\.(bash_history|ash_history|zsh_history|lesshst|viminfo|wget-hsts|python_history)$/,
  // Sessions: visitors log in again.
  /^\/var\/lib\/php\d*\/sessions?(\/|$)|\/sess_[a-z0-9,-]{20,}$/i,
  // A web server's spool.
  /^\/var\/lib\/nginx\/(body|fastcgi|proxy|scgi|uwsgi|tmp)(\/|$)|\/(client_body|proxy|fastcgi|uwsgi|scgi)_temp(\/|$)/,
  // Entry points add users and set the time zone each time they start.
  /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?$|^\/etc\/(localtime|timezone|adjtime)$/,
];

/**
 * Whether a path in a container's writable layer is noise, which whatever made it makes again, or data. Data is
 * what no rule knows: a file that was taken for noise is lost without a word, one taken for data costs a line of
 * ecsodus.yaml.
 */
export function looksOf(path: string): 'data' | 'noise' {
  if (databases.test(path) && !cachesNamedDatabase.test(path) && !engines.test(path)) return 'data';
  return noise.some((known) => known.test(path)) ? 'noise' : 'data';
}
