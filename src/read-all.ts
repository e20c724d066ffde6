import { randomUUID } from 'node:crypto';
import type { HostReader } from './host.ts';
import { allOf, answersIn } from './queries/all.ts';
import type { Query } from './query.ts';

/** As many commands as go side by side without keeping others from the connection. */
const commandsAtOnce = 4;
/** Linux takes no word longer than 128 KiB, and quoting makes a script longer. */
const mostCharacters = 48 * 1024;

/**
 * Answers to many queries, in their order; empty where there is none to ask. In few commands: each costs the way there and
 * back some times, and a shell that logs in.
 */
export async function readAll(
  { read }: Pick<HostReader, 'read'>,
  queries: readonly (Query | undefined)[],
): Promise<string[]> {
  const asked = queries.filter((query) => query !== undefined);
  const answers = await Promise.all(
    batchesOf(asked).map(async (batch) => {
      const end = randomUUID();
      return answersIn(await read(allOf(batch, end)), end);
    }),
  );
  const inOrder = answers.flat();
  return queries.map((query) => (query === undefined ? '' : (inOrder.shift() ?? '')));
}

function batchesOf(queries: readonly Query[]): Query[][] {
  const most = Math.ceil(queries.length / commandsAtOnce);
  const batches: Query[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const query of queries) {
    const last = batches.at(-1);
    characters += query.script.length;
    if (last !== undefined && last.length < most && characters <= mostCharacters) last.push(query);
    else {
      batches.push([query]);
      characters = query.script.length;
    }
  }
  return batches;
}
