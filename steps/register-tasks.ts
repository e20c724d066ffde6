import type { Service } from '@aws-sdk/client-ecs';
import type { Tags } from '../src/aws/aws.ts';
import { clientToken } from '../src/aws/client-token.ts';
import { foreignFamilies, type RegisteredFamilies } from '../src/aws/ours.ts';
import { until } from '../src/aws/wait.ts';
import { definedBy, type Workload, type WorkloadSecret } from '../src/design.ts';
import { withRegistry } from '../src/docker/with-registry.ts';
import { sameDefinition } from '../src/ecs/normalise.ts';
import { withRewrites } from '../src/ecs/port-rewrites.ts';
import { settingsToMend, settingsToSettle } from '../src/ecs/service-settings.ts';
import { withWholeArns } from '../src/ecs/stored-secrets.ts';
import { MigrationError } from '../src/errors.ts';
import type { Finding } from '../src/finding.ts';
import { namesOf, tagsOf } from '../src/names.ts';
import { readFamilies } from '../src/read-families.ts';
import { type Stored, storedSecrets } from '../src/read-secrets.ts';
import { Secret } from '../src/secret.ts';
import { asStep, type Change, isKnown, type Known, type ReadContext, unknown, type WriteContext } from '../src/step.ts';
import { requireTarget } from '../src/target.ts';

type RegisterChange = Change &
  (
    | { readonly kind: 'secret'; readonly secret: WorkloadSecret }
    | { readonly kind: 'definition' | 'service'; readonly workload: string }
    | { readonly kind: 'pull'; readonly reference: string }
  );

/** Everything ECS needs to start the workloads, down to the images on the instance; nothing is started yet. */
export const registerTasks = asStep<RegisterChange>({
  id: 'register-tasks',
  title: 'Register task definitions and services',
  needs: ['push-images', 'mount-data'],

  plan: async (context) => {
    const { config, design } = context;
    const [stored, families, services, unpulled] = await Promise.all([
      storedSecrets(context.design, context.aws),
      readFamilies(context.design, context.aws),
      readServices(context),
      missingOnTarget(context),
    ]);
    const definitions = definitionsIn(families, stored, context);
    const changes = [
      ...stored.filter((each) => !holdsValue(each, context)).map(putSecret),
      ...definedBy(design)
        .filter(({ name }) => !isKnown(definitions[name] ?? unknown('register-tasks')))
        .map(register),
      ...services.flatMap((each) => serviceChange(each, definitions) ?? []),
      ...unpulled.map(pull),
    ];
    return {
      changes,
      outputs: { definitions },
      findings: [...foreignFamilies(families, config.name), ...services.flatMap(unsettled)],
    };
  },

  apply: async (change, context) => {
    const { config, design } = context;
    const tags = tagsOf(config.name, change.id);
    if (change.kind === 'secret') return storeSecret(change, context, tags);
    if (change.kind === 'pull') return pullAhead(change.reference, context);
    const workload = definedBy(design).find(({ name }) => name === change.workload);
    if (workload === undefined) throw new Error(`no workload ${change.workload}`);
    if (change.kind === 'definition') return registerDefinition(workload, context, tags);
    await ensureService(workload, context, tags);
  },

  verify: async (context) => {
    const definitions = await registeredDefinitions(context, await storedSecrets(context.design, context.aws));
    return (await readServices(context)).map((each) => {
      const name = `service ${each.workload.name}`;
      const change = serviceChange(each, definitions);
      return change === undefined
        ? { name, status: 'ok', reason: String(definitions[each.workload.name]) }
        : { name, status: 'fail', reason: `ECS has it otherwise: ${change.reason}` };
    });
  },
});

/** A stored definition names the whole ARN of a secret: one that is not there yet, or was made anew, makes a new revision. */
const registeredDefinitions = async (context: ReadContext, stored: readonly Stored[]) =>
  definitionsIn(await readFamilies(context.design, context.aws), stored, context);

function definitionsIn(
  families: RegisteredFamilies,
  stored: readonly Stored[],
  { design }: Pick<ReadContext, 'design'>,
): Record<string, Known<string>> {
  const entries = definedBy(design).map(({ name, taskDefinition }): [string, Known<string>] => {
    const registered = families[taskDefinition.family];
    const same = registered && sameDefinition(withWholeArns(taskDefinition, arnsOf(stored)), registered);
    return [name, same ? String(registered.taskDefinitionArn) : unknown('register-tasks')];
  });
  return Object.fromEntries(entries);
}

const holdsValue = ({ secret, value }: Stored, context: ReadContext): boolean =>
  value?.equals(secretValue(secret, context)) === true;

const arnsOf = (stored: readonly Stored[]): string[] => stored.flatMap(({ arn }) => arn ?? []);

async function storeSecret(
  { id, secret }: RegisterChange & { readonly kind: 'secret' },
  context: WriteContext,
  tags: Tags,
): Promise<void> {
  const { aws, config } = context;
  const value = secretValue(secret, context);
  if (secret.store === 'ssm') return aws.putParameter(secret.name, value, tags);
  await aws.putSecret({ name: secret.name, value, clientToken: clientToken(config.name, id), tags });
}

