import { setTimeout as delay } from 'node:timers/promises';
import { answersFile } from '../src/answers.ts';
import { openedPorts, revokeRule } from '../src/aws/group-rules.ts';
import { everywhere } from '../src/aws/wanted-network.ts';
import { ownerIfReachable, targetUnreachable } from '../src/data-disk.ts';
import { dataWayFindings } from '../src/data-way.ts';
import { fenceScript } from '../src/disk.ts';
import { MigrationError } from '../src/errors.ts';
import type { Finding } from '../src/finding.ts';
import { forwardsToRemove, type RemoveForward, removeForwardScript } from '../src/forward.ts';
import { guardToRemove, type RemoveGuard, readGuard, removeGuardScript } from '../src/guard.ts';
import { type RemoveView, removeViewScript, viewsToRemove } from '../src/lifted-view.ts';
import { namesOf } from '../src/names.ts';
import { type Original, readOrigin, removeOriginScript } from '../src/origin.ts';
import { asStep, type Change, type ReadContext, type WriteContext } from '../src/step.ts';
import { requireTarget } from '../src/target.ts';
import {
  applyWayBack,
  backKeyToForget,
  forgetBack,
  noRoomForOwn,
  notReturned,
  type WayBackChange,
  wantedOwnCopies,
  wantedReturn,
} from '../src/way-back.ts';

type RollbackChange =
  | RemoveForward
  | RemoveView
  | RemoveGuard
  | WayBackChange
  | (Change &
      (
        | { readonly kind: 'service'; readonly workload: string }
        | { readonly kind: 'restart'; readonly original: Original }
        | { readonly kind: 'policy'; readonly original: Original }
        | { readonly kind: 'close'; readonly port: number }
        | { readonly kind: 'fence' | 'origin' }
      ));

/** The source takes over again, as it was before cut-over. What the target wrote meanwhile stays on its disk. */
export const rollback = rollbackStep('leave');

/** The same, with what the target wrote meanwhile brought back to the source. */
export const rollbackWithData = rollbackStep('bring-back');

function rollbackStep(data: 'leave' | 'bring-back') {
  return asStep<RollbackChange>({
    id: 'rollback',
    title: 'Roll back: the source takes over again',
    needs: data === 'leave' ? ['connect'] : ['inventory'],

    plan: async (context) => {
      const owner = await ownerIfReachable(context);
      // Where the guard was quicker than the cut-over, the target has never served.
      const served = owner === 'target' && (await readGuard(context.source, context.config.name)) !== 'fired';
      const back = data === 'bring-back' && served ? await wayBack(context) : undefined;
      if (data === 'bring-back' && owner === 'unreachable') throw cannotBringBack();
      return {
        changes: await wanted(context, owner, back),
        outputs: {},
        findings: [
          ...(served && back === undefined ? [leftOnTarget] : []),
          ...(back?.findings ?? []),
          ...(owner === 'unreachable' ? [targetUnreachable] : []),
        ],
      };
    },

    apply: (change, context) =>
      isWayBack(change) ? applyWayBack(change, context) : make[change.kind](change as never, context),

    verify: async (context) => {
      const left = await wanted(context, await ownerIfReachable(context), undefined);
      return [
        {
          name: 'the source runs as before',
          status: left.length === 0 ? 'ok' : 'fail',
          reason: left.map(({ target }) => target).join(', ') || 'all containers are back',
        },
      ];
    },
  });
}

type Made = Exclude<RollbackChange, WayBackChange>;

const make: {
  readonly [K in Made['kind']]: (change: Extract<Made, { kind: K }>, context: WriteContext) => Promise<void>;
} = {
  forward: async ({ port }, { source, config }) => void (await source.run(removeForwardScript(config.name, port))),
  close: ({ port }, context) => revokeRule({ port, cidr: everywhere }, context),
  service: ({ workload }, context) => stopService(workload, context),
  fence: async (_, context) => void (await (await requireTarget(context)).run(fenceScript('source'))),
  view: async ({ container }, { source, config }) => void (await source.run(removeViewScript(config.name, container))),
  policy: ({ original }, { source }) => source.docker.setRestartPolicy(original.id, original.restartPolicy),
  restart: ({ original }, { source }) => source.docker.start(original.id),
  guard: async (_, { source, config }) => void (await source.run(removeGuardScript(config.name))),
  origin: async (_, { source, config, state }) => {
    await state.remove(answersFile);
    await source.run(removeOriginScript(config.name));
  },
};

interface WayBack {
  readonly own: readonly WayBackChange[];
  readonly back: readonly WayBackChange[];
  readonly findings: readonly Finding[];
}

async function wayBack(context: ReadContext): Promise<WayBack> {
  const own = await wantedOwnCopies(context);
  return {
    own,
    back: await wantedReturn(context),
    findings: [
      ...noRoomForOwn(own, context.sourceFacts),
      ...notReturned(context.design.datasets),
      ...(await dataWayFindings(context)),
    ],
  };
}

const wayBackKinds = ['own', 'back', 'command', 'key', 'authorize', 'forgetBack'];
const isWayBack = (change: RollbackChange): change is WayBackChange => wayBackKinds.includes(change.kind);

