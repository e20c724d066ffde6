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
  const { yes } = await prompt<{ yes: boolean }>([{ type: 'confirm', name: 'yes', message, default: false }]);
  return yes;
}

/** A password or passphrase; undefined without a terminal. */
export async function askSecret(message: string): Promise<Secret | undefined> {
  if (!isTerminal()) return undefined;
  const prompt = inquirer.createPromptModule({ output: process.stderr });
  const { value } = await prompt<{ value: string }>([{ type: 'password', name: 'value', message }]);
  return new Secret(value);
}

/** Whether to trust an unknown SSH host key; no without a terminal, so that the error says what to do. */
export const confirmHostKey = async (host: string, fingerprint: string): Promise<boolean> =>
  isTerminal() && confirm(`The host key of ${host} is not known yet: ${fingerprint}. Trust it?`, '');
