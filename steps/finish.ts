import { findGroup, revokeRule } from '../src/aws/group-rules.ts';
import { cidrOf } from '../src/aws/wanted-network.ts';
import { commandPath, dataKey, keyComment, removeAuthorizationScript, removeRunFolderScript } from '../src/data-key.ts';
import { MigrationError } from '../src/errors.ts';
import { forwardsToRemove, type RemoveForward, removeForwardScript } from '../src/forward.ts';
import { guardToRemove, type RemoveGuard, removeGuardScript } from '../src/guard.ts';
import { pushedTags, type UntagImage } from '../src/image-tags.ts';
import { type RemoveView, removeViewScript, viewsToRemove } from '../src/lifted-view.ts';
import { namesOf, sourceRoot, sourceRun, targetUser } from '../src/names.ts';
import { authorizedKeys, existing, parseExisting } from '../src/queries/folders.ts';
import { asStep, type Change, type ReadContext } from '../src/step.ts';
import { requireTarget } from '../src/target.ts';
import { readText } from '../src/text-file.ts';
import { applyWayBack, backKeyToForget, type ForgetBack } from '../src/way-back.ts';

type FinishChange =
  | RemoveForward
  | RemoveView
  | RemoveGuard
  | ForgetBack
  | UntagImage
  | (Change &
      (
        | { readonly kind: 'key' | 'allow' | 'jobs' | 'tag' }
        | { readonly kind: 'snapshot'; readonly snapshot: string }
        | { readonly kind: 'rule'; readonly port: number; readonly cidr: string }
      ));

/** Removes all that tied the two hosts together. From here there is no way back; the source's data and snapshots stay. */
export const finish = asStep<FinishChange>({
  id: 'finish',
  title: 'Finish: remove forwards, temporary keys and rules',
  needs: ['verify'],

  plan: async (context) => {
    if (context.owner !== 'target') throw notCutOver();
    const { config } = context;
    const changes = await leftToRemove(context);
    const snapshots = `${sourceRoot(config.name)}/snapshots`;
    return {
      changes,
      outputs: {},
      findings: [
        {
          level: 'info',
          code: 'no-way-back',
          subject: config.name,
          message: 'From here on there is no way back: what is written on the target stays there.',
        },
        {
          level: 'info',
          code: 'source-kept',
          subject: context.source.name,
          message: `The source keeps its stopped containers, its volumes, its images and the snapshots in ${snapshots}.`,
          remedy: 'Destroy the droplet when you no longer need them.',
        },
      ],
    };
  },

  apply: async (change, context) => {
    const { source, aws, config } = context;
    if (change.kind === 'forward') return void (await source.run(removeForwardScript(config.name, change.port)));
    if (change.kind === 'view') return void (await source.run(removeViewScript(config.name, change.container)));
    if (change.kind === 'guard') return void (await source.run(removeGuardScript(config.name)));
    if (change.kind === 'forgetBack') return applyWayBack(change, context);
    if (change.kind === 'untag') return void (await source.docker.untag(change.reference));
    if (change.kind === 'snapshot') return aws.deleteSnapshot(change.snapshot);
    if (change.kind === 'key') return void (await source.run(removeRunFolderScript(config.name)));
    if (change.kind === 'allow')
      return void (await (await requireTarget(context)).run(removeAuthorizationScript(targetUser, config.name)));
    if (change.kind === 'jobs')
      return void (await (await requireTarget(context)).run(removeRunFolderScript(config.name)));
    if (change.kind === 'rule') return revokeRule(change, context);
    const volume = await aws.findVolume(namesOf(config.name).volume);
    if (volume) await aws.tagResource(volume.id, { 'ecsodus:state': 'finished' });
  },

  verify: async (context) => {
    const left = await leftToRemove(context);
    return [
      {
        name: 'nothing left behind',
        status: left.length === 0 ? 'ok' : 'fail',
        reason: left.map(({ target }) => target).join(', ') || 'nothing of ours',
      },
    ];
  },
});

