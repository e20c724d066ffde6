import type { Config } from '../config.ts';
import type { Design } from '../design.ts';
import { wantedSwapMib } from '../ecs/swap.ts';
import type { HostFacts } from '../inventory.ts';
import { namesOf } from '../names.ts';
import type { Change } from '../step.ts';
import type { Identity, SecurityRule, Subnet } from './aws.ts';
import { wantedDiskGib, wantedRootGib } from './disk-size.ts';
import { wantedNetwork } from './wanted-network.ts';
import { wantedRoles } from './wanted-roles.ts';

/** Each carries all that is needed to make it and to find it again, by names. */
export type ProvisionChange = Change &
  (
    | { readonly kind: 'cluster'; readonly name: string }
    | { readonly kind: 'role'; readonly name: string; readonly service: string }
    | { readonly kind: 'attached-policy'; readonly role: string; readonly arn: string }
    | { readonly kind: 'inline-policy'; readonly role: string; readonly name: string; readonly document: string }
    | { readonly kind: 'profile'; readonly name: string }
    | { readonly kind: 'profile-role'; readonly profile: string; readonly role: string }
    | { readonly kind: 'group'; readonly name: string; readonly vpcId: string }
    | { readonly kind: 'rule'; readonly group: string; readonly vpcId: string; readonly rule: SecurityRule }
    | { readonly kind: 'key' | 'key-copy'; readonly name: string }
    | InstanceChange
    | { readonly kind: 'volume'; readonly name: string; readonly zone: string; readonly sizeGib: number }
    | { readonly kind: 'host-key'; readonly instance: string }
  );

interface InstanceChange {
  readonly kind: 'instance';
  readonly name: string;
  readonly type: string;
  readonly ami: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly rootSizeGib?: number;
  /** Of the swap file that its first boot makes. */
  readonly swapMib?: number;
}

export interface Wishes {
  readonly config: Config;
  readonly identity: Identity;
  readonly design: Pick<Design, 'workloads' | 'idle' | 'datasets' | 'images'>;
  readonly sourceFacts: Pick<HostFacts, 'address' | 'operatorAddress'>;
  readonly subnet: Subnet;
  /** Zone of the instance: the subnet's, or that of the instance that is there already. */
  readonly zone: string;
  readonly ami: string;
  /** Of the instance: that of the one that is there, or the one it is going to have. */
  readonly type: string;
}

/** Everything AWS must have before data can come, in the order in which one thing needs another. */
export const wantedChanges = (wishes: Wishes): ProvisionChange[] => [
  cluster(wishes),
  ...wantedRoles(wishes),
  ...wantedNetwork(wishes),
  ...machine(wishes),
];

function cluster({ config }: Wishes): ProvisionChange {
  const name = namesOf(config.name).cluster;
  return {
    id: `cluster:${name}`,
    kind: 'cluster',
    verb: 'create',
    target: `ECS cluster ${name}`,
    reason: 'this migration has its own',
    name,
  };
}

function machine(wishes: Wishes): ProvisionChange[] {
  const { config, design, subnet, zone, ami, type } = wishes;
  const { keyPair, operatorKey, instance, volume } = namesOf(config.name);
  const swapMib = wantedSwapMib(design.workloads);
  const rootSizeGib = wantedRootGib(design.images, swapMib);
  const sizeGib = config.disk.sizeGib ?? wantedDiskGib(design.datasets);
  return [
    {
      id: `key:${keyPair}`,
      kind: 'key',
      verb: 'create',
      target: `key pair ${keyPair}`,
      reason: 'made on this machine, to log in to the instance',
      name: keyPair,
    },
    {
      id: `key-copy:${operatorKey}`,
      kind: 'key-copy',
      verb: 'create',
      target: `SSM parameter ${operatorKey}`,
      reason: 'the private key, encrypted: with the state folder lost, the next run logs in by it',
      name: operatorKey,
    },
    {
      id: `instance:${instance}`,
      kind: 'instance',
      verb: 'create',
      target: `instance ${instance} (${type}, ${ami})`,
      reason: ['runs the containers', ...firstBoot(swapMib, config.instance.setup)].join('; '),
      name: instance,
      type,
      ami,
      subnetId: subnet.id,
      vpcId: subnet.vpcId,
      ...(rootSizeGib === undefined ? {} : { rootSizeGib }),
      ...(swapMib === 0 ? {} : { swapMib }),
    },
    {
      id: `volume:${volume}`,
      kind: 'volume',
      verb: 'create',
      target: `disk ${volume} (${sizeGib} GiB gp3, encrypted, ${zone})`,
      reason: 'holds the data, mounted at /data',
      name: volume,
      zone,
      sizeGib,
    },
    {
      id: `host-key:${instance}`,
      kind: 'host-key',
      verb: 'record',
      target: `SSH host keys of ${instance}`,
      reason: 'read from its console, so that no connection is taken on trust',
      instance,
    },
  ];
}

/** What its first boot does besides; the lines themselves may hold a secret, and this is written to the journal. */
const firstBoot = (swapMib: number, setup: string | undefined): string[] => [
  ...(swapMib > 0 ? [`its first boot makes ${swapMib} MiB of swap`] : []),
  ...(setup === undefined ? [] : ['its first boot runs "instance.setup"']),
];
