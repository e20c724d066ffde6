import { receivingLock } from './names.ts';
import { sh } from './shell.ts';

/** The filesystem a blank data disk gets, and its label. */
export const fileSystem = 'ext4';

/**
 * Formats a blank device; one that has a file system already is left as it is. `blkid -p` answers 2 for a blank device
 * (0: a signature, 8: more than one), and also for a missing one, hence the first test.
 */
export const formatScript = (device: string): string => sh`set -eu
test -b ${device}
rc=0; type=$(blkid -p -o value -s TYPE ${device}) || rc=$?
test -z "$type" || exit 0
test $rc -eq 2 || { echo ${`${device} is not blank`} >&2; exit 1; }
mkfs.ext4 -q -L data ${device}`;

/** Mounts by UUID, now and at each boot: device names change on Nitro. `nofail` lets the host boot without the disk. */
export const mountScript = (uuid: string, type: string): string => sh`set -eu
mkdir -p /data
grep -q ${uuid} /etc/fstab || echo ${`UUID=${uuid} /data ${type} defaults,nofail,x-systemd.device-timeout=120s 0 2`} >> /etc/fstab
systemctl daemon-reload
mountpoint -q /data || mount /data
test "$(findmnt -n -o UUID --mountpoint /data)" = ${uuid}`;

/** Writes the fence so that it is on the disk, not in a cache, before anything relies on it; never while data still arrives. */
export const fenceScript = (owner: 'source' | 'target'): string => sh`set -eu
mountpoint -q /data
mkdir -p /data/.ecsodus
exec 9>${receivingLock}
flock -w 30 9 || { echo 'data is still being received' >&2; exit 1; }
printf '%s\n' ${owner} > /data/.ecsodus/owner.new
sync /data/.ecsodus/owner.new
mv /data/.ecsodus/owner.new /data/.ecsodus/owner
sync -f /data`;
