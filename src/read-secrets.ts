import { type Design, definedBy, type WorkloadSecret } from './design.ts';
import type { Secret } from './secret.ts';
import type { ReadContext } from './step.ts';

/** A secret as it stands in its store; neither value nor ARN where it is not there. */
export interface Stored {
  readonly secret: WorkloadSecret;
  readonly value?: Secret | undefined;
  readonly arn?: string | undefined;
}

/** Every secret of the design once: containers may share one. */
export async function storedSecrets(
  design: Pick<Design, 'workloads' | 'idle'>,
  aws: ReadContext['aws'],
): Promise<Stored[]> {
  const all = definedBy(design).flatMap(({ secrets }) => secrets);
  const once = [...new Map(all.map((secret) => [secret.name, secret])).values()];
  return Promise.all(
    once.map(async (secret) =>
      secret.store === 'ssm'
        ? { secret, value: await aws.findParameter(secret.name) }
        : { secret, ...(await aws.findSecret(secret.name)) },
    ),
  );
}
