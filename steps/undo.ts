import type { AwsWriter, DiskSnapshot, Instance, Volume } from '../src/aws/aws.ts';
import { findGroup } from '../src/aws/group-rules.ts';
import { knownHostsFile, targetKeyFile } from '../src/aws/host-keys.ts';
import { migrationTag } from '../src/aws/ours.ts';
import { isHandOver, ownerIfReachable } from '../src/data-disk.ts';
import { removeRunFolderScript } from '../src/data-key.ts';
import { endJobsScript } from '../src/detached.ts';
import { MigrationError } from '../src/errors.ts';
import type { Finding } from '../src/finding.ts';
import { pushedTags, type UntagImage } from '../src/image-tags.ts';
import { type RemoveView, removeViewScript, viewsToRemove } from '../src/lifted-view.ts';
import { namesOf, sourceRoot, sourceRun } from '../src/names.ts';
import { readOrigin } from '../src/origin.ts';
import { entriesOf, existing, parseExisting } from '../src/queries/folders.ts';
import { readFamilies } from '../src/read-families.ts';
import { storedSecrets } from '../src/read-secrets.ts';
import { keptOwn, removeRootScript } from '../src/source-root.ts';
import { asStep, type Change, type ReadContext, unknown, type WriteContext } from '../src/step.ts';

/** Something in AWS that goes by its name, or by its id where AWS wants that. */
interface RemoveFromAws extends Change {
  readonly kind: Removal;
  readonly what: string;
}

type Removal = keyof typeof removals;

type UndoChange =
  | RemoveView
  | UntagImage
  | RemoveFromAws
  | (Change & { readonly kind: 'run-folder' | 'root-folder' | 'login' })
  | (Change & { readonly kind: 'committed'; readonly reference: string });

/** By kind: what takes it away. */
const removals = {
  service: (aws: AwsWriter, name: string, { config }: WriteContext) =>
    aws.deleteService(namesOf(config.name).cluster, name),
  definition: (aws: AwsWriter, family: string, { config }: WriteContext) =>
    aws.deregisterTaskDefinitions(family, config.name),
  parameter: (aws: AwsWriter, name: string) => aws.deleteParameter(name),
  secret: (aws: AwsWriter, name: string) => aws.deleteSecret(name),
  instance: (aws: AwsWriter, name: string, { signal }: WriteContext) => aws.terminateInstance(name, signal),
  disk: (aws: AwsWriter, id: string) => aws.deleteVolume(id),
  'ebs-snapshot': (aws: AwsWriter, id: string) => aws.deleteSnapshot(id),
  group: (aws: AwsWriter, id: string) => aws.deleteSecurityGroup(id),
  'key-pair': (aws: AwsWriter, name: string) => aws.deleteKeyPair(name),
  profile: (aws: AwsWriter, name: string) => aws.deleteInstanceProfile(name),
  role: (aws: AwsWriter, name: string) => aws.deleteRole(name),
  cluster: (aws: AwsWriter, name: string) => aws.deleteCluster(name),
  repository: (aws: AwsWriter, name: string) => aws.deleteRepository(name),
};

/** Takes away all that the migration has made, in AWS and on the source, while the source owns the data. */
export const undo = asStep<UndoChange>({
  id: 'undo',
  title: 'Undo: remove what the migration has made',
  needs: ['inventory'],

  plan: async (context) => {
    const seen = await look(context);
    return { changes: await wanted(context, seen), outputs: {}, findings: kept(context, seen) };
  },

  apply: async (change, context) => {
    const { source, config, state } = context;
    switch (change.kind) {
      case 'view':
        return void (await source.run(removeViewScript(config.name, change.container)));
      case 'untag':
        return void (await source.docker.untag(change.reference));
      case 'committed':
        return source.docker.removeImage(change.reference);
      case 'run-folder': {
        const scripts = [endJobsScript(sourceRun(config.name)), removeRunFolderScript(config.name)];
        return void (await source.run(scripts.join('\n')));
      }
      case 'root-folder':
        return void (await source.run(removeRootScript(config.name)));
      case 'login':
        await state.remove(targetKeyFile);
        return state.remove(knownHostsFile);
      default:
        return removals[change.kind](context.aws, change.what, context);
    }
  },

  verify: async (context) => {
    const left = await wanted(context, await look(context));
    return [
      {
        name: 'nothing left behind',
        status: left.length === 0 ? 'ok' : 'fail',
        reason: left.map(({ target }) => target).join(', ') || 'nothing of ours',
      },
    ];
  },
});

