import { dirname } from 'node:path/posix';
import { type AccessChange, makeAccess, missingAccess } from './data-access.ts';
import { commandPath, dataKey, keyComment, removeAuthorizationScript } from './data-key.ts';
import { type Dataset, datasetNamed } from './design.ts';
import { runDetached } from './detached.ts';
import { MigrationError } from './errors.ts';
import type { Finding } from './finding.ts';
import type { HostFacts } from './inventory.ts';
import { findMark, readMarks } from './marks.ts';
import { dataRoot, sourceRoot, sourceRun, targetUser } from './names.ts';
import { readBothSides, requireSame } from './proof/prove.ts';
import { authorizedKeys, existing, parseExisting } from './queries/folders.ts';
import { bytes } from './report/units.ts';
import { sh } from './shell.ts';
import { keptOwn } from './source-root.ts';
import type { Change, ReadContext, WriteContext } from './step.ts';
import { requireTarget } from './target.ts';
import { readText } from './text-file.ts';
import { fetchDataset } from './transfer.ts';

/** What brings the data back that was written on the target: the source's own copy is kept first. */
export type WayBackChange = Change &
  (
    | { readonly kind: 'own'; readonly dataset: string; readonly own: string }
    | { readonly kind: 'back'; readonly dataset: string }
    | { readonly kind: 'forgetBack' }
    | AccessChange
  );

export type ForgetBack = Extract<WayBackChange, { kind: 'forgetBack' }>;

/** Datasets that can be brought back; a view of a container's layers cannot be written to. */
const returnable = (datasets: readonly Dataset[]): Dataset[] =>
  datasets.filter(({ liftedFrom }) => liftedFrom === undefined);

/** Where the source's own copy goes: by the freeze whose data it is, so that no earlier one passes for it. */
const ownCopy = (migration: string, stoppedAt: string, dataset: string): string =>
  `${sourceRoot(migration)}/${keptOwn}/${stoppedAt.replaceAll(/[^0-9TZ]/g, '-')}/${dataset}`;

/** The copies of what the source has now: first of all, while the target still serves. */
export async function wantedOwnCopies({ source, config, design, ...context }: ReadContext): Promise<WayBackChange[]> {
  const target = await context.target(context.instance);
  const marks = target === undefined ? [] : await readMarks(target);
  const wanted = returnable(design.datasets).map((dataset) => ({
    dataset,
    own: ownCopy(config.name, findMark(marks, 'proof', dataset)?.stoppedAt ?? 'unproved', dataset.name),
  }));
  const there = parseExisting(await source.read(existing(wanted.map(({ own }) => own))));
  return wanted.filter(({ own }) => !there.includes(own)).map(({ dataset, own }) => ownChange(dataset, own));
}

/** A tenth is left free: a full disk stops the very containers that are to be started. */
export function noRoomForOwn(changes: readonly WayBackChange[], { freeBytes, hostname }: HostFacts): Finding[] {
  const needed = changes.reduce((sum, change) => sum + (change.bytes ?? 0), 0);
  if (needed <= freeBytes * 0.9) return [];
  return [
    {
      level: 'blocker',
      code: 'no-room-for-own-copy',
      subject: hostname,
      message: `The source's own data is kept before anything is written over it: ${bytes(needed)}, and ${bytes(freeBytes)} are free.`,
      remedy: 'Make room on the source (its snapshots are in /var/lib/ecsodus), or leave the data: --leave-data.',
    },
  ];
}

export const notReturned = (datasets: readonly Dataset[]): Finding[] =>
  datasets.flatMap(({ name, liftedFrom }) =>
    liftedFrom === undefined
      ? []
      : [
          {
            level: 'warning',
            code: 'not-brought-back',
            subject: name,
            message: `${dataRoot}/${name} was lifted out of the layers of ${liftedFrom}, where nothing can be written to.`,
            remedy: `What the target wrote there stays on its disk; take it into the container by hand: docker cp.`,
          },
        ],
  );

