import type { SecretStore, WorkloadSecret } from '../design.ts';
import { type Site, valueFromOf } from '../ecs/stored-secrets.ts';
import { secretName } from '../names.ts';

export const secretPolicyName = 'ecsodus-secrets';

/** Characters that all inline policies of a role may have together (IAM quotas). */
const sizeLimit = 10_240;

const actions = { ssm: 'ssm:GetParameters', 'secrets-manager': 'secretsmanager:GetSecretValue' } as const;

interface SecretPolicy {
  readonly document: string;
  /** Whether it names each secret; else there are too many, and it names all of the migration. */
  readonly isExact: boolean;
}

/** Lets the execution role read exactly these secrets; undefined where there are none. */
export function secretPolicy(
  secrets: readonly WorkloadSecret[],
  site: Site,
  migration: string,
): SecretPolicy | undefined {
  const stores = [...new Set(secrets.map(({ store }) => store))].sort();
  if (stores.length === 0) return undefined;
  const exact = document(
    stores.map((store) => [
      store,
      [...new Set(secrets.filter((each) => each.store === store).map((each) => resource(each, site)))].sort(),
    ]),
  );
  // Too many to name one by one: then all of this migration, and still nobody else's.
  const all = (store: SecretStore) => valueFromOf({ store, name: secretName(store, migration, '*', '') }, site);
  if (exact.length <= sizeLimit) return { document: exact, isExact: true };
  return { document: document(stores.map((store) => [store, [all(store).replace(/\/$/, '')]])), isExact: false };
}

/** The six characters that Secrets Manager adds to a name are not known before, but always six. */
const resource = (secret: WorkloadSecret, site: Site): string =>
  `${valueFromOf(secret, site)}${secret.store === 'ssm' ? '' : '-??????'}`;

const document = (resources: readonly (readonly [SecretStore, readonly string[]])[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: resources.map(([store, Resource]) => ({ Effect: 'Allow', Action: actions[store], Resource })),
  });
