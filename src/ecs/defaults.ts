import { isEmpty, listOf, numberOf, recordOf, sameJson, textOf, textsOf } from './json.ts';
import type { Subject } from './verdict.ts';

type IsDefault = (value: unknown, subject: Subject) => boolean;

const oneOf =
  (...values: readonly unknown[]): IsDefault =>
  (value) =>
    isEmpty(value) || values.includes(value);

const never: IsDefault = () => false;

/** A list the engine fills in; newer engines add to it. An explicit [] is `systempaths=unconfined`, not a default. */
const containsAll =
  (...paths: readonly string[]): IsDefault =>
  (value, { host }) =>
    value === null || value === undefined || host.Privileged === true || paths.every((p) => listOf(value).includes(p));

/** Where a default is more than "empty" (§0: daemon-filled values; and the zeros that mean something). */
const defaults: Readonly<Record<string, IsDefault>> = {
  'Config.Hostname': (value, { container }) => isEmpty(value) || textOf(value) === container.id.slice(0, 12),
  'Config.StopTimeout': (value) => value === null || value === undefined,
  'HostConfig.NetworkMode': oneOf('default', 'bridge'),
  'HostConfig.MemorySwap': (value, { host }) => isEmpty(value) || value === 2 * numberOf(host.Memory),
  'HostConfig.MemorySwappiness': (value) => value === null || value === undefined || value === -1,
  'HostConfig.PidsLimit': oneOf(-1),
  'HostConfig.ShmSize': oneOf(64 * 1024 ** 2),
  'HostConfig.IpcMode': oneOf('private', 'shareable'),
  'HostConfig.CgroupnsMode': oneOf('private', 'host'), // filled in by the engine: host on cgroup v1, private on v2
  'HostConfig.Runtime': oneOf('runc', 'io.containerd.runc.v2'),
  'HostConfig.Isolation': oneOf('default'),
  'HostConfig.ConsoleSize': (value) => listOf(value).every((size) => size === 0),
  'HostConfig.MaskedPaths': containsAll('/proc/kcore', '/proc/latency_stats', '/proc/timer_list', '/sys/firmware'),
  'HostConfig.ReadonlyPaths': containsAll('/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'),
  // The engine adds label=disable by itself to privileged containers and to those in the host's pid or ipc namespace.
  'HostConfig.SecurityOpt': (value, { host }) =>
    isEmpty(value) || (sameJson(textsOf(value), ['label=disable']) && isHostBound(host)),
  // Never defaults: ECS does otherwise where Docker's own default is in force.
  'HostConfig.LogConfig': never,
  'HostConfig.RestartPolicy': never,
  Platform: oneOf('linux'),
};

const isHostBound = (host: Readonly<Record<string, unknown>>): boolean =>
  host.Privileged === true || host.PidMode === 'host' || host.IpcMode === 'host';

/** What an image made by `docker commit` or an old builder remembers of a container that is long gone. */
const notOfTheImage = ['Config.Hostname', 'Config.Domainname'];

/** Whether a setting says nothing beyond Docker's default or, for `Config.*`, the image's own value. */
function isDefault(setting: string, value: unknown, subject: Subject): boolean {
  const isOfImage = setting.startsWith('Config.') && !notOfTheImage.includes(setting);
  const fromImage = isOfImage ? subject.imageConfig[setting.slice('Config.'.length)] : undefined;
  if (!isEmpty(fromImage)) return sameJson(value, fromImage);
  return (defaults[setting] ?? isEmpty)(value, subject);
}

/** Not settings: the environment is in Container.env, and the image's identity in Container.imageId. */
const elsewhere = ['Config.Env', 'Config.Image'];

/** Every setting of a container that is not a default, by inspect path. */
export function settingsOf(subject: Subject): readonly (readonly [string, unknown])[] {
  const { inspect, env } = subject.container;
  const all: [string, unknown][] = [
    ['Platform', inspect.Platform],
    ...Object.entries(subject.config).map(([key, value]): [string, unknown] => [`Config.${key}`, value]),
    ...Object.entries(subject.host).map(([key, value]): [string, unknown] => [`HostConfig.${key}`, value]),
    ['Mounts', inspect.Mounts],
    ['NetworkSettings.Networks', recordOf(inspect.NetworkSettings?.Networks)],
  ];
  const settings = all.filter(([setting]) => !elsewhere.includes(setting));
  return [...settings.filter(([setting, value]) => !isDefault(setting, value, subject)), ['Config.Env', env]];
}
