import { setTimeout as delay } from 'node:timers/promises';
import { answersFile, ask, parseAnswers } from '../src/answers.ts';
import type { Instance } from '../src/aws/aws.ts';
import { findGroup, openedPorts } from '../src/aws/group-rules.ts';
import { everywhere } from '../src/aws/wanted-network.ts';
import { type CutOverChange, type CutOverSeen, notForwarded, wantedCutOver } from '../src/cut-over.ts';
import { flushDataDisk, handOver, ownerNow, snapshotDataDisk } from '../src/data-disk.ts';
import { type Dataset, datasetNamed, type Workload } from '../src/design.ts';
import { fenceScript } from '../src/disk.ts';
import { readDowntime, watchOldAddress } from '../src/downtime.ts';
import { MigrationError } from '../src/errors.ts';
import type { Finding } from '../src/finding.ts';
import { forwardScript, parseForwards } from '../src/forward.ts';
import { frozenOrder, lastStop, readLive, startOrder, stoppedAt } from '../src/freeze.ts';
import { armScript, disarmScript, guardFired, readGuard, renewLease } from '../src/guard.ts';
import { refreshView } from '../src/lifted-view.ts';
import { readMarks, writeMark } from '../src/marks.ts';
import { namesOf } from '../src/names.ts';
import { type Origin, originalsOf, readOrigin, writeOriginScript } from '../src/origin.ts';
import { keepManifest, keptManifests, proveDataset, readAhead } from '../src/proof/prove.ts';
import { iptablesRules } from '../src/queries/iptables.ts';
import { readReach } from '../src/reach.ts';
import { healthInTime, readHealth } from '../src/read-health.ts';
import { duration } from '../src/report/units.ts';
import { type ServiceHealth, stopReasons } from '../src/services.ts';
import { silentPorts } from '../src/silent-ports.ts';
import { awaitServing } from '../src/start-service.ts';
import { asStep, type Check, isKnown, type Known, type ReadContext, type WriteContext } from '../src/step.ts';
import { requireTarget } from '../src/target.ts';
import { copyDataset } from '../src/transfer.ts';

/** The freeze: the source stops, the last delta goes over and is proved, the fence changes hands, the target starts. */
export const cutOver = asStep<CutOverChange>({
  id: 'cut-over',
  title: 'Cut over to the target',
  needs: ['sync-data', 'register-tasks'],

  plan: async (context) => {
    const { design, config } = context;
    const seen = await see(context);
    return {
      changes: wantedCutOver(seen, design, config),
      outputs: {},
      findings: notForwarded(seen, design, config),
    };
  },

  during: (context) => {
    const renewing = renewLease(context);
    const watching = watchOldAddress(context);
    return async () => {
      renewing();
      await watching();
    };
  },

  apply: (change, context) => make[change.kind](change as never, context),

  verify: async (context) => {
    const { config, design } = context;
    const since = new Date();
    const first = await healthInTime(context, since);
    await delay(config.settleSeconds * 1000);
    const second = await readHealth(context, since);
    const downtime = await readDowntime(context.state);
    return [
      ...design.workloads.map(({ name }, index) => settled(name, first[index], second[index], config.settleSeconds)),
      ...(downtime === undefined ? [] : [downtimeCheck(downtime)]),
      ...((await readReach(context))?.reached === false
        ? notForwarded(await see(context), design, config).map(notForwardedCheck)
        : []),
    ];
  },
});

const notForwardedCheck = ({ message }: Finding): Check => ({
  name: 'visitors of the old address',
  status: 'skip',
  reason: message,
});

const downtimeCheck = (seconds: number): Check => ({
  name: 'downtime',
  status: 'ok',
  reason: `${duration(seconds)} at the old address`,
});

async function see(context: ReadContext): Promise<CutOverSeen> {
  const { source, config, design, instance, state } = context;
  const [owner, target, health, guard, origin, live, opened, rules, reach, kept, answers] = await Promise.all([
    ownerNow(context),
    context.target(instance),
    readHealth(context),
    readGuard(source, config.name),
    readOrigin(source, config.name),
    readLive(source, frozenOrder(design)),
    openedPorts(context),
    source.read(iptablesRules()),
    readReach(context),
    keptManifests(design.datasets, state),
    state.read(answersFile),
  ]);
  return {
    owner,
    guard,
    origin,
    live,
    marks: target && isKnown(owner) ? await readMarks(target) : [],
    started: design.workloads.filter((_, index) => health[index]?.started).map(({ name }) => name),
    opened,
    forwards: parseForwards(rules, config.name, addressOf(instance)),
    reach,
    kept,
    answersRecorded: parseAnswers(answers).length > 0,
  };
}

function settled(
  name: string,
  first: ServiceHealth | undefined,
  second: ServiceHealth | undefined,
  seconds: number,
): Check {
  const same = first?.healthy === true && second?.healthy === true && first.taskArn === second.taskArn;
  const reason = same
    ? `healthy, the same task for ${seconds} s`
    : `not stable: ${[second?.reason ?? 'no task', ...stopReasons(second?.stopped ?? [])].join('; ')}`;
  return { name: `service ${name} stays up`, status: same ? 'ok' : 'fail', reason };
}

type Make = {
  readonly [K in CutOverChange['kind']]: (
    change: Extract<CutOverChange, { kind: K }>,
    context: WriteContext,
  ) => Promise<void>;
};

