import { type Host, inShell } from './host.ts';
import { titleOf, type Write } from './writer.ts';

/** Titles of the writer's posts in a database's container, in the order in which the database numbered them. */
export async function readTitles(host: Host, container: string): Promise<string[]> {
  const statement = `SELECT title FROM posts WHERE title LIKE '${titleOf('%')}' ORDER BY id`;
  const client = `docker exec "${container}" mariadb -u root -plab-root-password -N blog -e "${statement}"`;
  return (await inShell(host, client)).split('\n').filter((title) => title !== '');
}

/**
 * What a database lost, holds twice or holds in another order than it was acknowledged in. A write that nobody
 * acknowledged may be there, once, at any place: it may have been carried out after the writer stopped waiting for it.
 */
export function wrongsOf(writes: readonly Write[], titles: readonly string[]): string[] {
  const acknowledged = writes.filter(({ outcome }) => outcome === 'acknowledged').map(({ number }) => titleOf(number));
  const promised = new Set(acknowledged);
  const sent = new Set(writes.map(({ number }) => titleOf(number)));
  const held = new Set(titles);
  const inOrder = titles.filter((title) => promised.has(title));
  const wanted = acknowledged.filter((title) => held.has(title));
  return [
    ...acknowledged.filter((title) => !held.has(title)).map((title) => `${title} is lost`),
    ...[...held].filter((title) => !sent.has(title)).map((title) => `${title} was never sent`),
    ...titles.filter((title, index) => titles.indexOf(title) !== index).map((title) => `${title} is there twice`),
    ...inOrder.filter((title, index) => title !== wanted[index]).map((title) => `${title} is not at its place`),
  ];
}
