import type { Volume } from '@aws-sdk/client-ecs';
import type { Mount } from '../inventory.ts';
import { isEmpty, type Json, recordOf, recordsOf, textOf } from './json.ts';
import { cleanPath, volumePath } from './places.ts';
import { sizedTmpfs } from './tmpfs.ts';
import {
  approximated,
  blocked,
  lost,
  mapped,
  nothing,
  type Rule,
  type Subject,
  type Verdict,
  warning,
} from './verdict.ts';

/** §1.5: `.Mounts` is what the container really has, whichever of Binds, Mounts, VolumesFrom or the image asked for it. */
export const mounts: Rule = (value, subject) =>
  (value as readonly Mount[]).filter((mount) => mount.Type !== 'tmpfs').flatMap((mount) => oneMount(mount, subject));

function oneMount(mount: Mount, subject: Subject): readonly Verdict[] {
  if (mount.Type === 'volume' && mount.Name !== undefined) return [volumeMount(mount, mount.Name, subject)];
  if (mount.Type === 'bind') return [bindMount(mount, subject), ...propagation(mount)];
  const remedy = 'Put what it holds into a volume or a directory of the source.';
  return [
    blocked('mount-type', `At ${mount.Destination} it has a mount of type ${mount.Type}.`, remedy, {
      at: mount.Destination,
      value: mount.Type,
    }),
  ];
}

/**
 * A named or anonymous volume. Not a host path but a local volume bound to its directory (§1.5 B): a directory that is
 * missing then fails the start, where a host path would silently begin with an empty one.
 */
function volumeMount(mount: Mount, volume: string, { places }: Subject): Verdict {
  const name = places.volumeName(volume);
  const extra = { at: mount.Destination, value: volume };
  if (mount.Driver !== undefined && mount.Driver !== '' && mount.Driver !== 'local') {
    const message = `Its volume ${volume} at ${mount.Destination} is kept by the driver ${mount.Driver}.`;
    return blocked(
      'volume-driver',
      message,
      'Copy it into a local volume on the source, or install that driver on the instance.',
      extra,
    );
  }
  const task = { volumes: [localVolume(name, volumePath(volume))] };
  return mapped(
    { mountPoints: [mountPoint(name, mount)] },
    { ...extra, task, detail: `volume ${name} on ${volumePath(volume)}` },
  );
}

const localVolume = (name: string, device: string): Volume => ({
  name,
  dockerVolumeConfiguration: {
    scope: 'shared',
    autoprovision: true,
    driver: 'local',
    driverOpts: { type: 'none', o: 'bind', device },
  },
});

function bindMount(mount: Mount, { places }: Subject): Verdict {
  const place = places.ofBind(mount.Source);
  const name = places.bindName(mount.Source);
  const task = { volumes: [{ name, host: { sourcePath: place.path } }] };
  const piece = { mountPoints: [mountPoint(name, mount)] };
  const extra = { at: mount.Destination, value: cleanPath(mount.Source), task, detail: `host path ${place.path}` };
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

/** What `--mount` asked for and `.Mounts` does not show (§0). */
export const mountRequests: Rule = (value) => recordsOf(value).flatMap(mountRequest);

function mountRequest(request: Json): readonly Verdict[] {
  const path = textOf(request.Target);
  if (textOf(request.Type) === 'tmpfs') return [sizedTmpfs(path, recordOf(request.TmpfsOptions))];
  const volume = recordOf(request.VolumeOptions);
  if (!isEmpty(volume.Subpath)) {
    const message = `At ${path} it has only the directory ${textOf(volume.Subpath)} of a volume, which ECS cannot do.`;
    return [
      blocked('volume-subpath', message, 'Mount the whole volume, or give the directory a volume of its own.', {
        at: `${path}.Subpath`,
        value: volume.Subpath,
      }),
    ];
  }
  const options = recordOf(volume.DriverConfig).Options;
  if (isEmpty(options)) return [nothing(`Mounts.${path}`, { at: path, value: request })];
  return [volumeOptions(path, options)];
}

const volumeOptions = (path: string, options: unknown): Verdict =>
  approximated({}, 'its files are copied; the volume on the target is a plain directory', {
    at: `${path}.VolumeOptions`,
    value: options,
    finding: warning(
      'volume-options',
      `Its volume at ${path} was made with options, a network share perhaps.`,
      'Mount the share on the instance where it must stay shared.',
    ),
  });
