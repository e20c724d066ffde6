import type { ContainerInstance } from '@aws-sdk/client-ecs';
import type { Config } from '../config.ts';
import type { Design } from '../design.ts';
import { nameType, roomFinding, shortfallFindings, whyChosen, whyNamed } from '../ecs/fit.ts';
import { type Offer, offerOf, offerRegistered } from '../ecs/instance-offer.ts';
import { wantedSwapMib } from '../ecs/swap.ts';
import { blocker, type Finding } from '../finding.ts';
import type { HostFacts } from '../inventory.ts';
import { firstBootTag, namesOf } from '../names.ts';
import type { Instance } from './aws.ts';
import type { ChosenType } from './choose-place.ts';
import { firstBootMark, longestUserData, userData } from './user-data.ts';

/** What the AMI's image is built for, and so what the instance type must be. */
const architecture = 'x86_64';

export interface ObservedInstance {
  readonly config: Config;
  readonly design: Pick<Design, 'workloads'>;
  readonly sourceFacts: Pick<HostFacts, 'cpus' | 'memoryBytes'>;
  readonly type: ChosenType;
  readonly instance: Instance | undefined;
  /** What ECS has on record of it, once its agent has joined the cluster. */
  readonly registered: ContainerInstance | undefined;
}

/** Whether there is such a type, and whether everything fits on it. */
export function typeFindings(seen: ObservedInstance): Finding[] {
  const { name, found } = seen.type;
  const remedy =
    'Set "instance.type" in ecsodus.yaml: aws ec2 describe-instance-types --query "InstanceTypes[].InstanceType"';
  if (!found) return [blocker('instance-type-unknown', name, `This region has no instance type ${name}.`, remedy)];
  if (!found.architectures.includes(architecture)) {
    const message = `${name} is ${found.architectures.join(', ')}, the image of the instance is ${architecture}.`;
    return [blocker('instance-architecture', name, message, remedy)];
  }
  const offer = seen.registered ? registeredOffer(seen.registered, name) : offerOf(found);
  const missing = shortfallFindings(seen.design.workloads, offer, largerFor(seen.instance));
  return [
    ...(missing.length > 0 ? missing : [roomFinding(seen.design.workloads, offer, why(seen))]),
    ...otherType(seen),
  ];
}

const registeredOffer = (registered: ContainerInstance, type: string): Offer => ({
  ...offerRegistered(registered),
  name: `${registered.ec2InstanceId} (${type})`,
});

function why({ config, instance, sourceFacts }: ObservedInstance): string {
  if (instance !== undefined) return 'The instance is there, and keeps its type.';
  if (config.instance.type !== undefined) return whyNamed;
  const gib = Math.round(sourceFacts.memoryBytes / 1024 ** 3);
  return `${whyChosen} The source has ${sourceFacts.cpus} processors and ${gib} GiB.`;
}

/** The type of an instance cannot be changed under its agent: it would not register again (§4). */
const largerFor =
  (instance: Instance | undefined) =>
  (type: string): string =>
    instance === undefined
      ? nameType(type)
      : `${nameType(type)} Stop what runs on ${instance.id}, then: aws ec2 terminate-instances --instance-ids ${instance.id}. The data disk stays; the next run makes a new instance.`;

function otherType({ config, instance }: ObservedInstance): Finding[] {
  const { type } = config.instance;
  if (instance === undefined || type === undefined || type === instance.type) return [];
  return [
    {
      level: 'warning',
      code: 'instance-type-kept',
      subject: namesOf(config.name).instance,
      message: `ecsodus.yaml names ${type}, but ${instance.id} is a ${instance.type}, and stays one.`,
      remedy: largerFor(instance)(type),
    },
  ];
}

/** What an instance does at its first boot, it does only then. */
export function firstBootFindings({ config, design, instance }: ObservedInstance): Finding[] {
  const { cluster, instance: subject } = namesOf(config.name);
  const asked = { swapMib: wantedSwapMib(design.workloads), setup: config.instance.setup };
  const bytes = Buffer.byteLength(userData({ cluster, migration: config.name, ...asked }));
  if (bytes > longestUserData) {
    const message = `With "instance.setup" the user-data of the instance has ${bytes} bytes; EC2 takes ${longestUserData}.`;
    return [blocker('setup-too-long', subject, message, 'Make it shorter: fetch what is long from somewhere.')];
  }
  const mark = firstBootMark(asked);
  if (instance === undefined || mark === undefined || instance.tags[firstBootTag] === mark) return [];
  const what = [
    ...(asked.swapMib > 0 ? [`${asked.swapMib} MiB of swap`] : []),
    ...(asked.setup === undefined ? [] : ['"instance.setup"']),
  ];
  return [
    {
      level: 'warning',
      code: 'first-boot-past',
      subject,
      message: `${instance.id} was made with other settings than these: ${what.join(' and ')}. They take effect at the first boot only.`,
      remedy: `Do by hand there what is missing. Or stop what runs there, then: aws ec2 terminate-instances --instance-ids ${instance.id}. The data disk stays; the next run makes a new instance.`,
    },
  ];
}
