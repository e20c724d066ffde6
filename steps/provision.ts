import type { AwsReader, Instance } from '../src/aws/aws.ts';
import { choosePlace } from '../src/aws/choose-place.ts';
import { clientToken } from '../src/aws/client-token.ts';
import { targetKeyFile } from '../src/aws/host-keys.ts';
import type { Launch } from '../src/aws/launch-findings.ts';
import { askingOnce, hasKey, isMade, type Seen } from '../src/aws/made.ts';
import { neededActions } from '../src/aws/permissions.ts';
import { type ProvisionChange, wantedChanges } from '../src/aws/provision-changes.ts';
import { provisionFindings } from '../src/aws/provision-findings.ts';
import { importTargetKey, keepTargetKey, pinTarget } from '../src/aws/target-login.ts';
import { firstBootMark, userData } from '../src/aws/user-data.ts';
import { until } from '../src/aws/wait.ts';
import { check } from '../src/check.ts';
import { MigrationError } from '../src/errors.ts';
import { firstBootTag, namesOf, tagsOf } from '../src/names.ts';
import { asStep, type ReadContext, unknown, type WriteContext } from '../src/step.ts';

/** Everything AWS must have before data can come: cluster, roles, firewall, key, instance and disk. */
export const provision = asStep<ProvisionChange>({
  id: 'provision',
  title: 'Make the cluster, the instance and the data disk',
  needs: ['inventory'],

  plan: async (context) => {
    const { config, state } = context;
    const names = namesOf(config.name);
    const seen = askingOnce(context.aws);
    const [instance, volume] = await Promise.all([seen.findInstance(names.instance), seen.findVolume(names.volume)]);
    const [{ subnet, zone, type, wanted }, registered] = await Promise.all([
      wishes(context, instance),
      findRegistered(context, instance),
    ]);
    const [keyLost, missing, launch] = await Promise.all([
      instance !== undefined && canLogIn(seen, names.keyPair, context).then((can) => !can),
      missingOf(wanted, seen, context),
      instance === undefined ? lookAhead(context, { type, subnet }) : undefined,
    ]);
    return {
      // A new key pair would not open an instance that has the old one.
      changes: missing.filter(({ kind }) => !(keyLost && (kind === 'key' || kind === 'key-copy'))),
      outputs: { subnet, instance: instance ?? unknown('provision'), volume: volume ?? unknown('provision') },
      findings: provisionFindings({
        ...context,
        type,
        instance,
        registered,
        volume,
        zone,
        launch,
        keyLost,
        stateDirectory: state.directory,
      }),
    };
  },

  apply: async (change, context) => {
    await make(change, context);
    // AWS is eventually consistent: what was made now may not be listed yet, and the next plan would want it again.
    const listed = async () => (await isMade(change, context.aws, context.state)) || undefined;
    await until(listed, {
      what: `${change.target} to be listed`,
      timeoutMs: 120_000,
      everyMs: 1000,
      signal: context.signal,
    });
  },

  verify: async (context) => {
    const seen = askingOnce(context.aws);
    const names = namesOf(context.config.name);
    const [instance, volume] = await Promise.all([seen.findInstance(names.instance), seen.findVolume(names.volume)]);
    const { wanted } = await wishes(context, instance);
    const missing = await missingOf(wanted, seen, context);
    const address = instance?.state === 'running' ? instance.publicAddress : undefined;
    return [
      ...wanted.map((change) => check(change.target, !missing.includes(change), 'it is there', 'it is not there')),
      check(
        'instance reachable',
        address !== undefined,
        `running at ${address}`,
        `${instance?.state ?? 'absent'}, without a public address`,
      ),
      check(
        'disk and instance in one zone',
        volume?.zone === instance?.zone,
        `${volume?.zone}`,
        `${volume?.zone} and ${instance?.zone}`,
      ),
    ];
  },
});

/** Once there is an instance, its zone decides, not the subnet a new one would get. */
async function wishes(context: ReadContext, instance: Instance | undefined) {
  const [{ subnet, type }, ami] = await Promise.all([
    choosePlace(context.aws, context, instance, context.aws.findSubnets(context.config.instance.subnet)),
    context.aws.recommendedAmi(),
  ]);
  const zone = instance?.zone ?? subnet.zone;
  return { subnet, zone, type, wanted: wantedChanges({ ...context, subnet, zone, ami, type: type.name }) };
}

