import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Operator } from '../lab/operator.ts';
import { bytesOf, clearDroplet, onDroplet } from './data-droplet.ts';
import { type Frozen, freeze, giveBack } from './data-operator.ts';

const files = '/var/lib/docker/volumes/rows/_data';
const client = 'mariadb -N -u root -pbench bench';

/** Answers over HTTP as long as the database answers. */
const page80 = `use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 50, ReuseAddr => 1) or die;
while (my $visitor = $server->accept) {
  while (<$visitor>) { last if /^\\s*$/ }
  my $said = system(q(${client} -e "SELECT 1" >/dev/null 2>&1)) == 0 ? "200 OK" : "503 Down";
  print $visitor "HTTP/1.0 $said\\r\\nContent-Type: text/plain\\r\\n\\r\\nhere\\n";
  close $visitor;
}`;

const program = `perl -e '${page80}' &
exec sh /usr/local/share/db/entrypoint.sh mariadbd --user=mysql --innodb-buffer-pool-size=512M --innodb-log-file-size=96M \
  --innodb-flush-log-at-trx-commit=2`;

const rows = 16_000;
const rowBytes = 256 * 1024;

/** Random bytes, encrypted anew for each row: nothing can compress them, and no two rows are alike. */
const fill =
  (): string => `CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, body LONGBLOB NOT NULL) ENGINE = InnoDB;
SET @body = x'${randomBytes(rowBytes).toString('hex')}';
${Array.from({ length: 16 }, (_, part) => `INSERT INTO notes (body) SELECT AES_ENCRYPT(@body, seq) FROM seq_${part * 1000 + 1}_to_${part * 1000 + 1000};`).join('\n')}
`;

/** One random row after another is updated, as long as there is a database to take it. */
const updates = `while ${client} -e 'SET @some = 1 + FLOOR(RAND() * ${rows}); UPDATE notes SET body = INSERT(body, 1, 1024, RANDOM_BYTES(1024)) \
WHERE id = @some' 2>/dev/null; do sleep 0.05; done`;

/** A freeze with one table space of some 4 GB that is written to until it begins. */
export async function freezeOfInnodb(operator: Operator): Promise<Frozen & { readonly bytes: number }> {
  await clearDroplet();
  await onDroplet(
    `cat >/root/program
docker run -d --name rows --restart unless-stopped -m 1g --stop-timeout 60 -v rows:/var/lib/mysql -p 80:8080 \
  -e MARIADB_ROOT_PASSWORD=bench -e MARIADB_DATABASE=bench -e MARIADB_USER=bench -e MARIADB_PASSWORD=bench \
  --entrypoint sh example/mariadb:10.11 -c "$(cat /root/program)" >/dev/null`,
    program,
  );
  await untilAnswers();
  await onDroplet(`docker exec -i rows ${client}`, fill());
  const bytes = await bytesOf(`${files}/bench/notes.ibd`);
  await onDroplet('docker exec -d rows sh -c "$(cat)"', updates);
  const frozen = await freeze(operator);
  await giveBack(operator);
  return { ...frozen, bytes };
}

async function untilAnswers(): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if ((await onDroplet('curl -s -o /dev/null -w "%{http_code}" http://127.0.0.1/ || :')) === '200') return;
    await delay(200);
  }
  throw new Error('the database does not answer');
}