/** Last things first: visitors, services, data, fence; then the source's containers in the order they start. */
async function wanted(
  context: ReadContext,
  owner: Awaited<ReturnType<typeof ownerIfReachable>>,
  data: WayBack | undefined,
): Promise<RollbackChange[]> {
  const { source, config } = context;
  const origin = await readOrigin(source, config.name);
  return [
    ...(data?.own ?? []),
    ...(await forwardsToRemove(source, config.name, 'the source answers for itself again')),
    ...(await openedPorts(context)).map(closeChange),
    ...(await runningServices(context)).map(stopChange),
    ...(data?.back ?? []),
    ...(owner === 'target' ? [fenceChange] : []),
    ...(await viewsToRemove(source, config.name, 'the source is to be as it was')),
    ...(await sourceChanges(origin?.containers ?? [], context)),
    ...(await keyToForget(context, owner, data)),
    ...(await guardToRemove(source, config.name, 'the source runs by itself again')),
    ...(origin === undefined ? [] : [forgetOrigin]),
  ];
}

async function keyToForget(
  context: ReadContext,
  owner: Awaited<ReturnType<typeof ownerIfReachable>>,
  data: WayBack | undefined,
): Promise<RollbackChange[]> {
  if (data !== undefined) return [forgetBack(context.config.name)];
  return owner === 'unreachable' ? [] : backKeyToForget(context);
}

async function runningServices({ aws, config }: ReadContext): Promise<string[]> {
  const { cluster } = namesOf(config.name);
  return (await aws.services(cluster))
    .filter(({ desiredCount, runningCount }) => (desiredCount ?? 0) > 0 || (runningCount ?? 0) > 0)
    .map(({ serviceName }) => String(serviceName));
}

async function sourceChanges(origin: readonly Original[], { source }: ReadContext): Promise<RollbackChange[]> {
  const now = await Promise.all(
    origin.map(async (original) => ({ original, inspect: await source.docker.inspectContainer(original.id) })),
  );
  const changes = now.map(({ original, inspect }): RollbackChange[] => {
    if (inspect === undefined) throw gone(original.name);
    const policy = (inspect.HostConfig as { RestartPolicy?: { Name?: string } }).RestartPolicy?.Name || 'no';
    const running = (inspect.State as { Running?: boolean }).Running === true;
    return [
      ...(policy === original.restartPolicy.Name ? [] : [policyChange(original)]),
      ...(original.running && !running ? [restartChange(original)] : []),
    ];
  });
  return changes.flat();
}

async function stopService(name: string, { aws, config, signal, progress }: WriteContext): Promise<void> {
  const { cluster } = namesOf(config.name);
  await aws.updateService({ cluster, name, desiredCount: 0 });
  for (;;) {
    const running = (await aws.serviceTasks(cluster, name)).filter(({ lastStatus }) => lastStatus !== 'STOPPED');
    if (running.length === 0) return;
    progress({ message: `${running.length} task still stopping` });
    await delay(250, undefined, { signal });
  }
}

/** By this finding the command knows that there is something to ask the operator. */
export const dataLeft = 'data-left-on-target';

const leftOnTarget: Finding = {
  level: 'warning',
  code: dataLeft,
  subject: '/data',
  message: 'What was written on the target since cut-over stays on its disk and is not brought back to the source.',
  remedy: 'Look there before you cut over again: the next sync copies the source over it.',
};

const cannotBringBack = (): MigrationError =>
  new MigrationError(
    'target-unreachable',
    'The instance does not answer over SSH: no data can be brought back from it.',
    {
      hint: 'Let it answer again; or let the source take over without it: ecsodus rollback --leave-data',
    },
  );

const closeChange = (port: number): RollbackChange => ({
  id: `close:${port}`,
  kind: 'close',
  verb: 'update',
  target: `port ${port} of the instance: closed`,
  reason: 'the source answers again',
  port,
});

const stopChange = (workload: string): RollbackChange => ({
  id: `stop:${workload}`,
  kind: 'service',
  together: 'stop',
  verb: 'stop',
  target: `service ${workload}`,
  reason: 'desired count 0, then wait until its tasks have stopped',
  workload,
});

const fenceChange: RollbackChange = {
  id: 'fence:source',
  kind: 'fence',
  verb: 'record',
  target: '/data/.ecsodus/owner = source',
  reason: 'the source owns the data again',
};

const policyChange = (original: Original): RollbackChange => ({
  id: `policy:${original.name}`,
  kind: 'policy',
  verb: 'update',
  target: `restart policy of ${original.name}: ${original.restartPolicy.Name}`,
  reason: 'as it was before cut-over',
  original,
});

const restartChange = (original: Original): RollbackChange => ({
  id: `start:${original.name}`,
  kind: 'restart',
  verb: 'start',
  target: `container ${original.name} on the source`,
  reason: 'it ran before cut-over',
  original,
});

const forgetOrigin: RollbackChange = {
  id: 'origin',
  kind: 'origin',
  verb: 'delete',
  target: 'record of the original state, on the source',
  reason: 'all of it has been put back',
};

const gone = (name: string): MigrationError =>
  new MigrationError(
    'container-gone',
    `The container ${name} is no longer on the source, so it cannot be started again.`,
    {
      hint: 'Its data is where it was; create it again by hand, then: ecsodus rollback',
    },
  );
