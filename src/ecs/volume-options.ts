import type { Container } from '../inventory.ts';
import { isEmpty, type Json, recordOf, recordsOf, shown, textOf } from './json.ts';

/**
 * What the options of a volume of the driver `local` make of it. `plain`: a directory of the engine's. `bind`: another
 * directory of the host. `share`: it lives on another machine. `memory`: a tmpfs. `device`: it is mounted while a
 * container uses it, and empty when none does.
 */
type VolumeKind = 'plain' | 'bind' | 'share' | 'memory' | 'device';

export interface VolumeOptions {
  readonly kind: VolumeKind;
  readonly options: Readonly<Record<string, string>>;
}

const shares = /^(nfs4?|cifs|smb3?|smbfs|glusterfs|ceph|9p|fuse\..+|sshfs|davfs)$/;

export function volumeOptionsOf(options: unknown): VolumeOptions {
  const all = Object.fromEntries(Object.entries(recordOf(options)).map(([key, option]) => [key, shown(option)]));
  return { kind: kindOf(all), options: all };
}

function kindOf({ type = '', o = '', device = '' }: Readonly<Record<string, string>>): VolumeKind {
  const words = o.split(',');
  if (shares.test(type) || words.some((word) => word.startsWith('addr='))) return 'share';
  if (words.some((word) => word === 'bind' || word === 'rbind')) return device.startsWith('/') ? 'bind' : 'device';
  if (type === 'tmpfs') return 'memory';
  return type === '' && device === '' ? 'plain' : 'device'; // `o: size=10G` alone is a quota
}

/** By volume name: as the engine lists them, else as the container asked that first mounted it (`--mount volume-opt=`). */
export function knownVolumes(
  listed: readonly Json[],
  containers: readonly Container[],
): ReadonlyMap<string, VolumeOptions> {
  const asked = containers
    .flatMap(({ inspect }) => recordsOf(recordOf(inspect.HostConfig).Mounts))
    .map((request) => [textOf(request.Source), recordOf(recordOf(request.VolumeOptions).DriverConfig).Options] as const)
    .filter(([, options]) => !isEmpty(options));
  const known = listed.map((volume) => [textOf(volume.Name), volume.Options] as const);
  return new Map([...asked, ...known].map(([name, options]) => [name, volumeOptionsOf(options)]));
}