function secretValue(
  { container, variable }: WorkloadSecret,
  { inventory, design }: Pick<ReadContext, 'inventory' | 'design'>,
): Secret {
  const found = inventory.containers.find(({ name }) => name === container);
  const value = found && withRewrites(found, design).env.findLast(({ name }) => name === variable)?.value;
  if (value instanceof Secret) return value;
  throw new MigrationError('secret-gone', `The container ${container} has no ${variable} any more.`, {
    hint: 'Look again: ecsodus plan',
  });
}

/** A workload with the service that ECS has for it. */
interface Served {
  readonly workload: Workload;
  readonly service: Service | undefined;
}

async function readServices({ aws, config, design }: ReadContext): Promise<Served[]> {
  const { cluster } = namesOf(config.name);
  return Promise.all(
    design.workloads.map(async (workload) => ({ workload, service: await aws.findService(cluster, workload.name) })),
  );
}

/** To make the service, or to let it run the wanted definition with the settings that one instance needs. */
function serviceChange(
  { workload: { name }, service }: Served,
  definitions: Readonly<Record<string, Known<string>>>,
): RegisterChange | undefined {
  const change = { id: `service:${name}`, kind: 'service', target: `service ${name}`, workload: name } as const;
  if (service === undefined)
    return { ...change, verb: 'create', reason: 'runs the definition; desired count 0 until cut-over' };
  const problems = settingsToMend(service);
  if (service.taskDefinition !== definitions[name]) problems.unshift('it runs another definition');
  return problems.length === 0 ? undefined : { ...change, verb: 'update', reason: problems.join('; ') };
}

/** §2: what would open one data directory twice, and was set by somebody for a reason. */
const unsettled = ({ workload, service }: Served): Finding[] =>
  (service === undefined ? [] : settingsToSettle(service)).map((problem) => ({
    level: 'blocker',
    code: 'service-settings',
    subject: workload.name,
    message: `ECS has a service ${workload.name} already, and ${problem}.`,
    remedy: 'Set its desired count to 0 or 1, or delete the service (aws ecs delete-service); then plan again.',
  }));

async function missingOnTarget({ target, instance, design }: ReadContext): Promise<string[]> {
  const started = design.workloads.flatMap(({ taskDefinition }) => taskDefinition.containerDefinitions ?? []);
  const references = design.images
    .map(({ reference }) => reference)
    .filter((reference) => started.some(({ image }) => image === reference));
  const host = await target(instance);
  if (host === undefined) return references;
  const there = await Promise.all(references.map((reference) => host.docker.inspectImage(reference)));
  return references.filter((_, index) => there[index] === undefined);
}

async function registerDefinition({ taskDefinition }: Workload, context: WriteContext, tags: Tags): Promise<void> {
  const stored = await listed('the secrets', context, async () => {
    const secrets = await storedSecrets(context.design, context.aws);
    return secrets.every(({ value }) => value !== undefined) ? secrets : undefined;
  });
  await context.aws.registerTaskDefinition({
    ...withWholeArns(taskDefinition, arnsOf(stored)),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
}

/** Desired count 0: cut-over alone starts it. A service that runs already keeps its count. */
async function ensureService({ name, taskDefinition }: Workload, context: WriteContext, tags: Tags): Promise<void> {
  const { aws, config } = context;
  const { cluster } = namesOf(config.name);
  const arn = await listed(`task definition ${taskDefinition.family}`, context, async () => {
    const known = (await registeredDefinitions(context, await storedSecrets(context.design, context.aws)))[name];
    return known !== undefined && isKnown(known) ? known : undefined;
  });
  if (await aws.findService(cluster, name)) return aws.updateService({ cluster, name, definition: arn });
  await aws.createService({ cluster, name, definition: arn, clientToken: `${cluster}-${name}`, tags });
}

/** What an earlier change made a moment ago may not be listed yet, or as it was before. */
const listed = <T>(what: string, { signal }: WriteContext, probe: () => Promise<T | undefined>): Promise<T> =>
  until(probe, { what: `${what} to be listed`, timeoutMs: 60_000, everyMs: 1000, signal });

async function pullAhead(reference: string, context: WriteContext): Promise<void> {
  const { aws, signal } = context;
  const target = await requireTarget(context);
  const onGot = (got: object) => context.progress({ message: 'pulling', ...got });
  await withRegistry(aws, (credentials) => target.docker.pull(reference, credentials, onGot, signal), signal);
}

const stores = { ssm: 'SSM parameter', 'secrets-manager': 'secret of Secrets Manager' } as const;

const putSecret = ({ secret, value }: Stored): RegisterChange => ({
  id: `secret:${secret.store}:${secret.name}`,
  kind: 'secret',
  verb: value === undefined ? 'create' : 'update',
  target: `${stores[secret.store]} ${secret.name}`,
  reason: `${secret.variable} of ${secret.container} looks secret`,
  secret,
});

const register = ({ name, taskDefinition }: Workload): RegisterChange => ({
  id: `definition:${taskDefinition.family}`,
  kind: 'definition',
  verb: 'create',
  target: `task definition ${taskDefinition.family}`,
  reason: `${taskDefinition.containerDefinitions?.length} containers: ${taskDefinition.containerDefinitions?.map((container) => container.name).join(', ')}`,
  workload: name,
});

const pull = (reference: string): RegisterChange => ({
  id: `pull:${reference}`,
  kind: 'pull',
  mayStop: true,
  verb: 'copy',
  target: `${reference} on the instance`,
  reason: 'pulled ahead, so that no download is part of the downtime',
  reference,
});