const make: Make = {
  answers: async (_, { config, source, state }) => {
    const answers = await Promise.all(config.checks.map((url) => ask(url, source.address)));
    const bad = answers.filter(({ status }) => status === 0 || status >= 500);
    if (bad.length > 0) throw badBefore(bad.map(({ url, status }) => `${url}: ${status || 'no answer'}`));
    await state.write(answersFile, JSON.stringify(answers, undefined, 2));
  },

  origin: async (_, { source, config, inventory, design }) => {
    const ports = design.workloads.flatMap((workload) => workload.ports);
    const origin: Origin = {
      containers: originalsOf(inventory, frozenOrder(design)),
      silentPorts: await silentPorts(ports, source.openPort),
    };
    await source.run(writeOriginScript(config.name), { input: JSON.stringify(origin) });
  },

  catchUp: async ({ dataset: name }, context) => {
    const dataset = datasetNamed(name, context.design);
    await copyDataset(dataset, 'live', context);
    await readAhead(dataset, context);
    // Else all that was copied is written out in the freeze.
    await flushDataDisk(context);
  },

  arm: async (_, { source, config }) => {
    const origin = await readOrigin(source, config.name);
    if (origin === undefined) throw new Error('the original state of the source is not on record');
    await source.run(armScript(config.name, origin.containers));
  },

  hold: ({ container }, { source }) => source.docker.setRestartPolicy(container, { Name: 'no', MaximumRetryCount: 0 }),

  stop: ({ container }, { source }) => source.docker.stop(container),

  delta: async ({ dataset: name }, context) => {
    const { dataset, at } = await frozen(name, context);
    await copyDataset(dataset, 'still', context);
    await writeMark(await requireTarget(context), { kind: 'final', dataset: name, stoppedAt: at });
  },

  prove: async ({ dataset: name }, context) => {
    const { dataset, at } = await frozen(name, context);
    await refreshView(context.source, context.config.name, dataset);
    const { digest, files, bytes } = await proveDataset(dataset, context);
    await writeMark(await requireTarget(context), {
      kind: 'proof',
      dataset: name,
      stoppedAt: at,
      digest,
      files,
      bytes,
    });
  },

  unfence: async (_, context) => void (await (await requireTarget(context)).run(fenceScript('source'))),

  ebs: async (_, context) => {
    const stopped = lastStop(await readLive(context.source, startOrder(context.design)));
    // A second cut-over, after a rollback, hands over something else.
    await snapshotDataDisk(handOver(stopped), `as handed over, source stopped ${stopped}`, context);
  },

  fence: async (_, context) => {
    for (const { name } of context.design.datasets) await frozen(name, context);
    await (await requireTarget(context)).run(fenceScript('target'));
  },

  disarm: async (_, { source, config }) => {
    if ((await source.run(disarmScript(config.name))).trim() === 'fired') throw guardFired();
  },

  start: async ({ workload: name }, context) => {
    const workload = context.design.workloads.find((other) => other.name === name);
    if (workload !== undefined) await startWorkload(workload, context);
  },

  open: async ({ port }, context) => {
    const { aws, design } = context;
    const group = await findGroup(context);
    if (group === undefined) throw new Error('there is no security group');
    if (group.rules.some((rule) => rule.port === port && rule.cidr === everywhere)) return;
    const user = design.workloads.find(({ ports }) => ports.includes(port))?.name ?? '';
    await aws.allowIngress(group.id, { port, cidr: everywhere, description: `ecsodus: ${user}` });
  },

  keep: async ({ dataset: name }, context) => keepManifest(datasetNamed(name, context.design), context),

  forward: async ({ port }, { source, config, instance }) => {
    const address = addressOf(instance);
    if (address === undefined)
      throw new MigrationError('no-address', 'The instance has no address to forward to.', {
        hint: 'See: ecsodus status',
      });
    await source.run(forwardScript(config.name, port, address));
  },
};

const addressOf = (instance: Known<Instance>): string | undefined =>
  isKnown(instance) ? (instance.publicAddress ?? instance.privateAddress) : undefined;

/** Before anything is stopped: a page that does not work now would be waited for in vain on the target. */
const badBefore = (evidence: readonly string[]): MigrationError =>
  new MigrationError(
    'page-not-answering',
    'A page to be compared does not answer on the source; nothing was stopped.',
    {
      evidence,
      hint: 'Mend the page, or take it out of "checks" in ecsodus.yaml. Then: ecsodus run',
    },
  );

/** The dataset, if every container that uses it has stopped; copying or proving it otherwise would prove nothing. */
async function frozen(name: string, { source, design }: WriteContext): Promise<{ dataset: Dataset; at: string }> {
  const dataset = datasetNamed(name, design);
  const at = stoppedAt(dataset, await readLive(source, dataset.containers));
  if (at !== undefined) return { dataset, at };
  throw new MigrationError('source-running', `A container that uses ${dataset.source} runs again on the source.`, {
    hint: 'Find out what started it (docker events), then go on: ecsodus run',
  });
}

async function startWorkload(workload: Workload, context: WriteContext): Promise<void> {
  const { aws, config, definitions } = context;
  const definition = definitions[workload.name];
  if (definition === undefined || !isKnown(definition)) throw new Error(`no definition for ${workload.name}`);
  const since = new Date();
  await aws.updateService({ cluster: namesOf(config.name).cluster, name: workload.name, desiredCount: 1 });
  await awaitServing(workload, definition, since, context);
}
