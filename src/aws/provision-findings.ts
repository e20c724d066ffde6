import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import type { Config } from '../config.ts';
import type { Design } from '../design.ts';
import type { Finding } from '../finding.ts';
import type { HostFacts } from '../inventory.ts';
import { namesOf } from '../names.ts';
import type { Instance, InstanceType, Volume } from './aws.ts';
import { neededDiskGib, wantedDiskGib } from './disk-size.ts';

/** What the AMI's image is built for, and so what the instance type must be. */
const architecture = 'x86_64';

export interface Observed {
  readonly config: Config;
  readonly design: Pick<Design, 'workloads' | 'datasets'>;
  readonly sourceFacts: Pick<HostFacts, 'operatorAddress'>;
  readonly instanceType: InstanceType | undefined;
  readonly instance: Instance | undefined;
  readonly volume: Volume | undefined;
  /** Zone in which a new disk would be made. */
  readonly zone: string;
  /** Whether the private key of a running instance is not here. */
  readonly keyLost: boolean;
  readonly stateDirectory: string;
}

export const provisionFindings = (seen: Observed): Finding[] => [
  ...diskFindings(seen),
  ...typeFindings(seen),
  ...instanceFindings(seen),
];

function diskFindings({ config, design, volume, zone }: Observed): Finding[] {
  const subject = namesOf(config.name).volume;
  const needed = neededDiskGib(design.datasets);
  const sizeGib = volume?.sizeGib ?? config.disk.sizeGib ?? wantedDiskGib(design.datasets);
  const findings: Finding[] = [];
  if (sizeGib < needed) {
    findings.push({
      level: 'blocker',
      code: 'disk-too-small',
      subject,
      message: `The data does not fit on a disk of ${sizeGib} GiB; ${needed} GiB would do.`,
      remedy: volume
        ? `Make it larger: aws ec2 modify-volume --volume-id ${volume.id} --size ${needed}, then on the instance: sudo resize2fs <device>`
        : `Set "disk.sizeGib: ${needed}" or more in ecsodus.yaml.`,
    });
  }
  if (volume && volume.zone !== zone) {
    findings.push({
      level: 'blocker',
      code: 'zone-mismatch',
      subject,
      message: `The disk is in ${volume.zone}, the instance in ${zone}: EBS does not cross zones.`,
      remedy: `Set "instance.subnet" in ecsodus.yaml to a subnet in ${volume.zone}.`,
    });
  }
  return findings;
}

function typeFindings({ config, design, instanceType }: Observed): Finding[] {
  const { type } = config.instance;
  const remedy =
    'Set "instance.type" in ecsodus.yaml: aws ec2 describe-instance-types --query "InstanceTypes[].InstanceType"';
  if (!instanceType) {
    return [
      {
        level: 'blocker',
        code: 'instance-type-unknown',
        subject: type,
        message: `This region has no instance type ${type}.`,
        remedy,
      },
    ];
  }
  if (!instanceType.architectures.includes(architecture)) {
    return [
      {
        level: 'blocker',
        code: 'instance-architecture',
        subject: type,
        message: `${type} is ${instanceType.architectures.join(', ')}, the image of the instance is ${architecture}.`,
        remedy,
      },
    ];
  }
  const usable = usableMib(instanceType.memoryMib);
  const wanted = design.workloads.reduce((sum, { definition }) => sum + reservedMib(definition), 0);
  const facts = `${type} has ${instanceType.memoryMib} MiB of memory, of which tasks can have about ${usable}; these workloads reserve ${wanted}.`;
  return wanted > usable
    ? [
        {
          level: 'blocker',
          code: 'instance-too-small',
          subject: type,
          message: facts,
          remedy: 'Set "instance.type" in ecsodus.yaml to one with more memory.',
        },
      ]
    : [{ level: 'info', code: 'instance-type', subject: type, message: facts }];
}

/** The agent offers MemTotal less ECS_RESERVED_MEMORY (256); the kernel keeps some 6 % of what the type is sold with. */
const usableMib = (memoryMib: number): number => Math.floor(memoryMib * 0.94) - 256;

/** What placement counts: the task's memory, or each container's reservation, with shared memory and tmpfs (ecs-mapping.md §3). */
export function reservedMib({ memory, containerDefinitions = [] }: RegisterTaskDefinitionCommandInput): number {
  if (memory !== undefined) return Number(memory);
  return containerDefinitions.reduce((sum, container) => {
    const { sharedMemorySize = 0, tmpfs = [] } = container.linuxParameters ?? {};
    const inMemory = tmpfs.reduce((size, mount) => size + (mount.size ?? 0), sharedMemorySize);
    return sum + (container.memoryReservation ?? container.memory ?? 0) + inMemory;
  }, 0);
}

function instanceFindings({ config, sourceFacts, instance, keyLost, stateDirectory }: Observed): Finding[] {
  const subject = namesOf(config.name).instance;
  const findings: Finding[] = [];
  if (instance && (instance.state === 'stopped' || instance.state === 'stopping')) {
    findings.push({
      level: 'blocker',
      code: 'instance-stopped',
      subject,
      message: `The instance ${instance.id} is ${instance.state}.`,
      remedy: `Start it: aws ec2 start-instances --instance-ids ${instance.id}`,
    });
  }
  if (instance && keyLost) {
    findings.push({
      level: 'blocker',
      code: 'target-key-lost',
      subject,
      message: `The private key that logs in to ${instance.id} is not in ${stateDirectory}.`,
      remedy: `Copy ${stateDirectory} from the machine that made the instance. Where it is gone: stop what runs there, then aws ec2 terminate-instances --instance-ids ${instance.id}. The data disk stays; the next run makes a new instance.`,
    });
  }
  if (sourceFacts.operatorAddress.includes(':') && !/^::ffff:/i.test(sourceFacts.operatorAddress)) {
    findings.push({
      level: 'warning',
      code: 'operator-ipv6',
      subject,
      message: `You reach the source over IPv6 (${sourceFacts.operatorAddress}); the instance has an IPv4 address only, and will not let your IPv4 address in.`,
      remedy: 'Reach the source over IPv4: "AddressFamily inet" or its IPv4 address in ~/.ssh/config.',
    });
  }
  return findings;
}