/** With the services stopped: the temporary key for the way back, then each dataset. */
export async function wantedReturn(context: ReadContext): Promise<WayBackChange[]> {
  return [...(await missingAccess('back', context)), ...returnable(context.design.datasets).map(backChange)];
}

/** What the way back leaves on the target, when it is over. */
export async function backKeyToForget({ config, ...context }: ReadContext): Promise<ForgetBack[]> {
  const target = await context.target(context.instance);
  if (target === undefined) return [];
  const left =
    (await target.read(authorizedKeys(targetUser))).includes(keyComment(config.name, 'back')) ||
    (await readText(target, commandPath(config.name, 'back'))) !== '';
  return left ? [forgetBack(config.name)] : [];
}

export async function applyWayBack(change: WayBackChange, context: WriteContext): Promise<void> {
  if (change.kind === 'own') return keepOwn(datasetNamed(change.dataset, context.design), change.own, context);
  if (change.kind === 'back') return bringBack(datasetNamed(change.dataset, context.design), context);
  if (change.kind !== 'forgetBack') return makeAccess('back', change.kind, context);
  const { source, config } = context;
  const { privateKey, publicKey } = dataKey(config.name, 'back');
  await source.run(sh`rm -f ${privateKey} ${publicKey}`);
  await (await requireTarget(context)).run(removeAuthorizationScript(targetUser, config.name, 'back'));
}

async function keepOwn(dataset: Dataset, own: string, { source, config, signal }: WriteContext): Promise<void> {
  const script = ownCopyScript(dataset, own);
  await runDetached(source, { directory: sourceRun(config.name), id: `own-${dataset.name}`, script, signal });
}

async function bringBack(dataset: Dataset, context: WriteContext): Promise<void> {
  const before = await readBothSides(dataset, context);
  if (before.source.digest === before.target.digest) return;
  await fetchDataset(dataset, context);
  await requireSame(dataset, context).catch((error: unknown) => {
    throw error instanceof MigrationError && error.code === 'data-differs' ? notBack(dataset, error) : error;
  });
}

/** It takes its name only when it is whole. */
const ownCopyScript = ({ kind, source }: Dataset, own: string): string => sh`set -eu
umask 077
[ ! -e ${own} ] || exit 0
mkdir -p ${dirname(own)}
rm -rf ${`${own}.partial`}
${kind === 'directory' ? ['cp', '-a', '--reflink=auto', '--', `${source}/.`, `${own}.partial`] : ['cp', '-aL', '--', source, `${own}.partial`]}
sync -f ${`${own}.partial`}
mv ${`${own}.partial`} ${own}`;

const notBack = ({ source }: Dataset, cause: MigrationError): MigrationError =>
  new MigrationError('data-differs', `What was brought back to ${source} differs from what the target holds.`, {
    evidence: cause.evidence,
    cause,
    hint: 'Something writes to it. Try once more: ecsodus rollback --bring-data-back',
  });

const ownChange = ({ name, source, bytes: size }: Dataset, own: string): WayBackChange => ({
  id: `own:${name}`,
  kind: 'own',
  together: 'own',
  verb: 'copy',
  target: own,
  reason: `what ${source} holds now is kept before anything is written over it`,
  bytes: size,
  dataset: name,
  own,
});

const backChange = ({ name, source, bytes: size }: Dataset): WayBackChange => ({
  id: `back:${name}`,
  kind: 'back',
  together: 'back',
  verb: 'copy',
  target: source,
  reason: `what was written to ${dataRoot}/${name} since cut-over; every entry compared afterwards`,
  bytes: size,
  dataset: name,
});

export const forgetBack = (migration: string): ForgetBack => ({
  id: 'forget-back',
  kind: 'forgetBack',
  verb: 'delete',
  target: `temporary key ${keyComment(migration, 'back')} on both hosts`,
  reason: 'nothing more is fetched',
});
