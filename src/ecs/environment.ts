import type { EnvVariable } from '../inventory.ts';
import { reveal, Secret } from '../secret.ts';
import { visibleGpus } from './gpu-rules.ts';
import { isEmpty } from './json.ts';
import { rewritten } from './port-rewrites.ts';
import { whyUnfit } from './stored-secrets.ts';
import { approximated, lost, mapped, type Rule, type Subject, type Verdict, warning } from './verdict.ts';

/** §1.1 Env: what the image does not say already. The agent keeps a map, so of duplicates the last one counts. */
export const environment: Rule = (_, subject) => {
  const { env } = subject.container;
  const last = new Map(env.map((variable) => [variable.name, variable]));
  const times = (name: string) => env.filter((variable) => variable.name === name).length;
  const inherited = new Map((subject.image?.env ?? []).map(splitAtEquals));
  const verdicts = [...last.values()].flatMap((variable) =>
    one(variable, inherited, subject).map((verdict) =>
      times(variable.name) > 1 ? { ...verdict, note: lastCounts(verdict.note) } : verdict,
    ),
  );
  return signsWithoutRegion(env) ? [...verdicts, regionIsSet] : verdicts;
};

const lastCounts = (note: string): string =>
  ['set more than once: the last one counts', note].filter((part) => part !== '').join('; ');

const splitAtEquals = (entry: string): [string, string] => {
  const at = entry.indexOf('=');
  return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
};

function one(variable: EnvVariable, inherited: ReadonlyMap<string, string>, subject: Subject): readonly Verdict[] {
  const { name, value } = variable;
  if (value === undefined) return inherited.has(name) ? [removed(name)] : [];
  const moved = rewritten(variable, subject.rewrites);
  if (moved !== undefined && reveal(moved) !== reveal(value)) return [withOtherPort(variable, moved, subject)];
  if (inherited.get(name) === reveal(value)) return [];
  if (name === '') return [nameless(value)];
  if (name === visibleGpus && getsGpus(subject.host)) return [chosenByEcs(name, value)];
  if (setByAgent.test(name)) return [overwritten(name, value)];
  return value instanceof Secret ? [secret(name, value, subject)] : [plain(name, value)];
}

/** §5: what it calls has another port on the instance. */
function withOtherPort({ name, value = '' }: EnvVariable, moved: string | Secret, subject: Subject): Verdict {
  const changes = subject.rewrites.filter(({ variable }) => variable === name);
  const note = changes
    .map(({ hosts: [host], from, to }) => `${host} is called at ${to} in place of ${from}`)
    .join('; ');
  const verdict = moved instanceof Secret ? secret(name, moved, subject) : plain(name, moved);
  const shown = value instanceof Secret ? '[redacted]' : value;
  return { ...verdict, outcome: 'approximated', note, value: shown };
}

const getsGpus = ({ DeviceRequests, Runtime }: Subject['host']): boolean =>
  !isEmpty(DeviceRequests) || Runtime === 'nvidia';

/** §3: the agent writes these into every container, over what the definition says. */
const setByAgent = /^(ECS_CONTAINER_METADATA_URI(_V4)?|ECS_AGENT_URI)$/;

const overwritten = (at: string, value: string | Secret): Verdict =>
  approximated({}, 'the ECS agent sets it itself, to an address of its own', { at, value: String(value) });

const nameless = (value: string | Secret): Verdict =>
  lost('variable-name', 'It has a variable without a name, which ECS refuses.', 'Name it, or leave it out.', {
    at: '',
    value: value instanceof Secret ? '[redacted]' : value,
  });

/** §3: the agent sets AWS_REGION and AWS_DEFAULT_REGION unless the container does. */
function signsWithoutRegion(env: readonly EnvVariable[]): boolean {
  const has = (pattern: RegExp) => env.some(({ name, value }) => value !== undefined && pattern.test(name));
  const speaksS3 = has(/^(AWS|S3|SPACES|DO_SPACES)_|_(S3|SPACES)_/i) || env.some(({ value }) => isSpaces(value));
  return speaksS3 && !has(/^AWS_REGION$/) && !has(/^AWS_DEFAULT_REGION$/);
}

const isSpaces = (value: EnvVariable['value']): boolean =>
  value !== undefined && reveal(value).includes('digitaloceanspaces.com');

const regionIsSet = approximated({}, 'the ECS agent sets it, and AWS_DEFAULT_REGION, to the region of the instance', {
  at: 'AWS_REGION',
  value: '(not set)',
  finding: {
    level: 'info',
    code: 'aws-region',
    message:
      'The ECS agent sets AWS_REGION and AWS_DEFAULT_REGION in it, where nothing set them before: requests it signs for an S3-compatible store, DigitalOcean Spaces perhaps, may name another region.',
    remedy: 'Set AWS_REGION on the container to what that store expects, often us-east-1.',
  },
});

const removed = (at: string): Verdict =>
  lost(
    'removed-variable',
    `It removes the variable ${at} of its image, which a task definition cannot do.`,
    `Wrap the command in "env -u ${at}", or rebuild the image without it.`,
    { at, value: '(removed)' },
  );

const chosenByEcs = (at: string, value: string | Secret): Verdict =>
  approximated({}, 'ECS sets it to the GPUs it assigns', { at, value: reveal(value) });

const plain = (name: string, value: string): Verdict =>
  mapped({ environment: [{ name, value }] }, { at: name, value, target: 'environment' });

function secret(name: string, value: Secret, { storedAt }: Subject): Verdict {
  const stored = storedAt(name);
  const shown = { at: name, value: '[redacted]' };
  if (stored !== undefined) {
    const { store, valueFrom } = stored;
    const unfit = whyUnfit(store, value);
    const extra = { ...shown, target: `secrets: ${valueFrom}`, ...(unfit && { finding: cannotBeStored(name, unfit) }) };
    return mapped({ secrets: [{ name, valueFrom }] }, extra);
  }
  const finding = warning(
    'plain-secret',
    `${name} looks secret and stands in the task definition for everyone who may read it.`,
    'Leave "secrets: plain" out of ecsodus.yaml to keep it in SSM Parameter Store, or set "secrets: secrets-manager".',
  );
  return mapped({ environment: [{ name, value: value.reveal() }] }, { ...shown, target: 'environment', finding });
}

const cannotBeStored = (name: string, { message, remedy }: { message: string; remedy: string }) =>
  ({ level: 'blocker', code: 'secret-unfit', message: `${name} looks secret, but ${message}.`, remedy }) as const;
