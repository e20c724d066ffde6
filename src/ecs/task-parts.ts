import type { RegisterTaskDefinitionCommandInput, Volume } from '@aws-sdk/client-ecs';
import type { Finding } from '../finding.ts';
import type { Image } from '../inventory.ts';
import type { TaskPart } from './verdict.ts';

type Task = Omit<RegisterTaskDefinitionCommandInput, 'family' | 'containerDefinitions'>;

/** What a task's containers ask of it together; what they cannot all have is a blocker. */
export function mergeTaskParts(
  workload: string,
  containers: readonly (readonly TaskPart[])[],
): { task: Task; findings: Finding[] } {
  const network = oneOf(containers.map((parts) => firstOf(parts, 'networkMode') ?? 'bridge'));
  const pid = oneOf(containers.map((parts) => firstOf(parts, 'pidMode')));
  const ipc = oneOf(containers.map((parts) => firstOf(parts, 'ipcMode')));
  const cpu = firstOf(containers.flat(), 'cpu');
  const volumes = distinctVolumes(containers.flat().flatMap((part) => part.volumes ?? []));
  return {
    task: {
      networkMode: network.value ?? 'bridge',
      requiresCompatibilities: ['EC2'],
      ...(pid.value && { pidMode: pid.value }),
      ...(ipc.value && { ipcMode: ipc.value }),
      ...(cpu && { cpu }),
      ...(volumes.length > 0 && { volumes }),
    },
    findings: [
      ...(network.differ ? [conflict(workload, 'network-mode', 'network mode')] : []),
      ...(pid.differ && pid.value !== 'task' ? [conflict(workload, 'pid-mode', 'pid namespace')] : []),
      ...(ipc.differ && ipc.value !== 'task' ? [conflict(workload, 'ipc-mode', 'ipc namespace')] : []),
    ],
  };
}

const firstOf = <K extends keyof TaskPart>(parts: readonly TaskPart[], key: K): TaskPart[K] | undefined =>
  parts.find((part) => part[key] !== undefined)?.[key];

function oneOf<T>(values: readonly T[]): { value: T | undefined; differ: boolean } {
  return { value: values.find((value) => value !== undefined), differ: new Set(values).size > 1 };
}

const distinctVolumes = (volumes: readonly Volume[]): Volume[] => [
  ...new Map(volumes.map((volume) => [volume.name, volume])).values(),
];

const conflict = (subject: string, code: string, what: string): Finding => ({
  level: 'blocker',
  code: `${code}-conflict`,
  subject,
  message: `Its containers differ in ${what}, which ECS sets for a whole task.`,
  remedy: 'Give those that differ a workload of their own ("workloads:" in ecsodus.yaml).',
});

/** §1.1 Image: Docker's word for an architecture, and ECS's. 386 runs on x86_64. */
const architectures: Readonly<Record<string, 'X86_64' | 'ARM64'>> = {
  amd64: 'X86_64',
  '386': 'X86_64',
  arm64: 'ARM64',
};

/** ecsodus makes x86_64 instances only: an image for another machine could not be placed on them. */
export function platformOf(
  workload: string,
  images: readonly (Image | undefined)[],
): { task: Task; findings: Finding[] } {
  const found = [...new Set(images.flatMap((image) => (image === undefined ? [] : [image.architecture])))];
  const [first = 'amd64'] = found;
  const cpuArchitecture = architectures[first];
  const foreign = found.filter((architecture) => architectures[architecture] !== 'X86_64');
  return {
    task: cpuArchitecture === undefined ? {} : { runtimePlatform: { cpuArchitecture } },
    findings: [
      ...foreign.map(
        (architecture): Finding => ({
          level: 'blocker',
          code: 'architecture',
          subject: workload,
          message: `It has an image for ${architecture}; the container instance is x86_64.`,
          remedy: 'Build or pull the image for amd64 on the source.',
        }),
      ),
      ...(images.some((image) => image?.os === 'windows') ? [windowsImage(workload)] : []),
    ],
  };
}

const windowsImage = (subject: string): Finding => ({
  level: 'blocker',
  code: 'windows',
  subject,
  message: 'It has an image for Windows; ecsodus moves Linux containers.',
  remedy: 'Leave the container where it is.',
});
