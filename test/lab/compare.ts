import { type Answer, ask, compareAnswers } from '../../src/answers.ts';
import type { Check } from '../../src/step.ts';
import { type Host, inHost, runningHosts } from './host.ts';
import type { Lab } from './lab.ts';
import { sites } from './stack.ts';

/** What a host shows the world, and what its database holds; asked without ecsodus. */
export interface Sight {
  readonly pages: readonly Answer[];
  readonly rows: number;
}

export interface Proof {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly digest: string;
}

export async function see(lab: Lab, host: string, address: string): Promise<Sight> {
  const urls = sites.flatMap((site) => site.paths.map((path) => `http://${site.host}${path}`));
  const found = (await runningHosts(lab.name)).find(({ name }) => name === host);
  if (found === undefined) throw new Error(`no host ${host} in lab ${lab.name}`);
  return { pages: await Promise.all(urls.map((url) => ask(url, address))), rows: await countRows(found) };
}

/** Rows of the posts table, by SQL in whichever container runs MariaDB. */
async function countRows(host: Host): Promise<number> {
  const script = `id=$(docker ps --format '{{.ID}} {{.Names}}' | sed -nE 's/ (db|ecs-web-[0-9]+-db-[0-9a-f]+)$//p')
docker exec "$id" mariadb -u root -plab-root-password -N -e 'SELECT COUNT(*) FROM posts' blog`;
  const { stdout, stderr } = await inHost(host, ['sh', '-c', script]);
  const rows = Number(stdout.trim());
  if (!(rows > 0)) throw new Error(`no rows counted on ${host.name}: ${stdout}${stderr}`);
  return rows;
}

export function compareSights(before: Sight, after: Sight, when: string): Check[] {
  const pages = before.pages.map((page, index): Check => {
    const now = after.pages[index];
    const likeness = now === undefined ? 'different' : compareAnswers(page, now);
    return {
      name: `${page.url} ${when}`,
      status: likeness === 'same' ? 'ok' : 'fail',
      reason: `${likeness}: ${page.status} → ${now?.status}`,
    };
  });
  const rows: Check = {
    name: `rows ${when}`,
    status: before.rows === after.rows ? 'ok' : 'fail',
    reason: `${before.rows} → ${after.rows}`,
  };
  return [...pages, rows];
}

/** The proofs cut-over left on the data disk: one digest over every entry and byte, equal on both sides at that moment. */
export async function readProofs(instance: Host): Promise<Proof[]> {
  const { stdout } = await inHost(instance, ['sh', '-c', 'cat /data/.ecsodus/marks/proof-*.json']);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { dataset: string; files: number; bytes: number; digest: string })
    .map(({ dataset, files, bytes, digest }) => ({ name: dataset, files, bytes, digest }));
}