/** Last made, first removed. */
const wanted = async (context: ReadContext, seen: Seen): Promise<UndoChange[]> => [
  ...(await fromRegister(context)),
  ...(await fromProvision(context, seen)),
  ...(await fromPush(context)),
  ...(await fromSource(context, seen)),
];

async function fromRegister({ aws, config, design }: ReadContext): Promise<UndoChange[]> {
  const { cluster } = namesOf(config.name);
  const services = (await aws.services(cluster)).flatMap(({ serviceName }) => serviceName ?? []);
  const families = Object.entries(await readFamilies(design, aws));
  const defined = families.filter(([, newest]) => newest?.tags[migrationTag] === config.name);
  const stored = (await storedSecrets(design, aws)).filter(({ value }) => value !== undefined);
  return [
    ...services.map((name) => removal('service', name, `service ${name}`)),
    ...defined.map(([family]) => removal('definition', family, `task definition ${family}, all our revisions`)),
    ...stored.map(({ secret: { store, name } }) =>
      store === 'ssm'
        ? removal('parameter', name, `SSM parameter ${name}`)
        : removal('secret', name, `secret ${name} of Secrets Manager, which keeps it for 30 days`),
    ),
  ];
}

async function fromProvision(
  context: ReadContext,
  { instance, volume, snapshots, isDiskKept }: Seen,
): Promise<UndoChange[]> {
  const { aws, config, state } = context;
  const names = namesOf(config.name);
  const [group, keyPair, key, profile, hasCluster] = await Promise.all([
    findGroup(context),
    aws.findKeyPair(names.keyPair),
    aws.findParameter(names.operatorKey),
    aws.findInstanceProfile(names.instanceProfile),
    aws.hasCluster(names.cluster),
  ]);
  const roles = [names.instanceRole, names.executionRole];
  const made = await thatAre(roles, async (role) => (await aws.findRole(role)) !== undefined);
  const hasLogin = (await state.has(targetKeyFile)) || (await state.has(knownHostsFile));
  return [
    ...(instance ? [removal('instance', names.instance, `instance ${names.instance} (${instance.id})`)] : []),
    ...(volume && !isDiskKept
      ? [removal('disk', volume.id, `disk ${names.volume}, with the copy of the data`, names.volume)]
      : []),
    ...(isDiskKept ? [] : snapshots).map(({ id, startedAt, tags }) =>
      removal('ebs-snapshot', id, `EBS snapshot of ${startedAt}`, tags['ecsodus:change'] ?? id),
    ),
    ...(group ? [removal('group', group.id, `security group ${names.securityGroup}`, names.securityGroup)] : []),
    ...(keyPair ? [removal('key-pair', names.keyPair, `key pair ${names.keyPair}`)] : []),
    ...(key ? [removal('parameter', names.operatorKey, `SSM parameter ${names.operatorKey}`)] : []),
    ...(profile ? [removal('profile', names.instanceProfile, `instance profile ${names.instanceProfile}`)] : []),
    ...made.map((role) => removal('role', role, `role ${role}`)),
    ...(hasCluster ? [removal('cluster', names.cluster, `ECS cluster ${names.cluster}`)] : []),
    ...(hasLogin ? [forgetLogin] : []),
  ];
}

async function fromPush({ aws, design, source }: ReadContext): Promise<UndoChange[]> {
  const repositories = [...new Set(design.images.map(({ repository }) => repository))];
  const committed = design.images.filter(({ committedFrom }) => committedFrom !== undefined);
  const there = await thatAre(
    committed,
    async ({ reference }) => (await source.docker.inspectImage(reference)) !== undefined,
  );
  return [
    ...(await thatAre(repositories, aws.hasRepository)).map((name) =>
      removal('repository', name, `repository ${name}, with its images`),
    ),
    ...(await pushedTags({ source, design })),
    ...there.map(({ reference, committedFrom }) => forgetCommitted(reference, String(committedFrom))),
  ];
}

