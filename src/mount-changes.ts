import type { DataDisk } from './data-disk.ts';
import { fileSystem } from './disk.ts';
import { MigrationError } from './errors.ts';
import { dataRoot, markRoot, namesOf } from './names.ts';
import { type Change, isKnown, type Known, type Owner } from './step.ts';

export interface MountChange extends Change {
  readonly kind: 'attach' | 'format' | 'mount' | 'fence' | 'agent';
}

export interface MountSeen {
  readonly attached: boolean;
  /** Undefined while the disk is not attached, or the instance cannot be asked. */
  readonly data: DataDisk | undefined;
  readonly owner: Known<Owner>;
  readonly agentRegistered: boolean;
}

/** What is left to do. Before the disk can be looked at it is taken for blank; formatting looks again by itself. */
export function wantedMounts({ attached, data, owner, agentRegistered }: MountSeen, migration: string): MountChange[] {
  if (data?.disk.kind === 'other') throw notOurs(data.disk.device, data.disk.detail);
  const blank = data === undefined ? !attached : data.disk.kind !== 'filesystem';
  return [
    ...(attached ? [] : [attach(migration)]),
    ...(blank ? [format(migration)] : []),
    ...(data?.mounted ? [] : [mount]),
    ...(isKnown(owner) ? [] : [fence]),
    ...(agentRegistered ? [] : [agent]),
  ];
}

const attach = (migration: string): MountChange => ({
  id: `attach:${namesOf(migration).volume}`,
  kind: 'attach',
  verb: 'update',
  target: `disk ${namesOf(migration).volume}`,
  reason: 'the instance does not have it yet',
});

const format = (migration: string): MountChange => ({
  id: `format:${namesOf(migration).volume}`,
  kind: 'format',
  verb: 'create',
  target: `${fileSystem} on ${namesOf(migration).volume}`,
  reason: 'the disk is blank; one that holds anything is never formatted',
});

const mount: MountChange = {
  id: `mount:${dataRoot}`,
  kind: 'mount',
  verb: 'update',
  target: dataRoot,
  reason: 'mounted by UUID, now and at each boot',
};

const fence: MountChange = {
  id: 'fence:source',
  kind: 'fence',
  verb: 'record',
  target: `${markRoot}/owner = source`,
  reason: 'the source owns the data until cut-over',
};

const agent: MountChange = {
  id: 'agent:start',
  kind: 'agent',
  verb: 'start',
  target: 'ECS agent',
  reason: 'it starts only once /data is mounted',
};

const notOurs = (device: string, detail: string): MigrationError =>
  new MigrationError('disk-not-blank', `${device} holds ${detail}; it is left alone.`, {
    hint: `Look at it on the instance: sudo blkid -p ${device}. Detach it, or empty it yourself.`,
  });
