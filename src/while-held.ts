import { setTimeout as delay } from 'node:timers/promises';
import { runDetached } from './detached.ts';
import { sourceRun } from './names.ts';
import { existing, parseExisting } from './queries/folders.ts';
import { raw, sh } from './shell.ts';
import { snapshotError } from './snapshot-errors.ts';
import { holdDirectory, holdScript } from './snapshot-hold-script.ts';
import type { Hold } from './snapshot-holds.ts';
import type { WriteContext } from './step.ts';

/** Longest time containers may be held, in seconds. */
const limitSeconds = 120;

/**
 * Does something while containers are held on the source, and lets them go. They are let go whoever dies, and after two
 * minutes at the latest: then it throws, and what was done was not done to data that stood still.
 */
export async function whileHeld(
  holds: readonly Hold[],
  context: WriteContext,
  work: () => Promise<void>,
): Promise<void> {
  const { source, config, design, signal } = context;
  const directory = sourceRun(config.name);
  const [ready, over] = [`${directory}/held`, `${directory}/hold-over`];
  await source.run(sh`mkdir -p ${directory}; rm -f ${ready} ${over}`);
  const script = sh`set -eu
${raw(holdScript(holds, { record: `${holdDirectory(config.name)}/all`, limitSeconds }))}
hold
: > ${ready}
within_limit sh -c ${sh`while [ ! -e ${over} ]; do sleep 0.1; done`}
release
rm -f ${ready} ${over}`;
  const holding = runDetached(source, { directory, id: 'hold', script, signal });
  const early = holding.then(() => {
    throw new Error('containers were let go too early');
  });
  early.catch(() => {});
  try {
    await Promise.race([early, appears(ready, context)]);
    await Promise.race([early, work()]);
  } catch (error) {
    await letGo(over, context);
    await holding.catch(() => {});
    throw snapshotError(error, {
      datasets: design.datasets.map(({ name }) => name),
      holds,
      limitSeconds,
      host: source.name,
    });
  }
  await letGo(over, context);
  await holding;
}

const letGo = (over: string, { source }: WriteContext): Promise<string> => source.run(sh`: > ${over}`);

async function appears(path: string, { source, signal }: WriteContext): Promise<void> {
  while (parseExisting(await source.read(existing([path]))).length === 0) await delay(100, undefined, { signal });
}
