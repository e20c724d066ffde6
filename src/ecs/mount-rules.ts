import type { Volume } from '@aws-sdk/client-ecs';
import type { Mount } from '../inventory.ts';
import { recordOf, recordsOf, shown } from './json.ts';
import { cleanPath, volumePath } from './places.ts';
import { redacted } from './redact.ts';
import { sizedTmpfs } from './tmpfs.ts';
import { approximated, blocked, lost, mapped, type Rule, type Subject, type Verdict, warning } from './verdict.ts';

/** §1.5: `.Mounts` is what the container really has, whichever of Binds, Mounts, VolumesFrom or the image asked for it. */
export const mounts: Rule = (value, subject) =>
  (value as readonly Mount[]).flatMap((mount) => oneMount(mount, subject));

function oneMount(mount: Mount, subject: Subject): readonly Verdict[] {
  if (mount.Type === 'tmpfs') return isRequested(mount, subject) ? [] : [sizedTmpfs(mount.Destination, {}, !mount.RW)];
  if (mount.Type === 'volume' && mount.Name !== undefined) return [volumeMount(mount, mount.Name, subject)];
  if (mount.Type === 'bind') return [bindMount(mount, subject), ...propagation(mount)];
  return [otherMount(mount.Destination, mount.Type)];
}

/** Its size is in what asked for it (§0), which accounts for it: HostConfig.Tmpfs or HostConfig.Mounts. */
const isRequested = ({ Destination }: Mount, { host }: Subject): boolean =>
  Destination in recordOf(host.Tmpfs) ||
  recordsOf(host.Mounts).some(({ Type, Target }) => Type === 'tmpfs' && Target === Destination);

export const otherMount = (at: string, type: string): Verdict =>
  blocked(
    'mount-type',
    `At ${at} it has a mount of type ${type}.`,
    'Put what it holds into a volume or a directory of the source.',
    { at, value: type },
  );

/**
 * A named or anonymous volume. Not a host path but a local volume bound to its directory (§1.5 B): a directory that is
 * missing then fails the start, where a host path would silently begin with an empty one.
 */
function volumeMount(mount: Mount, volume: string, { places }: Subject): Verdict {
  const name = places.volumeName(volume);
  const { kind, options } = places.volume(volume);
  const { Driver: driver = '' } = mount;
  const isLocal = driver === '' || driver === 'local';
  const isAsItWas = !isLocal || kind === 'share' || kind === 'memory';
  const task = {
    volumes: [isAsItWas ? sameVolume(name, driver || 'local', options) : localVolume(name, volumePath(volume))],
  };
  const piece = { mountPoints: [mountPoint(name, mount)] };
  const extra = { at: mount.Destination, value: volume, task, target: `volume ${name} on ${volumePath(volume)}` };
  if (!isLocal) return foreignVolume(mount, volume, driver, piece, { ...extra, target: `volume ${name} of ${driver}` });
  if (kind === 'share')
    return share(volume, options, piece, { ...extra, target: `volume ${name}: ${options.device ?? ''}` });
  if (kind === 'memory') return mapped(piece, { ...extra, target: `volume ${name}: tmpfs` });
  if (kind === 'device') return { ...deviceVolume(volume, options, extra), container: piece };
  if (kind === 'plain' && Object.keys(options).length > 0)
    return approximated(piece, `without its options: ${shown(options)}`, extra);
  return mapped(piece, extra);
}

const volume = (name: string, driver: string, driverOpts: Readonly<Record<string, string>>): Volume => ({
  name,
  dockerVolumeConfiguration: { scope: 'shared', autoprovision: true, driver, driverOpts },
});

const localVolume = (name: string, device: string): Volume =>
  volume(name, 'local', { type: 'none', o: 'bind', device });

const sameVolume = volume;

type Piece = { mountPoints: ReturnType<typeof mountPoint>[] };
type Extra = { at: string; value: string; task: { volumes: Volume[] }; target: string };

/** Best effort beside the blocker: with that driver on the instance, the definition is right as it is. */
const foreignVolume = (
  { Destination }: Mount,
  name: string,
  driver: string,
  container: Piece,
  extra: Extra,
): Verdict => ({
  ...blocked(
    'volume-driver',
    `Its volume ${name} at ${Destination} is kept by the driver ${driver}.`,
    'Copy it into a local volume on the source, or install that driver on the instance and accept this.',
    extra,
  ),
  container,
});

/** §1.5: a share stays where it is, and the instance mounts it as the source did. */
function share(name: string, options: Readonly<Record<string, string>>, piece: Piece, extra: Extra): Verdict {
  const where = [options.device, options.o].map((option) => shown(redacted(option ?? ''))).join(' ');
  const hasSecret = shown(redacted(options)) !== shown(options);
  const secret = hasSecret ? ' Its password stands in the task definition as it is.' : '';
  const finding = warning(
    'network-volume',
    `Its volume ${name} is a share of another machine (${where}): it is not copied, and the instance mounts it too.${secret}`,
    'Let the share accept the instance’s address; what both sides write at once, they share.',
  );
  return approximated(piece, 'mounted from where it is; not copied', { ...extra, finding });
}

const deviceVolume = (name: string, options: Readonly<Record<string, string>>, extra: Extra): Verdict =>
  blocked(
    'volume-device',
    `Its volume ${name} is a file system of its own (${options.device ?? options.type ?? ''}), there only while the container runs.`,
    'Mount it on the source in /etc/fstab, use that directory as a bind mount, and plan again.',
    extra,
  );

function bindMount(mount: Mount, { places }: Subject): Verdict {
  const place = places.ofBind(mount.Source);
  const name = places.bindName(mount.Source);
  const task = { volumes: [{ name, host: { sourcePath: place.path } }] };
  const piece = { mountPoints: [mountPoint(name, mount)] };
  const extra = { at: mount.Destination, value: cleanPath(mount.Source), task, target: `host path ${place.path}` };
  if (place.why === 'data') return mapped(piece, extra);
  const finding = place.why === 'system' ? systemPath(mount) : specialFile(mount);
  return approximated(piece, 'the instance’s own; nothing is copied', { ...extra, finding });
}

const mountPoint = (sourceVolume: string, mount: Mount) => ({
  sourceVolume,
  containerPath: mount.Destination,
  readOnly: !mount.RW,
});

const systemPath = ({ Source }: Mount) =>
  warning(
    'system-path',
    `It mounts ${Source}, which belongs to the machine.`,
    'It gets the instance’s own: check that it finds there what it needs.',
  );

const specialFile = ({ Source }: Mount) =>
  warning(
    'special-file',
    `It mounts ${Source}, a socket or device.`,
    'It is not copied: whatever makes it must run on the instance too.',
  );

/** §1.5: only `:ro` ever reaches Docker. */
function propagation({ Propagation = '', Destination, Source }: Mount): readonly Verdict[] {
  if (Propagation === '' || Propagation === 'rprivate' || Propagation === 'private') return [];
  const message = `Mounts made below ${Source} later are seen through ${Destination} (${Propagation}); ECS mounts it private.`;
  return [
    lost('propagation', message, 'Start it after those mounts are made.', {
      at: `${Destination}.Propagation`,
      value: Propagation,
    }),
  ];
}
