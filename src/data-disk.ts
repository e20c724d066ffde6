import type { DiskSnapshot } from './aws/aws.ts';
import { MigrationError } from './errors.ts';
import type { Finding } from './finding.ts';
import type { HostReader } from './host.ts';
import { dataRoot, markRoot, namesOf, tagsOf } from './names.ts';
import { blockDevice, type DiskState, fstab, mountPoint, parseDisk, parseMountPoint } from './queries/disk.ts';
import { sh } from './shell.ts';
import { isKnown, type Known, type Owner, type ReadContext, unknown, type WriteContext } from './step.ts';
import { requireTarget } from './target.ts';
import { readText } from './text-file.ts';

/** The change of the EBS snapshot that is taken of what a cut-over hands over, by when the source had stopped. */
export const handOver = (stopped: string): string => `ebs-snapshot:${stopped}`;

/** Whether a snapshot is of a cut-over. */
export const isHandOver = ({ tags }: DiskSnapshot): boolean =>
  tags['ecsodus:change']?.startsWith(handOver('')) === true;

export interface DataDisk {
  readonly disk: DiskState;
  /** This very disk is at /data, and fstab will mount it there again. */
  readonly mounted: boolean;
}

export async function readDataDisk(target: HostReader, volumeId: string): Promise<DataDisk> {
  const [disk, mount, table] = await Promise.all([
    target.read(blockDevice(volumeId)).then(parseDisk),
    target.read(mountPoint(dataRoot)).then(parseMountPoint),
    target.read(fstab()),
  ]);
  const isOurs = disk.kind === 'filesystem' && mount?.uuid === disk.uuid;
  return { disk, mounted: isOurs && table.includes(`UUID=${disk.uuid} ${dataRoot} `) };
}

/** The fence, asked anew: what an earlier step knew of it may have changed. Unknown where there is no target to ask. */
export async function ownerNow({ target, instance }: Pick<ReadContext, 'target' | 'instance'>): Promise<Known<Owner>> {
  const host = await target(instance);
  return host === undefined ? unknown('mount-data') : readOwner(host);
}

/** As `ownerNow`, where the source must be able to go on without a target that does not answer. */
export async function ownerIfReachable(
  context: Pick<ReadContext, 'target' | 'instance'>,
): Promise<Known<Owner> | 'unreachable'> {
  return ownerNow(context).catch((error: unknown) => {
    if (error instanceof MigrationError && error.code.startsWith('ssh-')) return 'unreachable' as const;
    throw error;
  });
}

export const targetUnreachable: Finding = {
  level: 'warning',
  code: 'target-unreachable',
  subject: 'fence',
  message: 'The instance does not answer over SSH: who owns the data on its disk is not known, and cannot be changed.',
  remedy: 'It must answer again before the migration can go on.',
};

/** The fence on the data disk; unknown where there is none yet. */
export async function readOwner(target: HostReader): Promise<Known<Owner>> {
  const owner = (await readText(target, `${markRoot}/owner`)).trim();
  return owner === 'source' || owner === 'target' ? owner : unknown('mount-data');
}

/** What was written to the data disk is on it when this returns. */
export const flushDataDisk = async (context: WriteContext): Promise<void> =>
  void (await (await requireTarget(context)).run(sh`sync -f ${dataRoot}`));

/** An EBS snapshot of what is on the disk this moment, found again by the change that makes it; `what` says it to people. */
export async function snapshotDataDisk(change: string, what: string, context: WriteContext): Promise<DiskSnapshot> {
  const { aws, config, volume } = context;
  if (!isKnown(volume)) throw new Error('the data disk is not known');
  await flushDataDisk(context);
  return aws.createSnapshot({
    volumeId: volume.id,
    description: `ecsodus ${config.name}: ${dataRoot} ${what}`,
    tags: { ...tagsOf(config.name, change), Name: namesOf(config.name).volume },
  });
}
