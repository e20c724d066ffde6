import type { EnvVariable } from '../inventory.ts';
import { reveal, Secret } from '../secret.ts';
import { isEmpty, textOf } from './json.ts';
import { approximated, lost, mapped, type Rule, type Subject, type Verdict, warning } from './verdict.ts';

/** §1.1 Env: what the image does not say already. The agent keeps a map, so of duplicates the last one counts. */
export const environment: Rule = (_, subject) => {
  const last = new Map(subject.container.env.map((variable) => [variable.name, variable]));
  const inherited = new Map((subject.image?.env ?? []).map(splitAtEquals));
  return [...last.values()].flatMap((variable) => one(variable, inherited, subject));
};

const splitAtEquals = (entry: string): [string, string] => {
  const at = entry.indexOf('=');
  return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
};

function one(variable: EnvVariable, inherited: ReadonlyMap<string, string>, subject: Subject): readonly Verdict[] {
  const { name, value } = variable;
  if (value === undefined) return inherited.has(name) ? [removed(name)] : [];
  if (inherited.get(name) === reveal(value)) return [];
  if (name === 'NVIDIA_VISIBLE_DEVICES' && !isEmpty(subject.host.DeviceRequests)) return [chosenByEcs(name, value)];
  return value instanceof Secret ? [secret(name, value, subject)] : [plain(name, value)];
}

const removed = (at: string): Verdict =>
  lost(
    'removed-variable',
    `It removes the variable ${at} of its image, which a task definition cannot do.`,
    `Wrap the command in "env -u ${at}", or rebuild the image without it.`,
    { at, value: '(removed)' },
  );

const chosenByEcs = (at: string, value: string | Secret): Verdict =>
  approximated({}, 'ECS sets it to the GPUs it assigns', { at, value: textOf(value) });

const plain = (name: string, value: string): Verdict =>
  mapped({ environment: [{ name, value }] }, { at: name, value, detail: 'environment' });

function secret(name: string, value: Secret, { parameterArn }: Subject): Verdict {
  const valueFrom = parameterArn(name);
  const shown = { at: name, value: '[redacted]' };
  if (valueFrom !== undefined) {
    const extra = { ...shown, detail: `secrets: ${valueFrom}` };
    return mapped({ secrets: [{ name, valueFrom }] }, isTooLong(value) ? { ...extra, finding: tooLong(name) } : extra);
  }
  const finding = warning(
    'plain-secret',
    `${name} looks secret and stands in the task definition for everyone who may read it.`,
    'Leave "secrets: plain" out of ecsodus.yaml to keep it in SSM Parameter Store.',
  );
  return mapped({ environment: [{ name, value: value.reveal() }] }, { ...shown, detail: 'environment', finding });
}

/** A standard parameter of SSM holds 4096 bytes. */
const isTooLong = (value: Secret): boolean => Buffer.byteLength(value.reveal()) > 4096;

const tooLong = (name: string) =>
  ({
    level: 'blocker',
    code: 'secret-too-long',
    message: `${name} looks secret and has more than the 4096 bytes that an SSM parameter holds.`,
    remedy: 'Mount it as a file on the source, or set "secrets: plain" in ecsodus.yaml.',
  }) as const;
