import type { Setting } from './inspect-shape.ts';
import { isEmpty, listOf, numberOf, sameJson, textOf, textsOf } from './json.ts';
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
    value === undefined || host.Privileged === true || paths.every((path) => listOf(value).includes(path));

/** Where a default is more than "empty" (§0: daemon-filled values; and the zeros that mean something). */
const defaults: Partial<Record<Setting, IsDefault>> = {
  Platform: oneOf('linux'),
  // In another container's network it is that one's.
  'Config.Hostname': (value, { container, host }) =>
    isEmpty(value) || textOf(value) === container.id.slice(0, 12) || textOf(host.NetworkMode).startsWith('container:'),
  'Config.StopSignal': oneOf('SIGTERM', 'TERM', '15'), // old engines wrote it out
  'Config.StopTimeout': (value) => value === undefined,
  'HostConfig.NetworkMode': oneOf('default', 'bridge'),
  'HostConfig.MemorySwap': (value, { host }) => isEmpty(value) || value === 2 * numberOf(host.Memory),
  'HostConfig.MemorySwappiness': (value) => value === undefined || value === -1,
  'HostConfig.PidsLimit': oneOf(-1),
  'HostConfig.ShmSize': oneOf(64 * 1024 ** 2),
  'HostConfig.IpcMode': oneOf('private', 'shareable'),
  'HostConfig.CgroupnsMode': oneOf('private', 'host'), // filled in by the engine: host on cgroup v1, private on v2
  'HostConfig.Runtime': oneOf('runc', 'io.containerd.runc.v2', 'io.containerd.runtime.v1.linux'),
  'HostConfig.Isolation': oneOf('default'),
  'HostConfig.ConsoleSize': (value) => listOf(value).every((size) => size === 0),
  'HostConfig.MaskedPaths': containsAll('/proc/kcore', '/proc/latency_stats', '/proc/timer_list', '/sys/firmware'),
  'HostConfig.ReadonlyPaths': containsAll('/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'),
  'HostConfig.SecurityOpt': (value, { host }) => textsOf(value).every((option) => isFilledIn(option, host)),
  // Never defaults: ECS does otherwise where Docker's own default is in force.
  'HostConfig.LogConfig': never,
  'HostConfig.RestartPolicy': never,
};

/** The engine itself puts label=disable on privileged containers and on those in the host's pid or ipc namespace. */
export const isFilledIn = (securityOption: string, host: Subject['host']): boolean =>
  securityOption === 'label=disable' &&
  (host.Privileged === true || host.PidMode === 'host' || host.IpcMode === 'host');

/**
 * What Docker takes from the image where the container does not say, and so does the engine that ECS runs on. The rest
 * of an image's Config (`docker commit` writes a whole one) was true of a container that is long gone.
 */
const inherited: readonly Setting[] = [
  'Config.Entrypoint',
  'Config.Cmd',
  'Config.ExposedPorts',
  'Config.Healthcheck',
  'Config.Labels',
  'Config.StopSignal',
  'Config.User',
  'Config.Volumes',
  'Config.WorkingDir',
];

/** Those that can be taken away from what the image says; of the others, empty means the image's. */
const erasable: readonly Setting[] = ['Config.Entrypoint', 'Config.Cmd', 'Config.Healthcheck'];

/** Whether a setting says nothing beyond Docker's default or the image's own value. */
function isDefault(setting: Setting, value: unknown, subject: Subject): boolean {
  const key = setting.slice('Config.'.length);
  const ofImage = inherited.includes(setting) ? subject.imageConfig[key] : undefined;
  if (isEmpty(ofImage)) return (defaults[setting] ?? isEmpty)(value, subject);
  return sameJson(value, ofImage) || (isEmpty(value) && !erasable.includes(setting));
}

function readSetting(setting: Setting, { container, config, host }: Subject): unknown {
  if (setting === 'Config.Env') return container.env; // where secrets are a type of their own
  if (setting.startsWith('Config.')) return config[setting.slice('Config.'.length)];
  if (setting.startsWith('HostConfig.')) return host[setting.slice('HostConfig.'.length)];
  return setting === 'NetworkSettings.Networks'
    ? container.inspect.NetworkSettings.Networks
    : container.inspect[setting];
}

/** Those of `settings` that are not a default for this container, each with its value. */
export const settingsOf = (subject: Subject, settings: readonly Setting[]): readonly (readonly [Setting, unknown])[] =>
  settings
    .map((setting) => [setting, readSetting(setting, subject)] as const)
    .filter(([setting, value]) => !isDefault(setting, value, subject));
