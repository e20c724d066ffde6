import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MigrationError, messageOf } from '../errors.ts';
import { painter } from '../report/colour.ts';
import { wrapped } from '../report/wrapped.ts';
import type { Options } from './options.ts';

/** Prints what a command found: the JSON document with `--json`, else the text. */
export function print(options: Options, document: unknown, text: () => string): void {
  if (options.json) process.stdout.write(`${JSON.stringify(document)}\n`);
  else if (!options.quiet) process.stdout.write(`${wrapped(text(), process.stdout)}\n`);
}

/** Writes a document for people and scripts to keep. */
export async function writeDocument(file: string, document: unknown): Promise<void> {
  await writeFile(resolve(file), `${JSON.stringify(document, undefined, 2)}\n`).catch((cause: unknown) => {
    throw new MigrationError('out-unwritable', `Cannot write ${file}: ${messageOf(cause)}`, {
      hint: 'Name another file with --out FILE.',
      cause,
    });
  });
}

/** Tells the operator what went wrong and what to type. Returns the exit code. */
export function reportError(error: unknown, json: boolean): number {
  const paint = painter(process.stderr);
  if (!(error instanceof MigrationError)) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.stderr.write('This is a bug in ecsodus. Please report it: https://github.com/ecsodus/ecsodus/issues\n');
    return 70;
  }
  const { code, message, hint, evidence } = error;
  if (json) process.stdout.write(`${JSON.stringify({ type: 'error', code, message, hint, evidence })}\n`);
  process.stderr.write(`${paint('red', 'error')} ${message}\n`);
  for (const line of evidence) process.stderr.write(`  ${line}\n`);
  if (hint) process.stderr.write(`${paint('bold', 'hint')}  ${hint}\n`);
  return code === 'interrupted' ? 130 : 1;
}
