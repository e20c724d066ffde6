import { MigrationError } from '../errors.ts';
import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

/** What is on a data disk. Only `blank` may ever be formatted. */
export type DiskState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'blank'; readonly device: string; readonly bytes: number }
  | {
      readonly kind: 'filesystem';
      readonly device: string;
      readonly bytes: number;
      readonly type: string;
      readonly uuid: string;
    }
  /** Partitions, LVM, several signatures, or bytes that nothing recognises. */
  | { readonly kind: 'other'; readonly device: string; readonly bytes: number; readonly detail: string };

/**
 * Finds the disk of an EBS volume: by the link udev makes of its serial number, by the serial number itself, and on
 * machines without NVMe by `fallback`, the name it was attached under. `blank` needs more than blkid's silence, which
 * also follows an error: the first and last MiB must be zero.
 */
export const blockDevice = (volumeId: string, fallback = '/dev/xvdf'): Query => {
  const serial = volumeId.replace('-', '');
  return query(sh`device=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${serial}
if [ ! -b "$device" ]; then
  name=$(lsblk -dno NAME,SERIAL 2>/dev/null | awk -v serial=${serial} '$2 == serial { print $1 }')
  device=\${name:+/dev/$name}
fi
if [ -z "$device" ] && [ -b ${fallback} ] && [ -z "$(lsblk -dno SERIAL ${fallback} 2>/dev/null)" ]; then device=${fallback}; fi
[ -n "$device" ] || { echo state=missing; exit; }
device=$(readlink -f "$device")
bytes=$(blockdev --getsize64 "$device") || exit
printf 'DEVICE=%s\nBYTES=%s\n' "$device" "$bytes"
blkid -p -o export "$device"
case $? in
  0) echo state=signature ;;
  2) used=$({ head -c 1048576 "$device" && tail -c 1048576 "$device"; } | tr -d '\000' | wc -c)
     read_bytes=$(head -c 1048576 "$device" | wc -c)
     if [ "$used" = 0 ] && [ "$read_bytes" -gt 0 ]; then echo state=blank; else echo state=unrecognised; fi ;;
  *) echo state=ambiguous ;;
esac
`);
};

export function parseDisk(text: string): DiskState {
  const values = new Map(
    text.split('\n').map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );
  const state = values.get('state');
  if (state === undefined) throw unreadable(text);
  if (state === 'missing') return { kind: 'missing' };
  const disk = { device: values.get('DEVICE') ?? '', bytes: Number(values.get('BYTES')) };
  if (state === 'blank') return { kind: 'blank', ...disk };
  const type = values.get('TYPE');
  const uuid = values.get('UUID');
  if (state === 'signature' && values.get('USAGE') === 'filesystem' && type && uuid)
    return { kind: 'filesystem', ...disk, type, uuid };
  return { kind: 'other', ...disk, detail: detailOf(state, values) };
}

function detailOf(state: string, values: ReadonlyMap<string, string>): string {
  if (state === 'ambiguous') return 'several signatures';
  if (state === 'unrecognised') return 'data that nothing recognises';
  const table = values.get('PTTYPE');
  return table ? `a partition table (${table})` : (values.get('TYPE') ?? 'an unknown signature');
}

const unreadable = (text: string): MigrationError =>
  new MigrationError('disk-unreadable', 'What is on the data disk could not be found out.', {
    hint: 'Run the same command again; the disk is left as it is.',
    evidence: text.split('\n').slice(0, 10),
  });

export interface MountState {
  readonly source: string;
  readonly type: string;
  readonly options: string;
  readonly uuid: string;
}

/**
 * What is mounted exactly at a path; the last where several are. The UUID is read from the device itself: findmnt knows
 * none where udev does not run.
 */
export const mountPoint = (path: string): Query =>
  query(sh`line=$(findmnt -rn -o SOURCE,FSTYPE,OPTIONS --mountpoint ${path} | tail -n 1)
[ -z "$line" ] || echo "$line $(blkid -p -o value -s UUID "\${line%% *}" 2>/dev/null)"
`);

export function parseMountPoint(text: string): MountState | undefined {
  const [source, type, options, uuid = ''] = text.trim().split(' ');
  return source && type && options ? { source, type, options, uuid } : undefined;
}

export const fstab = (): Query => query('cat /etc/fstab 2>/dev/null || :');

/** What a file system has left, also for root. */
export const freeOn = (path: string): Query => query(sh`stat -f -c '%f %S %d' ${path}`);

/** Infinite where it was not read. */
export function parseFree(text: string): { readonly freeBytes: number; readonly freeFiles: number } {
  const [blocks, unit, files] = text.trim().split(' ').map(Number);
  if (blocks === undefined || unit === undefined || files === undefined)
    return { freeBytes: Number.POSITIVE_INFINITY, freeFiles: Number.POSITIVE_INFINITY };
  return { freeBytes: blocks * unit, freeFiles: files };
}
