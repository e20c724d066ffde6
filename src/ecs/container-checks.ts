import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { healthBounds } from './health-check.ts';
import { isLogDriver } from './lifecycle-rules.ts';
import { isUlimit } from './resource-rules.ts';
import { isCapability, isIpcSysctl } from './security-rules.ts';
import { isTmpfsOption } from './tmpfs.ts';

/** What of a container breaks a rule: a message for each, and something falsy for what is in order. */
export type ContainerCheck = (
  container: ContainerDefinition,
  task: RegisterTaskDefinitionCommandInput,
) => readonly (string | false | undefined)[];

export function twice(values: readonly string[]): string[] {
  const seen = new Set<string>();
  return [...new Set(values.filter((value) => seen.has(value) || !seen.add(value)))];
}

const isAbsolute = (path = ''): boolean => path.startsWith('/');

/** §2, one row for each rule on a container by itself: its code, and what of the container breaks it. */
export const containerChecks: Readonly<Record<string, ContainerCheck>> = {
  'image-reference': ({ image = '' }) => [
    !/^[\w.:/#@-]{1,255}$/.test(image) && 'its image reference must have 1 to 255 of A-Z a-z 0-9 _ - : . / # @',
    /[:/@]$/.test(image) && `its image reference ${image} names no image`,
  ],
  'memory-missing': ({ memory, memoryReservation }, task) => [
    !memory && !memoryReservation && !task.memory && 'it needs memory, memoryReservation, or the task memory',
  ],
  'memory-too-small': ({ memory = 6, memoryReservation = 6 }) => [
    Math.min(memory, memoryReservation) < 6 && 'memory must be at least 6 MiB',
  ],
  'memory-order': ({ memory, memoryReservation }) => [
    memory !== undefined &&
      memoryReservation !== undefined &&
      memory <= memoryReservation &&
      'memory must be above memoryReservation',
  ],
  'container-cpu': ({ cpu = 0 }) => [cpu < 0 && 'cpu must not be below 0'],
  'command-word': ({ entryPoint = [] }) => [entryPoint[0] === '' && 'the first word of its entry point is empty'],
  environment: ({ environment = [], secrets = [] }) => {
    const names = [...environment, ...secrets].map(({ name = '' }) => name);
    return [names.includes('') && 'a variable has no name', ...twice(names).map((name) => `two variables ${name}`)];
  },
  'environment-files': ({ environmentFiles = [] }) => [environmentFiles.length > 10 && 'more than 10 environmentFiles'],
  'volume-missing': ({ mountPoints = [] }, { volumes = [] }) => {
    const missing = mountPoints.filter(({ sourceVolume }) => !volumes.some(({ name }) => name === sourceVolume));
    return [missing.length > 0 && `unknown volume ${missing.map(({ sourceVolume }) => sourceVolume).join(', ')}`];
  },
  'mount-path': ({ mountPoints = [], linuxParameters: { tmpfs = [] } = {} }) =>
    [...mountPoints, ...tmpfs].map(
      ({ containerPath }) => !isAbsolute(containerPath) && `"${containerPath}" is no absolute path`,
    ),
  'mount-twice': ({ mountPoints = [], linuxParameters: { tmpfs = [] } = {} }) => {
    const paths = twice([...mountPoints, ...tmpfs].map(({ containerPath = '' }) => containerPath));
    return [paths.length > 0 && `two mounts at ${paths.join(', ')}`];
  },
  tmpfs: ({ linuxParameters: { tmpfs = [] } = {} }) =>
    tmpfs.flatMap(({ size = 0, mountOptions = [] }) => [
      size < 1 && 'a tmpfs needs at least 1 MiB',
      ...mountOptions.map((option) => !isTmpfsOption(option) && `no tmpfs option ${option}`),
    ]),
  'shared-memory': ({ linuxParameters: { sharedMemorySize = 1 } = {} }) => [
    sharedMemorySize < 1 && 'sharedMemorySize must be at least 1 MiB',
  ],
  swap: ({ linuxParameters: { maxSwap = 0, swappiness = 0 } = {} }) => [
    maxSwap < 0 && 'maxSwap must not be below 0',
    (swappiness < 0 || swappiness > 100) && 'swappiness is 0 to 100',
  ],
  devices: ({ linuxParameters: { devices = [] } = {} }) =>
    devices.map(
      ({ hostPath, containerPath = hostPath }) =>
        !(isAbsolute(hostPath) && isAbsolute(containerPath)) && `the device ${hostPath} needs absolute paths`,
    ),
  capabilities: ({ linuxParameters: { capabilities: { add = [], drop = [] } = {} } = {} }) =>
    [...add, ...drop].map((name) => !isCapability(name) && `no capability ${name}`),
  ulimits: ({ ulimits = [] }) => [
    ...ulimits.map(({ name = '' as 'nofile' }) => !isUlimit(name) && `no ulimit ${name}`),
    ...twice(ulimits.map(({ name = '' }) => name)).map((name) => `ulimit ${name} twice`),
    ...ulimits.map(
      ({ name, softLimit = 0, hardLimit = 0 }) =>
        (softLimit < -1 || hardLimit < -1 || (hardLimit !== -1 && (softLimit > hardLimit || softLimit === -1))) &&
        `ulimit ${name}: the soft limit must not be above the hard one (${softLimit}:${hardLimit})`,
    ),
  ],
  'system-controls': ({ systemControls = [] }, { networkMode, ipcMode }) =>
    systemControls.map(({ namespace = '' }) => sysctlProblem(namespace, networkMode, ipcMode)),
  'health-check': ({ healthCheck }) => {
    if (healthCheck === undefined) return [];
    const [kind = '', ...rest] = healthCheck.command ?? [];
    const out = Object.entries(healthBounds).filter(([key, [low, high]]) => {
      const value = healthCheck[key as keyof typeof healthBounds] ?? low;
      return value < low || value > high;
    });
    return [
      (!['CMD', 'CMD-SHELL'].includes(kind) || rest.length === 0) &&
        'a health check is CMD or CMD-SHELL with a command',
      ...out.map(([key, [low, high]]) => `${key} of a health check is ${low} to ${high}`),
    ];
  },
  'log-driver-name': ({ logConfiguration }) => [
    logConfiguration !== undefined &&
      !isLogDriver(logConfiguration.logDriver ?? '') &&
      `no log driver ${logConfiguration.logDriver}`,
  ],
  'restart-policy-range': ({
    restartPolicy: { ignoredExitCodes = [], restartAttemptPeriod = 300 } = { enabled: false },
  }) => [
    ignoredExitCodes.length > 50 && 'more than 50 ignoredExitCodes',
    (restartAttemptPeriod < 60 || restartAttemptPeriod > 1800) && 'restartAttemptPeriod is 60 to 1800 s',
  ],
  'stop-timeout': ({ stopTimeout = 0 }) => [stopTimeout < 0 && 'stopTimeout must not be below 0'],
  'resource-requirements': ({ resourceRequirements = [] }) => [
    ...twice(resourceRequirements.map(({ type = '' }) => type)).map((type) => `${type} twice`),
    ...resourceRequirements.map(
      ({ value = '' }) => !/^([1-9]\d*|ALL)$/.test(value) && `"${value}" is no number of GPUs`,
    ),
  ],
};

function sysctlProblem(namespace: string, networkMode: string | undefined, ipcMode: string | undefined) {
  const isNet = namespace.startsWith('net.');
  if (!isNet && !isIpcSysctl(namespace)) return `no system control ${namespace}`;
  if (isNet && networkMode === 'host') return `${namespace} does not go with the network mode host`;
  return !isNet && ipcMode === 'host' && `${namespace} does not go with the ipc mode host`;
}