async function fromSource({ source, config }: ReadContext, { entries }: Seen): Promise<UndoChange[]> {
  const [run, root] = [sourceRun(config.name), sourceRoot(config.name)];
  const there = parseExisting(await source.read(existing([run])));
  const made = entries.filter((name) => name !== keptOwn);
  return [
    ...(await viewsToRemove(source, config.name, 'nothing is read through it any more')),
    ...(there.length > 0 ? [folder('run-folder', run, 'temporary keys and scripts; what still copies is ended')] : []),
    ...(made.length > 0
      ? [folder('root-folder', root, 'snapshots and manifests; the data they are of stays where it is')]
      : []),
  ];
}

async function thatAre<T>(all: readonly T[], is: (one: T) => Promise<boolean>): Promise<T[]> {
  const found = await Promise.all(all.map(is));
  return all.filter((_, index) => found[index]);
}

/** What decides whether anything may be removed at all, and what is kept. */
interface Seen {
  readonly instance: Instance | undefined;
  readonly volume: Volume | undefined;
  readonly snapshots: readonly DiskSnapshot[];
  /** It was handed the data once, and after a rollback what visitors wrote there may be on it alone. */
  readonly isDiskKept: boolean;
  /** Names in the source's folder of ours. */
  readonly entries: readonly string[];
}

/** Throws while the target serves, or may. */
async function look(context: ReadContext): Promise<Seen> {
  const { aws, config, source } = context;
  const names = namesOf(config.name);
  const [instance, volume, snapshots, origin, entries] = await Promise.all([
    aws.findInstance(names.instance),
    aws.findVolume(names.volume),
    aws.findSnapshots(config.name),
    readOrigin(source, config.name),
    source.read(entriesOf(sourceRoot(config.name))).then(parseExisting),
  ]);
  const wasHandedOver = snapshots.some(isHandOver);
  const owner = await ownerIfReachable({ target: context.target, instance: instance ?? unknown('provision') });
  const mayServe = wasHandedOver && volume?.attachedTo !== undefined && owner !== 'source';
  if (origin !== undefined || owner === 'target' || mayServe) throw notRolledBack();
  return { instance, volume, snapshots, isDiskKept: wasHandedOver && volume !== undefined, entries };
}

function kept({ config }: ReadContext, { volume, isDiskKept, entries }: Seen): Finding[] {
  return [
    ...(volume && isDiskKept ? [diskKept(volume.id, namesOf(config.name).volume)] : []),
    ...(entries.includes(keptOwn) ? [ownKept(`${sourceRoot(config.name)}/${keptOwn}`)] : []),
  ];
}

const ownKept = (path: string): Finding => ({
  level: 'info',
  code: 'own-copy-kept',
  subject: path,
  message: "The source's own data from before a rollback stays there: it may be nowhere else.",
  remedy: `When you need it no longer, on the source: rm -r ${path}`,
});

const diskKept = (id: string, name: string): Finding => ({
  level: 'warning',
  code: 'disk-kept',
  subject: name,
  message: `The disk ${name} (${id}) served visitors once: what they wrote there may be nowhere else. It stays, with its snapshots.`,
  remedy: `When you need it no longer: aws ec2 delete-volume --volume-id ${id}, and the snapshots that aws ec2 describe-snapshots --owner-ids self shows.`,
});

const notRolledBack = (): MigrationError =>
  new MigrationError('not-rolled-back', 'The target serves, or may: nothing of it is removed.', {
    hint: 'Let the source take over first: ecsodus rollback. To stay on the target: ecsodus finish',
  });

/** `name` is for the id, where AWS knows the thing by an id of its own. */
const removal = (kind: Removal, what: string, target: string, name = what): RemoveFromAws => ({
  id: `remove:${kind}:${name}`,
  kind,
  verb: 'delete',
  target,
  reason: 'the migration made it',
  what,
});

const forgetLogin: UndoChange = {
  id: 'remove:login',
  kind: 'login',
  verb: 'delete',
  target: 'key and host keys of the instance, in the state folder',
  reason: 'there is no instance to log in to',
};

const forgetCommitted = (reference: string, container: string): UndoChange => ({
  id: `remove:committed:${reference}`,
  kind: 'committed',
  verb: 'delete',
  target: `image ${reference} on the source`,
  reason: `made for the push, of what ${container} wrote; the container has it still`,
  reference,
});

const folder = (kind: 'run-folder' | 'root-folder', path: string, reason: string): UndoChange => ({
  id: `remove:${kind}`,
  kind,
  verb: 'delete',
  target: `${path} on the source`,
  reason,
});
