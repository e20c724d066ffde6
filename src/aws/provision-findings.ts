import type { Design } from '../design.ts';
import type { Finding } from '../finding.ts';
import type { HostFacts } from '../inventory.ts';
import { namesOf } from '../names.ts';
import type { Volume } from './aws.ts';
import { neededDiskGib, wantedDiskGib } from './disk-size.ts';
import { firstBootFindings, type ObservedInstance, typeFindings } from './instance-findings.ts';
import { type Launch, launchFindings } from './launch-findings.ts';

export interface Observed extends ObservedInstance {
  readonly design: Pick<Design, 'workloads' | 'datasets'>;
  readonly sourceFacts: Pick<HostFacts, 'cpus' | 'memoryBytes' | 'operatorAddress'>;
  readonly volume: Volume | undefined;
  /** Undefined where there is an instance already. */
  readonly launch: Launch | undefined;
  /** Zone in which a new disk would be made. */
  readonly zone: string;
  /** Whether the private key of a running instance is not here. */
  readonly keyLost: boolean;
  readonly stateDirectory: string;
}

export const provisionFindings = (seen: Observed): Finding[] => [
  ...diskFindings(seen),
  ...typeFindings(seen),
  ...firstBootFindings(seen),
  ...(seen.launch ? launchFindings(seen.launch) : []),
  ...instanceFindings(seen),
  ...addressFindings(seen),
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

/** An Elastic IP outlives the migration, costs where it is unused, and there are five to an account: it is the operator's choice. */
function addressFindings({ config, instance }: Observed): Finding[] {
  if (instance && !instance.addressIsLent) return [];
  const id = instance?.id ?? '<i-…>';
  return [
    {
      level: 'info',
      code: 'address-lent',
      subject: namesOf(config.name).instance,
      message:
        'The public address of the instance is lent: stopped and started, though not rebooted, it has another, and DNS that names the old one leads to a stranger.',
      remedy: `Give it one that stays before DNS names it: ecsodus run --until provision; aws ec2 allocate-address; aws ec2 associate-address --instance-id ${id} --allocation-id <eipalloc-…>; then ecsodus run. Where that says AddressLimitExceeded: aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-0263D0A3 --desired-value <addresses>`,
    },
  ];
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
