import { dirname } from 'node:path/posix';
import { dataKey } from './data-key.ts';
import type { Dataset } from './design.ts';
import { MigrationError } from './errors.ts';
import { refreshView } from './lifted-view.ts';
import { dataRoot, targetUser } from './names.ts';
import { rsyncArguments, type Transfer } from './rsync/arguments.ts';
import { explainExit, vanished } from './rsync/exit-codes.ts';
import { parseSentBytes, progressParser } from './rsync/progress.ts';
import { sh } from './shell.ts';
import { exitCodeOf } from './ssh/remote-host.ts';
import { isKnown, type WriteContext } from './step.ts';
import { publicAddress, requireTarget } from './target.ts';

/** A pass that sent less than this is small enough: the freeze sends about as much again. */
const smallBytes = 8 * 1024 * 1024;
const mostPasses = 5;

/** Passes until the delta is small or stops shrinking. The source is alive meanwhile: files may vanish under way. */
export async function copyUntilSmall(dataset: Dataset, context: WriteContext): Promise<void> {
  let before = Number.POSITIVE_INFINITY;
  for (let pass = 1; pass <= mostPasses; pass++) {
    const sent = await copyDataset(dataset, context, { mayVanish: true });
    if (sent <= smallBytes || sent > before / 2) return;
    before = sent;
  }
}

/** One pass from the source straight to the target. Returns the bytes of file data sent. */
export async function copyDataset(
  dataset: Dataset,
  context: WriteContext,
  { mayVanish = false } = {},
): Promise<number> {
  const { source, config, signal, progress } = context;
  const target = await requireTarget(context);
  await target.run(makeParents(dataset));
  await refreshView(source, config.name, dataset);
  const argv = rsyncArguments(transferOf(dataset, context));
  const tail = mayVanish ? sh`code=$?; [ $code -eq ${vanished} ] || exit $code` : 'exit $?';
  const onOutput = progressParser(dataset.bytes, progress);
  try {
    return parseSentBytes(await source.run(`${sh`${argv}`} || { ${tail}; }`, { onOutput, signal }));
  } catch (error) {
    throw explained(error, dataset, source.name);
  }
}

function transferOf({ kind, source, name }: Dataset, { config, instance, sourceFacts }: WriteContext): Transfer {
  const address = publicAddress(instance);
  if (address === undefined || !isKnown(instance)) throw new Error('the instance has no address');
  const { privateKey, knownHosts } = dataKey(config.name);
  return {
    kind,
    from: source,
    to: name,
    user: targetUser,
    address,
    key: privateKey,
    knownHosts,
    hostKeyAlias: instance.id,
    rsyncVersion: sourceFacts.rsyncVersion,
  };
}

/** rsync makes the last directory of a path, and no more. */
const makeParents = ({ name, kind }: Dataset): string => {
  const parent = kind === 'directory' ? `${dataRoot}/${name}` : dirname(`${dataRoot}/${name}`);
  return sh`set -eu; mountpoint -q ${dataRoot}; mkdir -p ${parent}`;
};

function explained(error: unknown, dataset: Dataset, host: string): unknown {
  const code = exitCodeOf(error);
  if (code === undefined || !(error instanceof MigrationError)) return error;
  return new MigrationError(
    'copy-failed',
    `Copying ${dataset.source} failed: rsync says "${explainExit(code)}" (exit code ${code}).`,
    {
      evidence: error.evidence.slice(1),
      hint: `Mend what it says on ${host}, then go on: ecsodus run`,
      cause: error,
    },
  );
}
