import type { Instance } from './aws/aws.ts';
import { MigrationError } from './errors.ts';
import type { HostWriter } from './host.ts';
import { isKnown, type Known, type WriteContext } from './step.ts';

/** The container instance, for steps that come after it must be there. */
export async function requireTarget({
  target,
  instance,
}: Pick<WriteContext, 'target' | 'instance'>): Promise<HostWriter> {
  const host = await target(instance);
  if (host !== undefined) return host;
  throw new MigrationError('no-target', 'There is no container instance to work on yet.', {
    hint: 'Make it first: ecsodus run --until provision',
  });
}

/** Where its sshd listens. */
export const sshPort = 22;

/** Where visitors and data reach the instance; undefined while that is not known. */
export const publicAddress = (instance: Known<Instance>): string | undefined =>
  isKnown(instance) ? instance.publicAddress : undefined;
