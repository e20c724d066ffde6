import type { AwsReader } from '../aws/aws.ts';
import { jittered, pause } from '../aws/wait.ts';
import { MigrationError } from '../errors.ts';
import type { RegistryCredentials } from './docker.ts';

/** Before each further try, in ms. */
const waits = [1000, 3000, 10_000];

const passing = ['registry-busy', 'registry-unreachable', 'ssh-dropped'];

/**
 * Calls a registry until it answers: again after a while where it is busy or cannot be reached, which is no "no", or where
 * the connection to the engine was lost; and once with a fresh token where it refuses the one it was given, which may have
 * expired in the middle of a push. What was sent already is not sent again. Throws the last MigrationError when waiting does not help.
 */
export async function withRegistry<T>(
  aws: Pick<AwsReader, 'registryCredentials'>,
  call: (credentials: RegistryCredentials) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let credentials = await aws.registryCredentials();
  let renewed = false;
  for (let failures = 0; ; ) {
    try {
      return await call(credentials);
    } catch (error) {
      const code = error instanceof MigrationError ? error.code : '';
      const wait = waits[failures];
      if (code === 'registry-denied' && !renewed) {
        renewed = true;
        credentials = await aws.registryCredentials({ fresh: true });
      } else if (passing.includes(code) && wait !== undefined) {
        failures++;
        await pause(jittered(wait), signal);
      } else throw error;
    }
  }
}
