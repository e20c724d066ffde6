import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { glob } from 'ssh-config';
import { MigrationError, messageOf } from '../errors.ts';

/**
 * Text of an ssh_config file with its Include lines replaced by what they name. After an included file the block goes on
 * in which the Include stood; that block's condition does not reach into the included file's own Host blocks.
 */
export async function readWithIncludes(file: string, required: boolean, depth = 0): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' && !required) return '';
    throw new MigrationError('ssh-config-unreadable', `${file} cannot be read: ${messageOf(cause)}`, {
      hint: `Check it: ls -l ${file}`,
      cause,
    });
  });
  if (depth > 16)
    throw new MigrationError('ssh-config-loop', `${file} includes itself.`, { hint: `Mend Include in ${file}.` });
  const lines: string[] = [];
  let block = 'Host *';
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(host|match)[\s=]/i.test(line)) block = line;
    const included = /^\s*include(?:\s+|\s*=\s*)(?<patterns>.+)$/i.exec(line)?.groups?.patterns;
    if (included === undefined) lines.push(line);
    else lines.push(await readAll(included, depth), block);
  }
  return lines.join('\n');
}

async function readAll(patterns: string, depth: number): Promise<string> {
  const texts: string[] = [];
  for (const pattern of patterns.match(/"[^"]*"|\S+/g) ?? []) {
    for (const file of await matches(absolute(pattern.replaceAll('"', ''))))
      texts.push(await readWithIncludes(file, false, depth + 1));
  }
  return texts.join('\n');
}

/** Relative names are relative to ~/.ssh, wherever the including file is, as in OpenSSH. */
const absolute = (pattern: string): string => resolve(join(homedir(), '.ssh'), pattern.replace(/^~(?=\/)/, homedir()));

/** Wildcards are understood in the last part of the path. */
async function matches(pattern: string): Promise<readonly string[]> {
  if (!/[*?]/.test(pattern)) return [pattern];
  const names = await readdir(dirname(pattern)).catch(() => []);
  const visible = names.filter((name) => !name.startsWith('.') && glob(basename(pattern), name));
  return visible.sort().map((name) => join(dirname(pattern), name));
}
