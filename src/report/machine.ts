import { amiRootGib, wantedDiskGib, wantedRootGib } from '../aws/disk-size.ts';
import type { Config } from '../config.ts';
import type { Design } from '../design.ts';
import { chosenInstanceType } from '../ecs/instance-choice.ts';
import { wantedSwapMib } from '../ecs/swap.ts';
import { namesOf } from '../names.ts';
import { type Change, isKnown, type Outputs } from '../step.ts';
import { isSized } from './sized.ts';

/** The instance and its disks, as they are or are going to be. */
export interface Machine {
  /** EC2 type; undefined where none holds all workloads. */
  readonly type: string | undefined;
  /** Of the data disk; undefined where nobody looked at the data. */
  readonly diskGib: number | undefined;
  readonly rootGib: number;
  /** What the data disk is to hold. */
  readonly dataBytes: number | undefined;
}

/** What provision's own changes say, else what is there, else what would be chosen. */
export function machineOf(
  config: Config,
  { workloads, datasets, images }: Design,
  { instance, volume }: Partial<Outputs> = {},
  changes: readonly Change[] = [],
): Machine {
  const names = namesOf(config.name);
  const launch = planned<{ type: string }>(changes, `instance:${names.instance}`);
  const disk = planned<{ sizeGib: number }>(changes, `volume:${names.volume}`);
  const isMeasured = datasets.every(isSized);
  return {
    type:
      launch?.type ??
      (instance && isKnown(instance) ? instance.type : undefined) ??
      chosenInstanceType(workloads, config),
    diskGib:
      disk?.sizeGib ??
      (volume && isKnown(volume) ? volume.sizeGib : undefined) ??
      config.disk.sizeGib ??
      (isMeasured ? wantedDiskGib(datasets) : undefined),
    rootGib: wantedRootGib(images, wantedSwapMib(workloads)) ?? amiRootGib,
    dataBytes: isMeasured ? datasets.reduce((sum, { bytes }) => sum + bytes, 0) : undefined,
  };
}

/** A change carries all that is needed to make it. */
const planned = <T>(changes: readonly Change[], id: string): (Change & T) | undefined =>
  changes.find((change) => change.id === id) as (Change & T) | undefined;
