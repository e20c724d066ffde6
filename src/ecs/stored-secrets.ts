import { createHash } from 'node:crypto';
import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import type { PortRewrite, SecretStore, WorkloadSecret } from '../design.ts';
import type { Container, Image } from '../inventory.ts';
import { secretName } from '../names.ts';
import { Secret } from '../secret.ts';
import { rewritten } from './port-rewrites.ts';

/**
 * One stored secret for each secret variable of a workload that its image does not bring along. Containers with the same
 * value share it; where values differ, the later container's name goes before the variable.
 */
export function workloadSecrets(
  { name: migration, secrets: store }: { readonly name: string; readonly secrets: SecretStore | 'plain' },
  workload: string,
  containers: readonly Container[],
  images: readonly Image[],
  rewritesOf: (container: Container) => readonly PortRewrite[] = () => [],
): WorkloadSecret[] {
  if (store === 'plain') return [];
  const stored = new Map<string, Secret>();
  return containers.flatMap((container) =>
    secretVariables(container, images, rewritesOf(container)).map(([variable, value]) => {
      const names = candidates(container, variable).map((part) => secretName(store, migration, workload, part));
      const name = names.find((each) => stored.get(each)?.equals(value) ?? true) ?? '';
      stored.set(name, value);
      return { container: container.name, variable, store, name };
    }),
  );
}

/** In the order in which they are tried; the last one no other variable has. */
const candidates = ({ name, id }: Container, variable: string): string[] =>
  [
    variable,
    `${name}_${variable}`,
    `${id.slice(0, 12)}_${variable}`,
    createHash('sha256').update(`${id}\n${variable}`).digest('hex'),
  ].map(namePart);

/** What both stores allow in the last part of a name. Secrets Manager reads a dash and six characters at the end as its own. */
const namePart = (text: string): string => text.replace(/[^A-Za-z0-9_.]/g, '_');

/** Of a variable that is there twice the last one counts. */
function secretVariables(
  { env, imageId }: Container,
  images: readonly Image[],
  rewrites: readonly PortRewrite[],
): [string, Secret][] {
  const inherited = images.find(({ id }) => id === imageId)?.env ?? [];
  const last = new Map(env.map((each) => [each.name, rewritten(each, rewrites)]));
  return [...last].flatMap(([name, value]): [string, Secret][] =>
    value instanceof Secret && !inherited.includes(`${name}=${value.reveal()}`) ? [[name, value]] : [],
  );
}

export interface Site {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/**
 * Where ECS finds the value: `valueFrom`. An ARN of Secrets Manager ends in six characters that AWS makes up; until there is
 * such a secret, it is without them.
 */
export const valueFromOf = (
  { store, name }: Pick<WorkloadSecret, 'store' | 'name'>,
  { partition, region, account }: Site,
): string =>
  store === 'ssm'
    ? `arn:${partition}:ssm:${region}:${account}:parameter${name}`
    : `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}`;

/** The definition with the whole ARN of every secret that is there: ECS and its agent ask for the six characters too. */
export function withWholeArns<D extends RegisterTaskDefinitionCommandInput>(definition: D, arns: readonly string[]): D {
  const whole = new Map(arns.map((arn) => [arn.replace(/-\w{6}$/, ''), arn]));
  return {
    ...definition,
    containerDefinitions: (definition.containerDefinitions ?? []).map((container) =>
      container.secrets === undefined
        ? container
        : {
            ...container,
            secrets: container.secrets.map(({ name, valueFrom = '' }) => ({
              name,
              valueFrom: whole.get(valueFrom) ?? valueFrom,
            })),
          },
    ),
  };
}

/** The most bytes that one value may have: a standard parameter of SSM, a secret of Secrets Manager. */
const mostBytes = { ssm: 4096, 'secrets-manager': 65_536 } as const;

/** Why the store would refuse the value, and what to do; asked before AWS is, whose own complaint would repeat the value. */
export function whyUnfit(store: SecretStore, value: Secret): { message: string; remedy: string } | undefined {
  const bytes = Buffer.byteLength(value.reveal());
  const most = mostBytes[store];
  if (store === 'ssm' && /\{\{|\}\}/.test(value.reveal()))
    return { message: 'its value has {{ or }}, which SSM reads as a reference to another parameter', remedy: other };
  if (bytes > 0 && bytes <= most) return undefined;
  const remedy = bytes > most && bytes <= mostBytes['secrets-manager'] ? other : asFile;
  return { message: `its value has ${bytes} bytes, not 1 to ${most}`, remedy };
}

const other = 'Set "secrets: secrets-manager" in ecsodus.yaml: it takes up to 65536 bytes of any text.';
const asFile = 'Mount it as a file on the source, or set "secrets: plain" in ecsodus.yaml.';
