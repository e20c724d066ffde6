#!/bin/sh
# Makes the database the first time, then becomes the server. A start that did not get to its end begins again.
set -eu
data=/var/lib/mysql

if [ ! -e "$data/.initialised" ]; then
  find "$data" -mindepth 1 -delete
  mariadb-install-db --user=mysql --datadir="$data" --auth-root-authentication-method=normal --skip-test-db >/dev/null
  mariadbd --user=mysql --skip-networking --innodb-flush-log-at-trx-commit=0 --innodb-log-file-size=16M &
  server=$!
  until mariadb -e 'SELECT 1' >/dev/null 2>&1; do sleep 0.1; done
  mariadb <<SQL
    CREATE DATABASE \`$MARIADB_DATABASE\` CHARACTER SET utf8mb4;
    CREATE USER '$MARIADB_USER'@'%' IDENTIFIED BY '$MARIADB_PASSWORD';
    GRANT ALL ON \`$MARIADB_DATABASE\`.* TO '$MARIADB_USER'@'%';
SQL
  mariadb "$MARIADB_DATABASE" </usr/local/share/db/posts.sql
  mariadb -e "ALTER USER 'root'@'localhost' IDENTIFIED BY '$MARIADB_ROOT_PASSWORD'"
  kill "$server"
  wait "$server" || true
  touch "$data/.initialised"
fi
exec "$@"
