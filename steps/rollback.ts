import { setTimeout as delay } from 'node:timers/promises';
import { answersFile } from '../src/answers.ts';
import { ownerIfReachable, targetUnreachable } from '../src/data-disk.ts';
import { fenceScript } from '../src/disk.ts';
import { MigrationError } from '../src/errors.ts';
import type { Finding } from '../src/finding.ts';
import { forwardsToRemove, type RemoveForward, removeForwardScript } from '../src/forward.ts';
import { type RemoveView, removeViewScript, viewsToRemove } from '../src/lifted-view.ts';
import { namesOf } from '../src/names.ts';
import { type Original, originFile, parseOrigin, removeOriginScript } from '../src/origin.ts';
import { asStep, type Change, type ReadContext, type WriteContext } from '../src/step.ts';
import { requireTarget } from '../src/target.ts';
import { readText } from '../src/text-file.ts';

type RollbackChange =
  | RemoveForward
  | RemoveView
  | (Change &
      (
        | { readonly kind: 'service'; readonly workload: string }
        | { readonly kind: 'restart'; readonly original: Original }
        | { readonly kind: 'policy'; readonly original: Original }
        | { readonly kind: 'fence' | 'origin' }
      ));

/** The source takes over again, as it was before cut-over. What the target wrote meanwhile stays on its disk. */
export const rollback = asStep<RollbackChange>({
  id: 'rollback',
  title: 'Roll back: the source takes over again',
  needs: ['connect'],

  plan: async (context) => {
    const owner = await ownerIfReachable(context);
    const changes = await wanted(context, owner);
    return {
      changes,
      outputs: {},
      findings: [
        ...(owner === 'target' ? [leftOnTarget] : []),
        ...(owner === 'unreachable' ? [targetUnreachable] : []),
      ],
    };
  },

  apply: async (change, context) => {
    const { source, config } = context;
    if (change.kind === 'forward') return void (await source.run(removeForwardScript(config.name, change.port)));
    if (change.kind === 'view') return void (await source.run(removeViewScript(config.name, change.container)));
    if (change.kind === 'service') return stopService(change.workload, context);
    if (change.kind === 'fence') return void (await (await requireTarget(context)).run(fenceScript('source')));
    if (change.kind === 'policy')
      return source.docker.setRestartPolicy(change.original.id, change.original.restartPolicy);
    if (change.kind === 'restart') return source.docker.start(change.original.id);
    await context.state.remove(answersFile);
    await source.run(removeOriginScript(config.name));
  },

  verify: async (context) => {
    const left = await wanted(context, await ownerIfReachable(context));
    return [
      {
        name: 'the source runs as before',
        status: left.length === 0 ? 'ok' : 'fail',
        reason: left.map(({ target }) => target).join(', ') || 'all containers are back',
      },
    ];
  },
});

/** Last things first: visitors, services, fence; then the source's containers in the order they start. */
async function wanted(
  context: ReadContext,
  owner: Awaited<ReturnType<typeof ownerIfReachable>>,
): Promise<RollbackChange[]> {
  const { source, config } = context;
  const origin = parseOrigin(await readText(source, originFile(config.name)));
  return [
    ...(await forwardsToRemove(source, config.name, 'the source answers for itself again')),
    ...(await runningServices(context)).map(stopChange),
    ...(owner === 'target' ? [fenceChange] : []),
    ...(await viewsToRemove(source, config.name, 'the source is to be as it was')),
    ...(await sourceChanges(origin ?? [], context)),
    ...(origin === undefined ? [] : [forgetOrigin]),
  ];
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

const leftOnTarget: Finding = {
  level: 'warning',
  code: 'data-left-on-target',
  subject: '/data',
  message: 'What was written on the target since cut-over stays on its disk and is not brought back to the source.',
  remedy: 'Look there before you cut over again: the next sync copies the source over it.',
};

const stopChange = (workload: string): RollbackChange => ({
  id: `stop:${workload}`,
  kind: 'service',
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
