import { setTimeout as delay } from 'node:timers/promises';
import type { Volume } from '../src/aws/aws.ts';
import { check } from '../src/check.ts';
import { readDataDisk, readOwner } from '../src/data-disk.ts';
import { fenceScript, formatScript, mountScript } from '../src/disk.ts';
import { MigrationError } from '../src/errors.ts';
import { type MountChange, type MountSeen, wantedMounts } from '../src/mount-changes.ts';
import { dataRoot, namesOf } from '../src/names.ts';
import { asStep, isKnown, type ReadContext, unknown, type WriteContext } from '../src/step.ts';
import { requireTarget } from '../src/target.ts';

/** How long the device may take to appear, and a started agent to register, in milliseconds. */
const deviceLimitMs = 60_000;
const registerLimitMs = 180_000;

/** The data disk, mounted for good before the ECS agent may start: no container ever sees an empty /data. */
export const mountData = asStep<MountChange>({
  id: 'mount-data',
  title: 'Mount the data disk and start the ECS agent',
  needs: ['provision'],

  plan: async (context) => {
    const seen = await look(context);
    return { changes: wantedMounts(seen, context.config.name), outputs: { owner: seen.owner }, findings: [] };
  },

  apply: async ({ kind }, context) => {
    if (kind === 'attach') return attach(context);
    if (kind === 'agent') return startAgent(context);
    const target = await requireTarget(context);
    if (kind === 'fence') return void (await target.run(fenceScript('source')));
    const { disk } = await readDataDisk(target, (await dataVolume(context)).id);
    if (disk.kind === 'missing') throw noDevice();
    if (kind === 'format') return void (await target.run(formatScript(disk.device)));
    if (disk.kind !== 'filesystem') throw new Error(`${disk.device} has no file system to mount`);
    await target.run(mountScript(disk.uuid, disk.type));
  },

  verify: async (context) => {
    const { data, agentRegistered } = await look(context);
    return [
      check(dataRoot, data?.mounted === true, 'mounted by UUID', 'not mounted'),
      check('ECS agent', agentRegistered, 'connected', 'not registered'),
    ];
  },
});

async function look(context: ReadContext): Promise<MountSeen> {
  const { instance, aws, config } = context;
  const names = namesOf(config.name);
  const volume = await aws.findVolume(names.volume);
  const attached = isKnown(instance) && volume?.attachedTo === instance.id;
  const target = await context.target(instance);
  if (!attached || target === undefined)
    return { attached, data: undefined, owner: unknown('mount-data'), agentRegistered: false };
  const data = await readDataDisk(target, volume.id);
  const registered = await aws.containerInstances(names.cluster);
  return {
    attached,
    data,
    owner: data.mounted ? await readOwner(target) : unknown('mount-data'),
    agentRegistered: registered.some(
      ({ ec2InstanceId, agentConnected }) => ec2InstanceId === instance.id && agentConnected === true,
    ),
  };
}

async function attach(context: WriteContext): Promise<void> {
  const { aws, instance, signal } = context;
  const target = await requireTarget(context);
  const { id } = await dataVolume(context);
  if (isKnown(instance)) await aws.attachVolume(id, instance.id, signal);
  for (let waited = 0; waited < deviceLimitMs; waited += 300) {
    if ((await readDataDisk(target, id)).disk.kind !== 'missing') return;
    await delay(300, undefined, { signal });
  }
  throw noDevice();
}

/** Not from this step's own script but by systemd, whose guards refuse while /data is no mount point. */
async function startAgent(context: WriteContext): Promise<void> {
  const target = await requireTarget(context);
  await target.run('systemctl start --no-block ecs');
  for (let waited = 0; waited < registerLimitMs; waited += 300) {
    if ((await look(context)).agentRegistered) return;
    await delay(300, undefined, { signal: context.signal });
  }
  const log = await target.run(
    'journalctl -u ecs --no-pager -n 20 2>&1 || tail -n 20 /var/log/ecs/ecs-agent.log 2>&1 || :',
  );
  throw new MigrationError(
    'agent-not-registered',
    `The ECS agent did not join the cluster in ${registerLimitMs / 1000} s.`,
    {
      evidence: log.trimEnd().split('\n'),
      hint: `Look on the instance: ssh ${target.name} sudo systemctl status ecs`,
    },
  );
}

/** Asked anew: what was known of it when this step was planned may have changed by this step's own doing. */
async function dataVolume({ aws, config }: ReadContext): Promise<Volume> {
  const volume = await aws.findVolume(namesOf(config.name).volume);
  if (volume !== undefined) return volume;
  throw new MigrationError('no-disk', 'There is no data disk yet.', {
    hint: 'Make it first: ecsodus run --until provision',
  });
}

const noDevice = (): MigrationError =>
  new MigrationError('no-device', 'The data disk is attached, but its device has not appeared on the instance.', {
    hint: 'Wait a minute, then go on: ecsodus run',
  });
