import inquirer from 'inquirer';
import { MigrationError } from '../errors.ts';
import { painter } from '../report/colour.ts';
import { cutEnd } from '../report/units.ts';
import { Secret } from '../secret.ts';
import type { Asker } from '../wizard/ask-question.ts';
import { wrap } from '../wizard/wrap.ts';

/** Questions go to the terminal only; without one nothing is ever asked. */
export const isTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

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
    hint: 'The same command asks again.',
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

const columns = (): number => Math.min(process.stderr.columns || 80, 80);

/** Rows that a list may have, so that the question above it stays in sight. */
const pageSize = (): number => Math.max(5, Math.min(15, (process.stderr.rows || 24) - 10));

const theme = {
  style: {
    keysHelpTip: (keys: readonly (readonly [string, string])[]) =>
      painter(process.stderr)('dim', [...keys, ['esc', 'back']].map((each) => each.join(' ')).join(' • ')),
  },
};

/** The wizard's questions. Each goes when it is answered, and leaves a line that says how; Escape leaves nothing. */
export const terminal: Asker = {
  one: async (message, choices, at) => {
    const named = choices.map((choice) => ({ ...choice, name: cutEnd(choice.name, columns() - 4) }));
    const question = { type: 'select', message, choices: named, default: at, loop: false, pageSize: pageSize(), theme };
    const shown = (value: string) => choices.find((choice) => choice.value === value)?.name ?? value;
    return answered(message, await orBack<string>(question), shown);
  },
  many: async (message, heading, rows) => {
    const choices = [new inquirer.Separator(`  ${heading}`), ...rows];
    const question = { type: 'checkbox', message, choices, loop: false, pageSize: pageSize(), theme };
    return answered(message, await orBack<string[]>(question), (values) => values.join(', ') || 'nothing');
  },
  text: async (message, at, refuse) => {
    // "none" is not a text that anybody would go on with.
    const prefill = at === 'none' ? 'tab' : 'editable';
    const validate = (text: string) => refuse(text) ?? true;
    const question = { type: 'input', message, default: at, prefill, validate };
    return answered(message, await orBack<string>(question), (value) => value);
  },
  say: (lines) => {
    for (const line of lines) process.stderr.write(`${line}\n`);
  },
  sayError: ({ message, hint = '', evidence }) => {
    const paint = painter(process.stderr);
    const lines = [`error ${message}`, ...evidence.map((line) => `  ${line}`), `hint  ${hint}`];
    for (const line of lines.flatMap((each) => wrap(each, '      ')))
      process.stderr.write(`${line.replace(/^error/, paint('red', 'error'))}\n`);
  },
};

function answered<T>(message: string, answer: T | undefined, shown: (answer: T) => string): T | undefined {
  if (answer === undefined) return undefined;
  const paint = painter(process.stderr);
  const asked = cutEnd(message, columns() - 4);
  const rest = columns() - 3 - asked.length;
  const value = shown(answer);
  const line = value.length <= rest ? ` ${paint('cyan', value)}` : `\n  ${paint('cyan', cutEnd(value, columns() - 3))}`;
  process.stderr.write(`${paint('blue', '›')} ${asked}${line}\n`);
  return answer;
}

/** Undefined when Escape was pressed. */
async function orBack<T>(question: Readonly<Record<string, unknown>>): Promise<T | undefined> {
  const backing = new AbortController();
  const onKey = (_: unknown, key?: { readonly name?: string }) => {
    if (key?.name === 'escape') backing.abort();
  };
  process.stdin.on('keypress', onKey);
  const prompt = inquirer.createPromptModule({
    output: process.stderr,
    signal: backing.signal,
    clearPromptOnDone: true,
  });
  try {
    const asked = prompt([{ ...question, name: 'answer' } as never]) as Promise<{ answer: T }>;
    return (await asked).answer;
  } catch (error) {
    return backing.signal.aborted ? undefined : ctrlC(error);
  } finally {
    process.stdin.off('keypress', onKey);
  }
}
