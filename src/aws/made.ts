import { isDeepStrictEqual } from 'node:util';
import { Secret } from '../secret.ts';
import { publicKeyOf } from '../ssh/keys.ts';
import type { StateReader } from '../state.ts';
import type { AwsReader } from './aws.ts';
import { isPinned, knownHostsFile, targetKeyFile } from './host-keys.ts';
import type { ProvisionChange } from './provision-changes.ts';

const asked = [
  'findSecurityGroup',
  'findKeyPair',
  'findParameter',
  'findInstance',
  'findVolume',
  'findRole',
  'findInstanceProfile',
  'hasCluster',
] as const satisfies (keyof AwsReader)[];

export type Seen = Pick<AwsReader, (typeof asked)[number]>;

/** Gives each answer once: several changes look at the same role or group. */
export function askingOnce(aws: Seen): Seen {
  const answers = new Map<string, unknown>();
  const once = (name: (typeof asked)[number]) => [
    name,
    (...parameters: readonly unknown[]) => {
      const key = JSON.stringify([name, ...parameters]);
      if (!answers.has(key)) answers.set(key, (aws[name] as (...all: readonly unknown[]) => unknown)(...parameters));
      return answers.get(key);
    },
  ];
  return Object.fromEntries(asked.map(once)) as Seen;
}

/** Whether the world already is as the change would make it. Planning, applying and verifying all ask here. */
export async function isMade(change: ProvisionChange, aws: Seen, state: StateReader): Promise<boolean> {
  switch (change.kind) {
    case 'cluster':
      return aws.hasCluster(change.name);
    case 'role':
      return (await aws.findRole(change.name)) !== undefined;
    case 'attached-policy':
      return (await aws.findRole(change.role))?.managedPolicies.includes(change.arn) ?? false;
    case 'inline-policy':
      return isSamePolicy((await aws.findRole(change.role))?.inlinePolicies[change.name], change.document);
    case 'profile':
      return (await aws.findInstanceProfile(change.name)) !== undefined;
    case 'profile-role':
      return (await aws.findInstanceProfile(change.profile))?.includes(change.role) ?? false;
    case 'group':
      return (await aws.findSecurityGroup(change.name, change.vpcId)) !== undefined;
    case 'rule': {
      const group = await aws.findSecurityGroup(change.group, change.vpcId);
      return group?.rules.some(({ port, cidr }) => port === change.rule.port && cidr === change.rule.cidr) ?? false;
    }
    case 'key':
      return hasKey(await aws.findKeyPair(change.name), await state.read(targetKeyFile));
    case 'key-copy': {
      const privateKey = await state.read(targetKeyFile);
      return (
        privateKey !== undefined && (await aws.findParameter(change.name))?.equals(new Secret(privateKey)) === true
      );
    }
    case 'instance': {
      const instance = await aws.findInstance(change.name);
      return instance !== undefined && instance.state !== 'pending';
    }
    case 'volume': {
      const volume = await aws.findVolume(change.name);
      return volume !== undefined && volume.state !== 'creating';
    }
    case 'host-key': {
      const instance = await aws.findInstance(change.instance);
      return instance !== undefined && isPinned(await state.read(knownHostsFile), instance.id);
    }
  }
}

type FoundKey = Awaited<ReturnType<AwsReader['findKeyPair']>>;

/** Whether AWS's key pair is the one whose private half is here. */
export function hasKey(pair: FoundKey, privateKey: string | undefined): boolean {
  if (pair === undefined || privateKey === undefined) return false;
  const ours = publicKeyOf(privateKey);
  // AWS gives the public key back with its own comment, or none.
  return ours !== undefined && (pair.publicKey === undefined || typeAndKey(pair.publicKey) === ours);
}

const typeAndKey = (publicKey: string): string => publicKey.split(/\s+/).slice(0, 2).join(' ');

/** Compared as JSON: IAM may give back other white space. */
function isSamePolicy(found: string | undefined, wanted: string): boolean {
  try {
    return found !== undefined && isDeepStrictEqual(JSON.parse(found), JSON.parse(wanted));
  } catch {
    return false;
  }
}
