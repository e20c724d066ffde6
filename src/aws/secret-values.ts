import type { SecretStore } from '../design.ts';
import { whyUnfit } from '../ecs/stored-secrets.ts';
import { MigrationError } from '../errors.ts';
import type { Secret } from '../secret.ts';

/** Asked before AWS is: its own complaint would repeat the value, and so print a secret. */
export function mustFit(store: SecretStore, name: string, value: Secret): void {
  const unfit = whyUnfit(store, value);
  if (unfit === undefined) return;
  throw new MigrationError('secret-unfit', `${name} cannot be stored: ${unfit.message}.`, { hint: unfit.remedy });
}

/** Shorter values are parts of any sentence. */
const shortest = 6;

/** A call that carries a secret; what AWS says of a failure must not repeat it. */
export async function withoutValue<T>(value: Secret, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw error instanceof MigrationError && value.reveal().length >= shortest
      ? scrubbed(error, value.reveal())
      : error;
  }
}

function scrubbed(error: MigrationError, value: string): MigrationError {
  const hide = (text: string) => text.replaceAll(value, '[redacted]');
  if (hide(error.message) === error.message && !error.evidence.some((text) => text.includes(value))) return error;
  const cause = new Error(hide((error.cause as Error).message));
  cause.name = (error.cause as Error).name;
  const { code, hint, evidence } = error;
  return new MigrationError(code, hide(error.message), {
    ...(hint !== undefined && { hint: hide(hint) }),
    evidence: evidence.map(hide),
    cause,
  });
}
