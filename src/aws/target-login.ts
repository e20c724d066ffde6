import { MigrationError } from '../errors.ts';
import { namesOf } from '../names.ts';
import { Secret } from '../secret.ts';
import { generateKeyPair, publicKeyOf } from '../ssh/keys.ts';
import type { StateWriter } from '../state.ts';
import type { WriteContext } from '../step.ts';
import type { AwsReader, Tags } from './aws.ts';
import { knownHostsFile, parseHostKeys, pinHostKeys, targetKeyFile } from './host-keys.ts';
import { appears } from './wait.ts';

/** How long an instance may take until its console shows host keys. Instances that are not Nitro take minutes. */
const consoleLimitMs = 600_000;

/** The private key is on the disk before AWS knows the public one, so that a crash between the two loses nothing. */
export async function importTargetKey(
  name: string,
  { aws, state }: Pick<WriteContext, 'aws' | 'state'>,
  tags: Tags,
): Promise<void> {
  const existing = await state.read(targetKeyFile);
  let publicKey = existing === undefined ? undefined : publicKeyOf(existing);
  if (publicKey === undefined) {
    const pair = generateKeyPair(name);
    await state.write(targetKeyFile, pair.privateKey.reveal());
    publicKey = pair.publicKey;
  }
  // Planned only where no instance has it: what AWS holds under this name opens nothing any more.
  if ((await aws.findKeyPair(name)) !== undefined) await aws.deleteKeyPair(name);
  await aws.importKeyPair({ name, publicKey, tags });
}

/** What AWS keeps for whoever loses the state folder. */
export async function keepTargetKey(
  parameter: string,
  { aws, state }: Pick<WriteContext, 'aws' | 'state'>,
  tags: Tags,
): Promise<void> {
  const privateKey = await state.read(targetKeyFile);
  if (privateKey !== undefined) await aws.putParameter(parameter, new Secret(privateKey), tags);
}

/**
 * Gives a state folder that has no login to the target the one AWS keeps: its key, and the host keys on the console. So
 * a lost folder is no loss. Nothing but the folder is written, and nothing where there is no instance yet.
 */
export async function recoverTargetLogin(
  migration: string,
  { aws, state }: { readonly aws: AwsReader; readonly state: StateWriter },
): Promise<void> {
  if ((await state.read(targetKeyFile)) !== undefined) return;
  const names = namesOf(migration);
  const [key, instance] = await Promise.all([aws.findParameter(names.operatorKey), aws.findInstance(names.instance)]);
  if (key === undefined || instance === undefined) return;
  await state.write(targetKeyFile, key.reveal());
  const hostKeys = parseHostKeys(await aws.consoleOutput(instance.id));
  if (hostKeys.length > 0) await pin(instance.id, hostKeys, state);
}

/** Waits until the console shows the host keys, and writes them into the state folder under the instance's id. */
export async function pinTarget(
  name: string,
  { aws, state, signal, progress }: Pick<WriteContext, 'aws' | 'state' | 'signal' | 'progress'>,
): Promise<void> {
  const instance = await aws.findInstance(name);
  if (!instance)
    throw new MigrationError('instance-missing', `There is no instance ${name}.`, { hint: 'Run again: ecsodus run' });
  progress({ message: `waiting for the console of ${instance.id} to show its host keys` });
  let console = '';
  const shown = async () => {
    console = await aws.consoleOutput(instance.id);
    const keys = parseHostKeys(console);
    return keys.length > 0 ? keys : undefined;
  };
  const keys = await appears(shown, { timeoutMs: consoleLimitMs, signal });
  if (!keys) throw unseen(instance.id, console);
  await pin(instance.id, keys, state);
}

const pin = async (instanceId: string, keys: readonly string[], state: StateWriter): Promise<void> =>
  state.write(knownHostsFile, pinHostKeys(await state.read(knownHostsFile), instanceId, keys));

const unseen = (id: string, console: string): MigrationError =>
  new MigrationError(
    'host-key-unseen',
    `The console of ${id} has shown no SSH host keys in ${consoleLimitMs / 60_000} minutes.`,
    {
      evidence: console.trimEnd().split(/\r?\n/).slice(-20),
      hint: `See whether it boots: aws ec2 get-console-output --latest --output text --instance-id ${id}. Then run again.`,
    },
  );