/** AWS makes default subnets public, so that only one the operator names is asked about. */
async function lookAhead(
  { aws, config, identity }: ReadContext,
  place: Pick<Launch, 'type' | 'subnet'>,
): Promise<Launch> {
  const [isPublic, quota, denied] = await Promise.all([
    config.instance.subnet === undefined || aws.hasInternetRoute(place.subnet),
    aws.findVcpuQuota(place.type.name),
    aws.findDenied(identity, neededActions(config.secrets)),
  ]);
  return { ...place, isPublic, quota, identity, denied };
}

/** What ECS has on record of the instance; its agent joins the cluster in a later step. */
async function findRegistered({ aws, config }: ReadContext, instance: Instance | undefined) {
  if (instance === undefined) return undefined;
  const registered = await aws.containerInstances(namesOf(config.name).cluster);
  return registered.find(({ ec2InstanceId }) => ec2InstanceId === instance.id);
}

async function missingOf(
  wanted: readonly ProvisionChange[],
  seen: Seen,
  { state }: ReadContext,
): Promise<ProvisionChange[]> {
  const made = await Promise.all(wanted.map((change) => isMade(change, seen, state)));
  return wanted.filter((_, index) => !made[index]);
}

/** With no key pair left in AWS, the private key here is taken to be the instance's. */
async function canLogIn(aws: Pick<AwsReader, 'findKeyPair'>, name: string, { state }: ReadContext): Promise<boolean> {
  const [pair, privateKey] = await Promise.all([aws.findKeyPair(name), state.read(targetKeyFile)]);
  return pair === undefined ? privateKey !== undefined : hasKey(pair, privateKey);
}

async function make(change: ProvisionChange, context: WriteContext): Promise<void> {
  const { aws, config, signal } = context;
  const tags = tagsOf(config.name, change.id);
  const token = clientToken(config.name, change.id);
  switch (change.kind) {
    case 'cluster':
      return aws.createCluster(change.name, tags);
    case 'role':
      return aws.createRole({ name: change.name, service: change.service, tags });
    case 'attached-policy':
      return aws.attachRolePolicy(change.role, change.arn);
    case 'inline-policy':
      return aws.putRolePolicy(change.role, change.name, change.document);
    case 'profile':
      return aws.createInstanceProfile(change.name, tags);
    case 'profile-role':
      return aws.addRoleToInstanceProfile(change.profile, change.role);
    case 'group':
      return aws.createSecurityGroup({ name: change.name, vpcId: change.vpcId, tags });
    case 'rule':
      return aws.allowIngress(await groupId(change.group, change.vpcId, aws), change.rule);
    case 'key':
      return importTargetKey(change.name, context, tags);
    case 'key-copy':
      return keepTargetKey(change.name, context, tags);
    case 'instance':
      return runInstance(change, context, token);
    case 'volume':
      return aws.createVolume({ ...change, clientToken: token, tags }, signal);
    case 'host-key':
      return pinTarget(change.instance, context);
  }
}

async function groupId(name: string, vpcId: string, aws: AwsReader): Promise<string> {
  const group = await aws.findSecurityGroup(name, vpcId);
  if (group) return group.id;
  throw new MigrationError('group-missing', `The security group ${name} is gone.`, { hint: 'Run again: ecsodus run' });
}

async function runInstance(
  change: ProvisionChange & { kind: 'instance' },
  context: WriteContext,
  token: string,
): Promise<void> {
  const { aws, config, signal } = context;
  const names = namesOf(config.name);
  const { name, type, ami, subnetId, vpcId, rootSizeGib, swapMib } = change;
  const firstBoot = { swapMib, setup: config.instance.setup };
  const mark = firstBootMark(firstBoot);
  const instance = {
    name,
    type,
    ami,
    subnetId,
    clientToken: token,
    groupId: await groupId(names.securityGroup, vpcId, aws),
    keyName: names.keyPair,
    profileName: names.instanceProfile,
    userData: userData({ cluster: names.cluster, migration: config.name, ...firstBoot }),
    tags: { ...tagsOf(config.name, change.id), ...(mark === undefined ? {} : { [firstBootTag]: mark }) },
    ...(rootSizeGib === undefined ? {} : { rootSizeGib }),
  };
  await aws.runInstance(instance, signal);
}
