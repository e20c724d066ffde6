import inquirer from 'inquirer';
import { MigrationError } from '../errors.ts';
import { Secret } from '../secret.ts';

/** Questions go to the terminal only; without one nothing is ever asked. */
const isTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Asks yes or no. Without a terminal: MigrationError that names the flag which answers. */
export async function confirm(message: string, flag: string): Promise<boolean> {
  if (!isTerminal()) {
    throw new MigrationError('no-terminal', `There is no terminal to ask on: "${message}"`, {
      hint: `Say yes beforehand with ${flag}`,
    });
  }
  const prompt = inquirer.createPromptModule({ output: process.stderr });
  const asked = prompt<{ yes: boolean }>([{ type: 'confirm', name: 'yes', message, default: false }]);
  return (await asked.catch(ctrlC)).yes;
}

/** inquirer turns Ctrl-C at a question into an error of its own; to us it is the operator's wish to stop. */
function ctrlC(error: unknown): never {
  if (!(error instanceof Error) || error.name !== 'ExitPromptError') throw error;
  throw new MigrationError('interrupted', 'Stopped at a question; nothing was changed.', {
    hint: 'Go on: ecsodus run',
  });
}

/** A password or passphrase; undefined without a terminal. */
export async function askSecret(message: string): Promise<Secret | undefined> {
  if (!isTerminal()) return undefined;
  const prompt = inquirer.createPromptModule({ output: process.stderr });
  const asked = prompt<{ value: string }>([{ type: 'password', name: 'value', message }]);
  return new Secret((await asked.catch(ctrlC)).value);
}

/** Whether to trust an unknown SSH host key; no without a terminal, so that the error says what to do. */
export const confirmHostKey = async (host: string, fingerprint: string): Promise<boolean> =>
  isTerminal() && confirm(`The host key of ${host} is not known yet: ${fingerprint}. Trust it?`, '');
