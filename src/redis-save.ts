import { sh } from './shell.ts';

/**
 * Inside the container: a dump in the background, so that Redis goes on answering, where it keeps dumps at all. One that
 * keeps none must not get one: its next start would bring back what is in it.
 */
const inContainer = sh`cli=$(command -v redis-cli || command -v valkey-cli || command -v keydb-cli) || exit 1
export REDISCLI_AUTH="\${REDISCLI_AUTH:-\${REDIS_PASSWORD:-\${VALKEY_PASSWORD:-}}}"
[ -n "$REDISCLI_AUTH" ] || unset REDISCLI_AUTH
[ "$("$cli" PING)" = PONG ] || exit 1
[ "$("$cli" CONFIG GET save | sed -n 1p)" = save ] || exit 1
[ -n "$("$cli" CONFIG GET save | sed -n 2p)" ] || exit 0
"$cli" BGSAVE SCHEDULE >/dev/null
while "$cli" INFO persistence | grep -qE '^(rdb_bgsave|aof_rewrite)_(in_progress|scheduled):1'; do sleep 0.2; done
"$cli" INFO persistence | grep -q '^rdb_last_bgsave_status:ok'`;

/**
 * Defines `redis_save CONTAINER SECONDS`. A password is taken from the container's own settings and goes on by
 * environment: it is in no script, no log and no process list.
 */
export const redisSave: string = sh`redis_save() {
  REDISCLI_AUTH=$(docker inspect -f '{{range .Config.Cmd}}{{println .}}{{end}}' "$1" 2>/dev/null | awk 'found { print; exit } $0 == "--requirepass" { found = 1 }')
  export REDISCLI_AUTH
  saved=0
  timeout "$2" docker exec \${REDISCLI_AUTH:+-e REDISCLI_AUTH} "$1" sh -c ${inContainer} >/dev/null 2>&1 </dev/null || saved=1
  unset REDISCLI_AUTH
  return "$saved"
}`;