/** Visitors' way first, the tag that says it is over last. */
const leftToRemove = async (context: ReadContext): Promise<FinishChange[]> => [
  ...(await forwardsToRemove(context.source, context.config.name, 'visitors come by DNS now')),
  ...(await viewsToRemove(context.source, context.config.name, 'the target has what was seen through it')),
  ...(await guardToRemove(context.source, context.config.name, 'there is no way back to guard')),
  ...(await keys(context)),
  ...(await backKeyToForget(context)),
  ...(await pushedTags(context)),
  ...(await oldSnapshots(context)),
  ...(await sourceRules(context)),
  ...(await stateTag(context)),
];

async function keys(context: ReadContext): Promise<FinishChange[]> {
  const { source, config, instance } = context;
  const onSource = parseExisting(await source.read(existing([sourceRun(config.name)])));
  const target = await context.target(instance);
  const receiver = target === undefined ? '' : await readText(target, commandPath(config.name));
  const authorized = target === undefined ? '' : await target.read(authorizedKeys(targetUser));
  const onTarget = target === undefined ? '' : await target.read(existing([sourceRun(config.name)]));
  return [
    ...(onSource.length > 0 ? [removal('key', dataKey(config.name).privateKey, 'on the source')] : []),
    ...(receiver !== '' || authorized.includes(keyComment(config.name))
      ? [removal('allow', keyComment(config.name), 'on the target')]
      : []),
    ...(onTarget === '' ? [] : [forgetJobs(config.name)]),
  ];
}

const removal = (kind: 'key' | 'allow', what: string, where: string): FinishChange => ({
  id: `remove-${kind}`,
  kind,
  verb: 'delete',
  target: `temporary key ${what} ${where}`,
  reason: 'no more data is sent',
});

const forgetJobs = (migration: string): FinishChange => ({
  id: 'remove-jobs',
  kind: 'jobs',
  verb: 'delete',
  target: `${sourceRun(migration)} on the target`,
  reason: 'scripts that read the data for its proof, and their logs',
});

/** All EBS snapshots but the newest, which is of what was handed over last. */
const oldSnapshots = async ({ aws, config }: ReadContext): Promise<FinishChange[]> =>
  (await aws.findSnapshots(config.name)).slice(1).map(({ id, startedAt, tags }) => ({
    id: `unsnapshot:${tags['ecsodus:change']}`,
    kind: 'snapshot',
    verb: 'delete',
    target: `EBS snapshot of ${startedAt}`,
    reason: 'of an earlier try; the newest one is kept',
    snapshot: id,
  }));

/** The source's own ways in; SSH stays where the operator comes from the same address. */
async function sourceRules(context: ReadContext): Promise<FinishChange[]> {
  const { source, sourceFacts } = context;
  const group = await findGroup(context);
  const isOperator = sourceFacts.operatorAddress === source.address;
  return (group?.rules ?? [])
    .filter(({ port, cidr }) => cidr === cidrOf(source.address) && !(isOperator && port === 22))
    .map(({ port, cidr }) => ({
      id: `unrule:${port}:${cidr}`,
      kind: 'rule',
      verb: 'delete',
      target: `port ${port} from ${cidr}`,
      reason: 'the source sends nothing more',
      port,
      cidr,
    }));
}

async function stateTag({ aws, config }: ReadContext): Promise<FinishChange[]> {
  const volume = await aws.findVolume(namesOf(config.name).volume);
  if (volume === undefined || volume.tags['ecsodus:state'] === 'finished') return [];
  return [
    {
      id: 'tag:finished',
      kind: 'tag',
      verb: 'update',
      target: 'ecsodus:state=finished on the disk',
      reason: 'run refuses from here on',
    },
  ];
}

const notCutOver = (): MigrationError =>
  new MigrationError('not-cut-over', 'The target does not own the data yet: there is nothing to finish.', {
    hint: 'Bring the migration to its end first: ecsodus run',
  });
