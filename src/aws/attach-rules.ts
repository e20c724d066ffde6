import { MigrationError } from '../errors.ts';
import type { Volume } from './aws.ts';

/**
 * Whether a volume is still to be attached to the instance; an error where it cannot be. AWS refuses the same things
 * (VolumeInUse, InvalidVolume.ZoneMismatch), in words that do not say what to do.
 */
export function mustAttach(
  volume: Volume | undefined,
  volumeId: string,
  instance: { readonly id: string; readonly zone: string | undefined },
): boolean {
  if (!volume) throw missing('volume', volumeId);
  if (instance.zone === undefined) throw missing('instance', instance.id);
  if (volume.attachedTo === instance.id) return false;
  if (volume.attachedTo !== undefined) throw attachedElsewhere(volumeId, volume.attachedTo, instance.id);
  if (volume.zone !== instance.zone) throw otherZone(volumeId, volume.zone, instance.id, instance.zone);
  return true;
}

const missing = (kind: string, id: string): MigrationError =>
  new MigrationError(`${kind}-missing`, `There is no ${kind} ${id} in this account and region.`, {
    hint: 'Make it again: ecsodus run --from provision',
  });

const attachedElsewhere = (volume: string, there: string, here: string): MigrationError =>
  new MigrationError('volume-attached', `Volume ${volume} is attached to ${there}, not to ${here}.`, {
    hint: `Stop what uses it there, then type: aws ec2 detach-volume --volume-id ${volume}`,
  });

const otherZone = (volume: string, zone: string, instance: string, instanceZone: string): MigrationError =>
  new MigrationError(
    'zone-mismatch',
    `Volume ${volume} is in ${zone}, instance ${instance} in ${instanceZone}: EBS does not cross zones.`,
    {
      hint: `Set "instance.subnet" in ecsodus.yaml to a subnet in ${zone}, and terminate ${instance} before you run again.`,
    },
  );
